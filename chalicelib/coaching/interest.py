"""Estimate the partner's interest from the chat: one score from 0 to 100 with an interval.

The signals, their bounds and their sources are ``data/interest.json``. The score is 50 plus the points of the signals.
The interval is ``110 / sqrt(n)`` to either side, at least 6, where n is the number of messages. The score is not a
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
from chalicelib.analysis.style_match import style_match
from chalicelib.analysis.tally import NIGHT_HOURS
from chalicelib.coaching import DATA
from chalicelib.coaching.conversation import USER_AND_PARTNER, resolve_speech, texts_of
from chalicelib.coaching.patterns import Patterns
from chalicelib.data_files import Data
from chalicelib.domain import Briefing, ChatLine, Interest, Role, Signal


class SignalName(StrEnum):
    """The signals of interest."""

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
    """The direction in which a signal moves the score."""

    UP = "up"
    FLAT = "flat"
    DOWN = "down"


class SignalRule(Data, frozen=True):
    """The points of a signal: ``points`` at a value of ``up``, ``-points`` at ``down``, linear between them.

    ``notes`` are Korean sentences about the value, by effect.
    """

    points: float
    up: float
    down: float
    notes: dict[Effect, str]


class InterestLevel(Data, frozen=True, array_like=True):
    """A name for scores from ``min_score`` up."""

    min_score: int
    name: str


class Minimum(Data, frozen=True):
    """The minimum number of messages of both people together, and of each."""

    messages: int
    each: int


class Interval(Data, frozen=True):
    """The half width of the interval for a chat of one message, and the minimum half width, in points."""

    half_width_of_one: float
    min_half_width: float


class MinSamples(Data, frozen=True):
    """The minimum number of replies and of sessions for the signals about them."""

    replies: int
    sessions: int


class InterestRules(Data, frozen=True):
    """The content of ``data/interest.json``.

    A session ends with a pause of ``session_hours``. A signal whose weight is below ``flat`` has the effect flat.
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
def load_rules() -> InterestRules:
    """Return the rules of the signals."""
    return data_files.load(DATA / "interest.json", InterestRules)


@dataclass(frozen=True, slots=True)
class InterestResult:
    """The measured interest, or None and a Korean note that says why there are too few messages."""

    interest: Interest | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class _Measurement:
    """The value of a signal, and figures for its note."""

    name: SignalName
    value: float
    figures: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _WeightedSignal:
    """A signal and its contribution to the score."""

    points: float
    signal: Signal


def estimate(briefing: Briefing) -> InterestResult:
    """Measure the partner's interest."""
    rules = load_rules()
    lines = [line for line in briefing.lines if line.role in USER_AND_PARTNER]
    counts = [sum(line.role is role for line in lines) for role in (Role.ME, Role.PARTNER)]
    if len(lines) < rules.minimum.messages or min(counts) < rules.minimum.each:
        note = rules.too_small.format(n=len(lines), messages=rules.minimum.messages, each=rules.minimum.each)
        return InterestResult(note=note)
    signals = [_weigh(measurement) for measurement in _measurements(briefing, lines)]
    return InterestResult(_interest(signals, len(lines)))


def _interest(signals: Sequence[_WeightedSignal], messages: int) -> Interest:
    """Add up the points. Clip the score and its interval to 0 to 100."""
    rules = load_rules()
    total = rules.base + sum(signal.points for signal in signals)
    half_width = max(rules.interval.min_half_width, rules.interval.half_width_of_one / math.sqrt(messages))
    low, score, high = (round(min(max(value, 0), 100)) for value in (total - half_width, total, total + half_width))
    level = next(level.name for level in rules.levels if score >= level.min_score)
    return Interest(score, low, high, level, tuple(each.signal for each in signals))


def _weigh(measurement: _Measurement) -> _WeightedSignal:
    """Return a signal with its points: the weight, from -1 at ``down`` to 1 at ``up``, times the rule's points."""
    name, value = measurement.name, measurement.value
    rule = load_rules().signals[name]
    middle, half_range = (rule.up + rule.down) / 2, (rule.up - rule.down) / 2
    weight = min(max((value - middle) / half_range, -1.0), 1.0)
    effect = _effect_of(weight)
    note = rule.notes[effect].format(
        percent=round(value * 100), minutes=max(round(value / 60), 1), **measurement.figures
    )
    return _WeightedSignal(weight * rule.points, Signal(name.value, round(value, 3), effect.value, note))


