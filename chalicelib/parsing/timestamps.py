"""Dates and times of day in the forms and languages of the apps."""

from __future__ import annotations

import re
from datetime import date, time, tzinfo

_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[A-Za-z]{3,}")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = re.compile(r"(오전|오후|午前|午後|上午|下午|[AaPp])?\D*(\d+)\D(\d+)(?:\D(\d+))?[^\dAaPp]*([AaPp]?)")
_SHORT_YEAR_DIGITS = 2
_NOON = 12
# The first hour of each half of the day, by the words for the half.
_HALF_DAY_START = {
    **dict.fromkeys(("오전", "午前", "上午", "A", "a"), 0),
    **dict.fromkeys(("오후", "午後", "下午", "P", "p"), _NOON),
}
# LINE for Android writes the hour after midnight as 24.
_MIDNIGHT_HOUR = 24


def parse_date(text: str, order: str = "ymd") -> date:
    """Parse ``2026년 3월 1일``, ``2026. 3. 1.``, ``Mar 1, 2026`` or ``01/03/26``.

    Args:
        text: The date. A year of two digits is in this century.
        order: The order of year, month and day. If the month is a word, the order is ignored: the day comes before the
            year.

    Raises:
        ValueError: The day does not exist.
    """
    numbers = _NUMBER.findall(text)
    if month := _month_by_name(text):
        day, year = numbers[:2]
        return date(int(year), month, int(day))
    parts = dict(zip(order, numbers, strict=False))
    year = parts["y"] if len(parts["y"]) > _SHORT_YEAR_DIGITS else f"20{parts['y']}"
    return date(int(year), int(parts["m"]), int(parts["d"]))


def parse_time(text: str, zone: tzinfo | None = None) -> time:
    """Parse ``오전 9:00``, ``午後09:01``, ``9:00 PM``, ``5:12 p.m.``, ``14:05``, ``14:05:22`` or ``24:05``.

    Raises:
        ValueError: The time does not exist.
    """
    match = _CLOCK.match(text)
    if match is None:
        raise ValueError(text)
    word_before, hours, minutes, seconds, word_after = match.groups("")
    hour, half_day_start = int(hours), _HALF_DAY_START.get(word_before or word_after)
    if half_day_start is not None:
        hour = hour % _NOON + half_day_start
    elif hour == _MIDNIGHT_HOUR:
        hour = 0
    return time(hour, int(minutes), int(seconds or 0), 0, zone)


def _month_by_name(text: str) -> int:
    """Return the number of the month whose name is in the text. Return 0 without a name."""
    prefixes = (word[:3].lower() for word in _WORD.findall(text))
    return next((_MONTHS.index(prefix) + 1 for prefix in prefixes if prefix in _MONTHS), 0)
