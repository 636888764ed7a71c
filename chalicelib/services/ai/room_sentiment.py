"""The sentiment of a room's latest messages: choose the texts for Comprehend and combine its results."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from itertools import pairwise
from statistics import fmean
from typing import NamedTuple

from chalicelib.analysis.sentiment import (
    SentimentCounts,
    SentimentShares,
    sentiment_of,
    sentiment_shares_of,
    shares_from_scores,
)
from chalicelib.analysis.text_windows import Window, windows_latest_first
from chalicelib.domain import Caller, ChatLine, ComprehendOperation, Kind, Role, SentimentScores
from chalicelib.services.ai import comprehend
from chalicelib.services.ai.comprehend import TextRequest

# The balance of a day is the mean of positive minus negative over its messages, from -1.0 to 1.0. A change is a
# difference of at least this much from the previous day. Days with fewer messages are skipped.
_MIN_CHANGE, _MIN_MESSAGES_PER_DAY = 0.3, 3

_Mask = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class _IndexedLine:
    """A message and its index in the room's lines."""

    index: int
    line: ChatLine


_Messages = list[_IndexedLine]


@dataclass(frozen=True, slots=True)
class RoomSentiment:
    """Comprehend's sentiment by the index of the message, and the units that it cost."""

    by_index: Mapping[int, SentimentScores]
    units: int = 0


# No results of Comprehend: the local model reads every message.
LOCAL_SENTIMENT = RoomSentiment({})


def ask_comprehend(caller: Caller, lines: Sequence[ChatLine], zone: tzinfo, mask: _Mask) -> RoomSentiment:
    """Ask Comprehend about each person's latest messages and about the day with the largest change of sentiment.

    Comprehend receives only text that ``mask`` has masked.
    """
    requests = [
        (window, TextRequest(ComprehendOperation.SENTIMENT, mask(window.text)))
        for window in significant_windows(lines, zone)
    ]
    results = comprehend.ask(caller, [request for _, request in requests])
    by_index: dict[int, SentimentScores] = {}
    for window, request in requests:
        if scores := results.sentiment(request.text):
            by_index |= dict.fromkeys(window.indexes, scores)
    return RoomSentiment(by_index, results.units)


def latest_scores(lines: Sequence[ChatLine], sentiment: RoomSentiment) -> dict[Role, SentimentScores]:
    """Return the sentiment of each person's latest messages, from the local model where Comprehend has no result."""
    scores = {}
    for role in (Role.PARTNER, Role.ME):
        if window := _latest_window(_messages_of(lines, role)):
            counts = SentimentCounts()
            counts.add([_shares(lines[index].text, sentiment.by_index.get(index)) for index in window.indexes])
            scores[role] = counts.mean()
    return scores


def significant_windows(lines: Sequence[ChatLine], zone: tzinfo) -> Iterator[Window]:
    """Yield the windows to ask about, in descending order of priority.

    The first two are each person's latest window. The third is the most emotional window of the day with the largest
    change. It can be equal to one of the first two.
    """
    by_role = {role: _messages_of(lines, role) for role in (Role.PARTNER, Role.ME)}
    for messages in by_role.values():
        if window := _latest_window(messages):
            yield window
    changes = [change for messages in by_role.values() for change in _changes(messages, zone)]
    if changes:
        day = max(changes, key=lambda change: change.size).messages
        yield max(
            windows_latest_first(_texts(day)),
            key=lambda window: abs(_balance_of([lines[index] for index in window.indexes])),
        )


def _shares(text: str, scores: SentimentScores | None) -> SentimentShares:
    return shares_from_scores(scores) if scores else sentiment_shares_of(text)


def _messages_of(lines: Sequence[ChatLine], role: Role) -> _Messages:
    return [
        _IndexedLine(index, line) for index, line in enumerate(lines) if line.role is role and line.kind is Kind.TEXT
    ]


def _latest_window(messages: _Messages) -> Window | None:
    return next(windows_latest_first(_texts(messages)), None)


def _texts(messages: _Messages) -> list[tuple[int, str]]:
    return [(message.index, message.line.text) for message in messages]


class _Change(NamedTuple):
    """The size of a change of sentiment, and the messages of the day after it."""

    size: float
    messages: _Messages


def _changes(messages: _Messages, zone: tzinfo) -> Iterator[_Change]:
    """Yield the changes of sentiment between days with enough messages."""
    by_date: dict[date, _Messages] = {}
    for message in messages:
        if message.line.sent_at is not None:
            by_date.setdefault(message.line.sent_at.astimezone(zone).date(), []).append(message)
    days = [day for day in by_date.values() if len(day) >= _MIN_MESSAGES_PER_DAY]
    balances = [_balance_of([message.line for message in day]) for day in days]
    for (before, after), day in zip(pairwise(balances), days[1:], strict=True):
        if abs(after - before) >= _MIN_CHANGE:
            yield _Change(abs(after - before), day)


def _balance_of(lines: Sequence[ChatLine]) -> float:
    """Return the mean of positive minus negative, by the local model."""
    return fmean(scores.positive - scores.negative for scores in (sentiment_of(line.text) for line in lines))
