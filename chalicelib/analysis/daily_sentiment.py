"""Sentiment by day: points for a chart, and trends, from the sums that a tally keeps.

This module imports no model and no lexicon, so that ``GET /emotion-analysis`` has a short cold start.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from operator import add

from chalicelib.analysis.trend import trend
from chalicelib.domain import EmotionPoint, Role

# By ISO date and participant: the number of messages, and the sums of positive, negative, neutral and mixed sentiment
# in thousandths.
Days = dict[str, dict[str, list[int]]]
# A trend covers the latest days with a message.
_TREND_DAYS = 28
_POINT_ROLES = (Role.ME, Role.PARTNER, Role.OTHER)


def emotion_points(days: Days, role_of: Callable[[str], Role]) -> list[EmotionPoint]:
    """Return the mean sentiment of each role on each day, oldest first, given the sums by day and participant."""
    roles = {name: role_of(name) for name in {name for people in days.values() for name in people}}
    points = []
    for day, people in sorted(days.items()):
        by_role: dict[Role, list[int]] = {}
        for name, sums in people.items():
            role_sums = by_role.get(roles[name])
            by_role[roles[name]] = [*map(add, role_sums, sums)] if role_sums else sums
        points += [_point(date.fromisoformat(day), role, by_role[role]) for role in _POINT_ROLES if role in by_role]
    return points


def _point(day: date, role: Role, sums: list[int]) -> EmotionPoint:
    messages, positive, negative, neutral, mixed = sums
    return EmotionPoint(
        day,
        role,
        messages,
        mean_share(positive, messages),
        mean_share(negative, messages),
        mean_share(neutral, messages),
        mean_share(mixed, messages),
    )


def trends(days: Days) -> dict[str, str | None]:
    """Return the trend of each participant's sentiment, given the sums by day and participant."""
    means: dict[str, list[tuple[int, float]]] = {}
    for _, people in sorted(days.items()):
        for name, (messages, positive, negative, *_) in people.items():
            mean = mean_share(positive, messages) - mean_share(negative, messages)
            means.setdefault(name, []).append((messages, mean))
    return {name: trend(by_day[-_TREND_DAYS:]) for name, by_day in means.items()}


def mean_share(thousandths: int, messages: int) -> float:
    """Return ``round(thousandths / messages / 1000, 4)`` in half the time, which matters for hundreds of points."""
    share, rest = divmod(10 * thousandths, messages)
    if 2 * rest == messages:
        # A tie: the result depends on how the division rounds.
        return round(thousandths / messages / 1000, 4)
    return (share + (2 * rest > messages)) / 10_000
