"""Estimate the partner's interest from the chat: one score from 0 to 100 with an interval.

The signs, their bounds and their sources are ``data/interest.json``. The score is 50 plus the points of the signs. The
interval is ``110 / sqrt(n)`` to either side, at least 6, where n is the number of messages. The score is not a
probability.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from functools import cache
from statistics import median, quantiles

from chalicelib import data_files
from chalicelib.analysis import speech
from chalicelib.analysis.statistics import NIGHT_HOURS
from chalicelib.analysis.style_match import style_match
from chalicelib.coaching import DATA
from chalicelib.coaching.conversation import USER_AND_PARTNER, resolve_speech, texts_of
from chalicelib.coaching.patterns import Patterns
from chalicelib.data_files import Data
from chalicelib.domain import Briefing, ChatLine, Interest, Role, Signal


class SignalName(StrEnum):
    """The signs of interest."""

    REPLY_TIME = "reply_time"
    REPLY_SPREAD = "reply_spread"
    INITIATIVE = "initiative"
    QUESTIONS = "questions"
    LENGTH_BALANCE = "length_balance"
    NIGHT_SHARE = "night_share"
    STYLE_MATCH = "style_match"
    AFFECTION = "affection"
    TREND = "trend"


class Effect(StrEnum):
    """The direction in which a sign moves the score."""

    UP = "up"
    FLAT = "flat"
    DOWN = "down"


class SignalRule(Data, frozen=True):
    """The points of a sign: ``points`` at a value of ``up``, ``-points`` at ``down``, linear between them."""

    points: float
    up: float
    down: float
    notes: dict[Effect, str]


class InterestLevel(Data, frozen=True, array_like=True):
    """A name for scores from ``min_score`` up."""

    min_score: int
    name: str


class Minimum(Data, frozen=True):
    """The least number of messages, of both people together and of each."""

    messages: int
    each: int


class Interval(Data, frozen=True):
    """The half width of the interval for a chat of one message, and the least half width, in points."""

    half_width_of_one: float
    min_half_width: float


class MinSamples(Data, frozen=True):
    """The least number of replies and of sessions that the signs about them need."""

    replies: int
    sessions: int


class InterestRules(Data, frozen=True):
    """The content of ``data/interest.json``.

    A session ends with a pause of ``session_hours``. A sign whose weight is below ``flat`` has no effect.
    """

    about: str
    minimum: Minimum
    too_small: str
    session_hours: float
    base: float
    interval: Interval
    flat: float
    levels: tuple[InterestLevel, ...]
    min_samples: MinSamples
    signals: dict[SignalName, SignalRule]
    affection: Patterns


@cache
def rules() -> InterestRules:
    """Return the signs of interest."""
    return data_files.load(DATA / "interest.json", InterestRules)


@dataclass(frozen=True, slots=True)
class InterestResult:
    """The measured interest, or None and a Korean note that says why there are too few messages."""

    interest: Interest | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class _Measurement:
    """The value of a sign, and figures for its note."""

    sign: SignalName
    value: float
    figures: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _WeighedSignal:
    points: float
    signal: Signal


def measure(briefing: Briefing) -> InterestResult:
    """Measure the partner's interest."""
    table = rules()
    lines = [line for line in briefing.lines if line.role in USER_AND_PARTNER]
    counts = [sum(line.role is role for line in lines) for role in (Role.ME, Role.PARTNER)]
    if len(lines) < table.minimum.messages or min(counts) < table.minimum.each:
        note = table.too_small.format(n=len(lines), messages=table.minimum.messages, each=table.minimum.each)
        return InterestResult(note=note)
    return InterestResult(
        _interest([_weigh(measurement) for measurement in _measurements(briefing, lines)], len(lines))
    )


def _interest(signals: Sequence[_WeighedSignal], messages: int) -> Interest:
    table = rules()
    score = table.base + sum(signal.points for signal in signals)
    width = max(table.interval.min_half_width, table.interval.half_width_of_one / math.sqrt(messages))
    low, middle, high = (round(min(max(value, 0), 100)) for value in (score - width, score, score + width))
    level = next(level.name for level in table.levels if middle >= level.min_score)
    return Interest(middle, low, high, level, tuple(each.signal for each in signals))


