"""The statistics of a room. ``docs/analysis.md`` defines the fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.chats import Role


@dataclass(frozen=True, slots=True)
class Quantiles:
    """The median and the 90th percentile. None if there are no values."""

    median: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class WordCount:
    """A word and its number of occurrences."""

    text: str
    count: int


@dataclass(frozen=True, slots=True)
class ParticipantStatistics:
    """The figures of one participant. Times are in seconds, lengths in characters, shares 0.0 to 1.0."""

    name: str
    role: Role
    messages: int
    characters: int
    share: float
    reply_time: Quantiles
    length: Quantiles
    initiations: int
    questions: int
    laughter: int
    emoji: int
    photos: int
    calls: int
    deleted: int
    night_share: float
    longest_run: int
    unanswered: int
    top_words: tuple[WordCount, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """The figures of one ISO week. ``initiation_share`` is the share of sessions that the user began."""

    week: str
    messages: int
    reply_time_median: float | None
    initiation_share: float | None


# Without slots: a slot named ``date`` would hide the type of the same name.
@dataclass
class EmotionPoint:
    """The mean sentiment of one role's text messages on one day. The four shares add up to 1.0."""

    date: date
    role: Role
    messages: int
    positive: float
    negative: float
    neutral: float
    mixed: float


@dataclass(frozen=True, slots=True)
class RoomStatistics:
    """The figures of a room. ``heatmap`` counts messages by weekday (Monday first) and hour."""

    participants: tuple[ParticipantStatistics, ...]
    days_active: int
    streak: int
    sessions: int
    heatmap: tuple[tuple[int, ...], ...]
    weekly: tuple[Week, ...]
    first_message_at: datetime | None
    last_message_at: datetime | None


def initiation_share(initiations: Mapping[str, int], me: str | None) -> float | None:
    """Return the share of sessions that the user ``me`` began. None without sessions or a user.

    ``initiations`` are the sessions by the name of the participant who began them.
    """
    sessions = sum(initiations.values())
    return round(initiations.get(me, 0) / sessions, 4) if me is not None and sessions else None
