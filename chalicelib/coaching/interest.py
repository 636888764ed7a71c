"""Signs of interest in the chat, in one figure with the interval it may lie in.

The signs, their bounds and sources are ``data/interest.json``. The score is 50 plus what each sign is worth; the
interval is ``110 / sqrt(n)`` to either side, at least 6, n being the messages read. It is no probability of anything.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from statistics import median, quantiles
from typing import Any

from chalicelib.analysis import speech
from chalicelib.analysis.style_match import style_match
from chalicelib.analysis.tally import NIGHT_HOURS
from chalicelib.coaching import resources
from chalicelib.coaching.conversation import THE_TWO
from chalicelib.domain import Briefing, ChatLine, Interest, Kind, Role, Signal


def interest(briefing: Briefing) -> tuple[Interest | None, str | None]:
    """Return the signs of the partner's interest, or None and a Korean note why there are too few messages."""
    table = resources.load("interest")
    lines = [turn for turn in briefing.lines if turn.role in THE_TWO]
    counts = [sum(turn.role is role for turn in lines) for role in (Role.ME, Role.PARTNER)]
    least = table["minimum"]
    if len(lines) < least["messages"] or min(counts) < least["each"]:
        return None, table["too_small"].format(n=len(lines), **least)
    weighed = [_weighed(table, name, value, facts) for name, value, facts in _signals(table, briefing, lines)]
    score = table["base"] + sum(points for points, _ in weighed)
    return _interest(table, score, len(lines), [signal for _, signal in weighed]), None


def _interest(table: Any, score: float, n: int, signals: Sequence[Signal]) -> Interest:
    width = max(table["interval"]["narrowest"], table["interval"]["at_one"] / math.sqrt(n))
    low, middle, high = (round(min(max(value, 0), 100)) for value in (score - width, score, score + width))
    level = next(word for bound, word in table["levels"] if middle >= bound)
    return Interest(middle, low, high, level, tuple(signals))


def _weighed(table: Any, name: str, value: float, facts: Mapping[str, int]) -> tuple[float, Signal]:
    """Return what a sign is worth and the sign; from -1 at its bound down to 1 at its bound up."""
    rule = table["signals"][name]
    middle, half = (rule["up"] + rule["down"]) / 2, (rule["up"] - rule["down"]) / 2
    weight = min(max((value - middle) / half, -1.0), 1.0)
    effect = "flat" if abs(weight) < table["flat"] else "up" if weight > 0 else "down"
    note = rule["notes"][effect].format(percent=round(value * 100), minutes=max(round(value / 60), 1), **facts)
    return weight * rule["points"], Signal(name, round(value, 3), effect, note)


def _signals(
    table: Any, briefing: Briefing, lines: Sequence[ChatLine]
) -> Iterator[tuple[str, float, Mapping[str, int]]]:
    pause = timedelta(hours=table["session_hours"])
    replies = _reply_seconds(lines, pause)
    if len(replies) >= table["least"]["replies"]:
        yield "reply_time", median(replies), {}
        yield "reply_spread", _spread(replies), {}
    openers = _openers(lines, pause)
    if len(openers) >= table["least"]["sessions"]:
        theirs = sum(role is Role.PARTNER for role in openers) / len(openers)
        yield "initiative", theirs, {"sessions": len(openers)}
    mine, partners = _texts(lines, Role.ME), _texts(lines, Role.PARTNER)
    if mine and partners:
        yield from _spoken_signals(table, briefing, mine, partners)
    timed = [
        line.sent_at.astimezone(briefing.now.tzinfo) for line in lines if line.role is Role.PARTNER and line.sent_at
    ]
    if timed:
        yield "night_share", sum(at.hour in NIGHT_HOURS for at in timed) / len(timed), {}
    yield "trend", _trend(lines), {}


def _spoken_signals(
    table: Any, briefing: Briefing, mine: Sequence[str], partners: Sequence[str]
) -> Iterator[tuple[str, float, Mapping[str, int]]]:
    yield "questions", sum(map(speech.is_question, partners)) / len(partners), {}
    yield "length_balance", median(map(len, partners)) / max(median(map(len, mine)), 1), {}
    me, them = briefing.me or speech.analyse(mine), briefing.them or speech.analyse(partners)
    match = style_match(me.functions, them.functions)
    if match.score is not None:
        yield "style_match", match.score, {}
    warm = sum(resources.found(table["affection"], text) for text in partners)
    yield "affection", warm / len(partners), {}


def _reply_seconds(lines: Sequence[ChatLine], pause: timedelta) -> list[float]:
    """How long the partner took to answer, within a sitting."""
    gaps = []
    me, partner = Role.ME, Role.PARTNER
    for before, after in itertools.pairwise(lines):
        if before.role is me and after.role is partner and before.sent_at and after.sent_at:
            gap = after.sent_at - before.sent_at
            if timedelta(0) <= gap < pause:
                gaps.append(gap.total_seconds())
    return gaps


def _spread(seconds: Sequence[float]) -> float:
    """The distance of the quartiles over the median; exports tell minutes, so the median counts as one at least."""
    lower, middle, upper = quantiles(seconds, n=4)
    return (upper - lower) / max(middle, 60.0)


def _openers(lines: Sequence[ChatLine], pause: timedelta) -> list[Role]:
    """Who spoke first after each pause."""
    timed = [line for line in lines if line.sent_at]
    return [
        after.role
        for before, after in itertools.pairwise(timed)
        if before.sent_at and after.sent_at and after.sent_at - before.sent_at >= pause
    ]


def _texts(lines: Sequence[ChatLine], role: Role) -> list[str]:
    return [line.text for line in lines if line.role is role and line.kind is Kind.TEXT and line.text.strip()]


def _trend(lines: Sequence[ChatLine]) -> float:
    """By how much the partner's share of what is said grew from the first half to the second."""
    half = len(lines) // 2
    earlier, later = (_share(part) for part in (lines[:half], lines[half:]))
    return later - earlier


def _share(lines: Sequence[ChatLine]) -> float:
    whole = sum(len(line.text) for line in lines)
    return sum(len(line.text) for line in lines if line.role is Role.PARTNER) / whole if whole else 0.5