def _weigh(measurement: _Measurement) -> _WeighedSignal:
    """Return the points of a sign: its weight, from -1 at ``down`` to 1 at ``up``, times the rule's points."""
    value, rule = measurement.value, rules().signals[measurement.sign]
    middle, half = (rule.up + rule.down) / 2, (rule.up - rule.down) / 2
    weight = min(max((value - middle) / half, -1.0), 1.0)
    effect = Effect.FLAT if abs(weight) < rules().flat else Effect.UP if weight > 0 else Effect.DOWN
    note = rule.notes[effect].format(
        percent=round(value * 100), minutes=max(round(value / 60), 1), **measurement.figures
    )
    return _WeighedSignal(weight * rule.points, Signal(measurement.sign.value, round(value, 3), effect.value, note))


def _measurements(briefing: Briefing, lines: Sequence[ChatLine]) -> Iterator[_Measurement]:
    table = rules()
    pause = timedelta(hours=table.session_hours)
    replies = _reply_seconds(lines, pause)
    if len(replies) >= table.min_samples.replies:
        yield _Measurement(SignalName.REPLY_TIME, median(replies))
        yield _Measurement(SignalName.REPLY_SPREAD, _spread(replies))
    openers = _openers(lines, pause)
    if len(openers) >= table.min_samples.sessions:
        share = sum(role is Role.PARTNER for role in openers) / len(openers)
        yield _Measurement(SignalName.INITIATIVE, share, {"sessions": len(openers)})
    user_texts, partner_texts = texts_of(lines, Role.ME), texts_of(lines, Role.PARTNER)
    if user_texts and partner_texts:
        yield from _text_measurements(briefing, user_texts, partner_texts)
    times = [
        line.sent_at.astimezone(briefing.now.tzinfo) for line in lines if line.role is Role.PARTNER and line.sent_at
    ]
    if times:
        yield _Measurement(SignalName.NIGHT_SHARE, sum(time.hour in NIGHT_HOURS for time in times) / len(times))
    yield _Measurement(SignalName.TREND, _trend(lines))


def _text_measurements(
    briefing: Briefing, user_texts: Sequence[str], partner_texts: Sequence[str]
) -> Iterator[_Measurement]:
    yield _Measurement(SignalName.QUESTIONS, sum(map(speech.is_question, partner_texts)) / len(partner_texts))
    balance = median(map(len, partner_texts)) / max(median(map(len, user_texts)), 1)
    yield _Measurement(SignalName.LENGTH_BALANCE, balance)
    user, partner = resolve_speech(briefing.me, user_texts), resolve_speech(briefing.them, partner_texts)
    score = style_match(user.functions, partner.functions).score if user and partner else None
    if score is not None:
        yield _Measurement(SignalName.STYLE_MATCH, score)
    affectionate = sum(rules().affection.matches(text) for text in partner_texts)
    yield _Measurement(SignalName.AFFECTION, affectionate / len(partner_texts))


def _reply_seconds(lines: Sequence[ChatLine], pause: timedelta) -> list[float]:
    """Return how many seconds the partner took to reply, within sessions."""
    gaps = []
    for before, after in itertools.pairwise(lines):
        if before.role is Role.ME and after.role is Role.PARTNER and before.sent_at and after.sent_at:
            gap = after.sent_at - before.sent_at
            if timedelta(0) <= gap < pause:
                gaps.append(gap.total_seconds())
    return gaps


def _spread(seconds: Sequence[float]) -> float:
    """Return the interquartile range over the median, at least a minute, because exports have times in minutes."""
    lower, middle, upper = quantiles(seconds, n=4)
    return (upper - lower) / max(middle, 60.0)


def _openers(lines: Sequence[ChatLine], pause: timedelta) -> list[Role]:
    """Return the role that spoke first after each pause."""
    timed = [line for line in lines if line.sent_at]
    return [
        after.role
        for before, after in itertools.pairwise(timed)
        if before.sent_at and after.sent_at and after.sent_at - before.sent_at >= pause
    ]


def _trend(lines: Sequence[ChatLine]) -> float:
    """Return the increase of the partner's share of the characters from the first half to the second."""
    half = len(lines) // 2
    return _partner_share(lines[half:]) - _partner_share(lines[:half])


def _partner_share(lines: Sequence[ChatLine]) -> float:
    total = sum(len(line.text) for line in lines)
    return sum(len(line.text) for line in lines if line.role is Role.PARTNER) / total if total else 0.5
