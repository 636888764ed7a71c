"""Dates and times of day as apps write them, in every language they write them in."""

from __future__ import annotations

import re
from datetime import date, time, tzinfo

_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[A-Za-z]{3,}")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = re.compile(r"(오전|오후|午前|午後|上午|下午|[AaPp])?\D*(\d+)\D(\d+)(?:\D(\d+))?[^\dAaPp]*([AaPp]?)")
_SHORT_YEAR_DIGITS = 2
_NOON = 12
# The hour at which what a half of the day is called begins.
_HALF_DAY_START = {
    **dict.fromkeys(("오전", "午前", "上午", "A", "a"), 0),
    **dict.fromkeys(("오후", "午後", "下午", "P", "p"), _NOON),
}
# LINE for Android writes the first hour of a day so.
_MIDNIGHT_AS_24 = 24


def parse_date(text: str, order: str = "ymd") -> date:
    """``2026년 3월 1일``, ``2026. 3. 1.``, ``Mar 1, 2026`` or ``01/03/26``: a date whose numbers come in ``order``.

    Where a month has a name, day and year follow it, whatever ``order`` is. Years of two digits are of this century.

    Raises:
        ValueError: there is no such day.
    """
    numbers = _NUMBER.findall(text)
    month = next(
        (_MONTHS.index(word[:3].lower()) + 1 for word in _WORD.findall(text) if word[:3].lower() in _MONTHS), 0
    )
    if month:
        day, year = numbers[:2]
        return date(int(year), month, int(day))
    parts = dict(zip(order, numbers, strict=False))
    year = parts["y"] if len(parts["y"]) > _SHORT_YEAR_DIGITS else f"20{parts['y']}"
    return date(int(year), int(parts["m"]), int(parts["d"]))


def parse_time(text: str, zone: tzinfo | None = None) -> time:
    """``오전 9:00``, ``午後09:01``, ``9:00 PM``, ``5:12 p.m.``, ``14:05``, ``14:05:22`` or ``24:05``.

    Raises:
        ValueError: there is no such time.
    """
    found = _CLOCK.match(text)
    if found is None:
        raise ValueError(text)
    before, hours, minutes, seconds, after = found.groups("")
    hour, half = int(hours), _HALF_DAY_START.get(before or after)
    if half is not None:
        hour = hour % _NOON + half
    elif hour == _MIDNIGHT_AS_24:
        hour = 0
    return time(hour, int(minutes), int(seconds or 0), 0, zone)
