"""How the two of a room feel by their latest messages: what Comprehend is shown of them, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from itertools import pairwise
from statistics import fmean

from chalicelib.analysis.sentiment import SentimentCounts, sentiment_of, sentiment_shares_of, shares_from_scores
from chalicelib.analysis.text_windows import Window, windows
from chalicelib.domain import Caller, ChatLine, ComprehendCall, Kind, Role, SentimentScores
from chalicelib.services.ai import comprehend

# A day's mood has changed when its mean of positive less negative lies so far from the day before, and each has so
# many messages.
_CHANGE, _LEAST_MESSAGES = 0.3, 3

Mask = Callable[[str], str]
# Messages of one person with their places among the turns.
Said = list[tuple[int, ChatLine]]


@dataclass(frozen=True, slots=True)
class RoomSentiment:
    """What Comprehend said of messages, by their place among the turns, and the units that this took."""

    by_place: Mapping[int, SentimentScores]
    units: int = 0


LOCAL_ONLY = RoomSentiment({})


def read(caller: Caller, turns: Sequence[ChatLine], zone: tzinfo, mask: Mask) -> RoomSentiment:
    """Ask Comprehend about the latest messages of the two, and about the day on which the local model sees a change.

    Everything it is shown goes through ``mask``.
    """
    shown = [(window, (ComprehendCall.SENTIMENT, mask(window.text))) for window in significant_windows(turns, zone)]
    answers = comprehend.ask(caller, [question for _, question in shown])
    by_place: dict[int, SentimentScores] = {}
    for window, (_, text) in shown:
        if emotions := answers.sentiment(text):
            by_place |= dict.fromkeys(window.places, emotions)
    return RoomSentiment(by_place, answers.units)


def latest(turns: Sequence[ChatLine], moods: RoomSentiment) -> dict[Role, SentimentScores]:
    """How each of the two feels by the latest that they said."""
    found = {}
    for role in (Role.PARTNER, Role.ME):
        if window := _latest(_said_by(turns, role)):
            read = ((turns[place].text, moods.by_place.get(place)) for place in window.places)
            counts = SentimentCounts()
            counts.add(
                [shares_from_scores(emotions) if emotions else sentiment_shares_of(text) for text, emotions in read]
            )
            found[role] = counts.mean()
    return found


def significant_windows(turns: Sequence[ChatLine], zone: tzinfo) -> Iterator[Window]:
    """The windows that matter, the most important first: the latest of each, and where a day changed.

    The last may be one of the first two.
    """
    by_role = {role: _said_by(turns, role) for role in (Role.PARTNER, Role.ME)}
    for said in by_role.values():
        if window := _latest(said):
            yield window
    changes = [change for said in by_role.values() for change in _changes(said, zone)]
    if changes:
        _, day = max(changes, key=lambda change: change[0])
        yield max(windows(_texts(day)), key=lambda window: abs(_leaning([turns[place] for place in window.places])))


def _said_by(turns: Sequence[ChatLine], role: Role) -> Said:
    return [(place, turn) for place, turn in enumerate(turns) if turn.role is role and turn.kind is Kind.TEXT]


def _latest(said: Said) -> Window | None:
    return next(windows(_texts(said)), None)


def _texts(said: Said) -> list[tuple[int, str]]:
    return [(place, turn.text) for place, turn in said]


def _changes(said: Said, zone: tzinfo) -> Iterator[tuple[float, Said]]:
    """How much each day's mood differs from the day before, where that is much, and what was said on it."""
    days: dict[date, Said] = {}
    for place, turn in said:
        if turn.sent_at is not None:
            days.setdefault(turn.sent_at.astimezone(zone).date(), []).append((place, turn))
    enough = [day for day in days.values() if len(day) >= _LEAST_MESSAGES]
    means = [_leaning([turn for _, turn in day]) for day in enough]
    for (before, mean), day in zip(pairwise(means), enough[1:], strict=True):
        if abs(mean - before) >= _CHANGE:
            yield abs(mean - before), day


def _leaning(turns: Sequence[ChatLine]) -> float:
    feelings = [sentiment_of(turn.text) for turn in turns]
    return fmean(feeling.positive - feeling.negative for feeling in feelings)