def _effect_of(weight: float) -> Effect:
    if abs(weight) < load_rules().flat:
        return Effect.FLAT
    return Effect.UP if weight > 0 else Effect.DOWN


def _measurements(briefing: Briefing, lines: Sequence[ChatLine]) -> Iterator[_Measurement]:
    """Yield the value of each signal that the chat has enough data for."""
    pause = timedelta(hours=load_rules().session_hours)
    yield from _reply_measurements(_reply_seconds(lines, pause))
    yield from _initiative_measurements(_openers(lines, pause))
    user_texts, partner_texts = texts_of(lines, Role.ME), texts_of(lines, Role.PARTNER)
    if user_texts and partner_texts:
        yield from _text_measurements(briefing, user_texts, partner_texts)
    times = [
        line.sent_at.astimezone(briefing.now.tzinfo) for line in lines if line.role is Role.PARTNER and line.sent_at
    ]
    if times:
        yield _Measurement(SignalName.NIGHT_SHARE, sum(time.hour in NIGHT_HOURS for time in times) / len(times))
    yield _Measurement(SignalName.TREND, _trend(lines))


def _reply_measurements(seconds: Sequence[float]) -> Iterator[_Measurement]:
    if len(seconds) >= load_rules().min_samples.replies:
        yield _Measurement(SignalName.REPLY_TIME, median(seconds))
        yield _Measurement(SignalName.REPLY_SPREAD, _spread(seconds))


def _initiative_measurements(openers: Sequence[Role]) -> Iterator[_Measurement]:
    if len(openers) >= load_rules().min_samples.sessions:
        share = openers.count(Role.PARTNER) / len(openers)
        yield _Measurement(SignalName.INITIATIVE, share, {"sessions": len(openers)})


def _text_measurements(
    briefing: Briefing, user_texts: Sequence[str], partner_texts: Sequence[str]
) -> Iterator[_Measurement]:
    yield _Measurement(SignalName.QUESTIONS, sum(map(speech.is_question, partner_texts)) / len(partner_texts))
    balance = median(map(len, partner_texts)) / max(median(map(len, user_texts)), 1)
    yield _Measurement(SignalName.LENGTH_BALANCE, balance)
    user, partner = (
        resolve_speech(briefing.my_speech, user_texts),
        resolve_speech(briefing.partner_speech, partner_texts),
    )
    score = style_match(user.functions, partner.functions).score if user and partner else None
    if score is not None:
        yield _Measurement(SignalName.STYLE_MATCH, score)
    affectionate = sum(load_rules().affection.matches(text) for text in partner_texts)
    yield _Measurement(SignalName.AFFECTION, affectionate / len(partner_texts))


def _reply_seconds(lines: Sequence[ChatLine], pause: timedelta) -> list[float]:
    """Return the seconds that each reply of the partner took, within sessions."""
    gaps = []
    for before, after in itertools.pairwise(lines):
        if before.role is Role.ME and after.role is Role.PARTNER and before.sent_at and after.sent_at:
            gap = after.sent_at - before.sent_at
            if timedelta(0) <= gap < pause:
                gaps.append(gap.total_seconds())
    return gaps


def _spread(seconds: Sequence[float]) -> float:
    """Return the interquartile range divided by the median.

    The median counts as at least a minute, because many exports have times in minutes.
    """
    lower, middle, upper = quantiles(seconds, n=4)
    return (upper - lower) / max(middle, 60.0)


def _openers(lines: Sequence[ChatLine], pause: timedelta) -> list[Role]:
    """Return the role that wrote first after each pause."""
    timed = [line for line in lines if line.sent_at]
    return [
        after.role
        for before, after in itertools.pairwise(timed)
        if before.sent_at and after.sent_at and after.sent_at - before.sent_at >= pause
    ]


def _trend(lines: Sequence[ChatLine]) -> float:
    """Return how much the partner's share of the characters increases from the first half to the second."""
    half = len(lines) // 2
    return _partner_share(lines[half:]) - _partner_share(lines[:half])


def _partner_share(lines: Sequence[ChatLine]) -> float:
    total = sum(len(line.text) for line in lines)
    partner_total = sum(len(line.text) for line in lines if line.role is Role.PARTNER)
    return partner_total / total if total else 0.5
