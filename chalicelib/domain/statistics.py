"""A room's statistics, as the contract names them; ``docs/analysis.md`` defines each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.chats import Role


@dataclass(frozen=True, slots=True)
class Quantiles:
    """The middle and the upper tenth, where anything was counted."""

    median: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class WordCount:
    """A word and how often it was said."""

    text: str
    count: int


@dataclass(frozen=True, slots=True)
class ParticipantStatistics:
    """One person's figures. Times are in seconds, lengths in characters, shares 0.0 to 1.0."""

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
    """An ISO week. ``initiation_share`` is the user's share of the sessions begun in it."""

    week: str
    messages: int
    reply_time_median: float | None
    initiation_share: float | None


@dataclass  # no slots: one named ``date`` would stand before the type
class EmotionPoint:
    """How one role felt on one day: the mean shares of that day's text messages, which add up to 1."""

    date: date
    role: Role
    messages: int
    positive: float
    negative: float
    neutral: float
    mixed: float


@dataclass(frozen=True, slots=True)
class RoomStatistics:
    """A room's figures. ``heatmap`` counts messages by weekday (Monday first) and hour."""

    participants: tuple[ParticipantStatistics, ...]
    days_active: int
    streak: int
    sessions: int
    heatmap: tuple[tuple[int, ...], ...]
    weekly: tuple[Week, ...]
    first_message_at: datetime | None
    last_message_at: datetime | None


def initiation_share(initiations: Mapping[str, int], me: str | None) -> float | None:
    """Return the user's share of the sessions, given how many each name began. None without sessions or a user."""
    sessions = sum(initiations.values())
    return round(initiations.get(me, 0) / sessions, 4) if me is not None and sessions else None
