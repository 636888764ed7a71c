"""Decide whether a person's sentiment is rising, steady or falling."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import median

_MIN_DAYS, _MIN_MESSAGES = 4, 20
_MIN_CHANGE = 0.15
_MIN_STANDARD_ERRORS = 2.0
# A day weighs at most this many times as much as the median day.
_MAX_DAY_WEIGHT = 3.0


def trend(days: Sequence[tuple[int, float]]) -> str | None:
    """Return ``rising``, ``steady`` or ``falling``.

    A line is fitted to the days by weighted least squares. A day weighs its number of messages, but at most three times
    the median day's number, so that one long evening does not decide. The change is the difference of the line between
    the first and the last day. The sentiment rises or falls if the change is at least 0.15 and at least twice its
    standard error.

    Args:
        days: For each day, oldest first, the number of messages and their mean positive minus negative share.

    Returns:
        The trend, or None for fewer than four days with messages or fewer than 20 messages in total.
    """
    days = [(messages, mean) for messages, mean in days if messages > 0]
    if len(days) < _MIN_DAYS or sum(messages for messages, _ in days) < _MIN_MESSAGES:
        return None
    change, error = _change(days)
    if abs(change) < _MIN_CHANGE or abs(change) < _MIN_STANDARD_ERRORS * error:
        return "steady"
    return "rising" if change > 0 else "falling"


def _change(days: Sequence[tuple[int, float]]) -> tuple[float, float]:
    """Return the change of the fitted line over all days, and its standard error."""
    max_weight = _MAX_DAY_WEIGHT * median(messages for messages, _ in days)
    points = [(min(messages, max_weight), day, mean) for day, (messages, mean) in enumerate(days)]
    total = sum(weight for weight, _, _ in points)
    mean_day = sum(weight * day for weight, day, _ in points) / total
    level = sum(weight * mean for weight, _, mean in points) / total
    spread = sum(weight * (day - mean_day) ** 2 for weight, day, _ in points)
    slope = sum(weight * (day - mean_day) * (mean - level) for weight, day, mean in points) / spread
    residual = sum(weight * (mean - level - slope * (day - mean_day)) ** 2 for weight, day, mean in points)
    error = sqrt(residual / (len(days) - 2) / spread)
    return slope * (len(days) - 1), error * (len(days) - 1)
