"""Compute a room's figures from its tally. ``docs/analysis.md`` defines them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from operator import add

from chalicelib.analysis.histogram import Histogram
from chalicelib.analysis.tally import Days, PersonTally, Tally, WeekTally
from chalicelib.analysis.trend import trend
from chalicelib.domain import (
    EmotionPoint,
    ParticipantStatistics,
    Quantiles,
    Role,
    RoomStatistics,
    Week,
    initiation_share,
)

# A trend covers the latest days with a message.
_TREND_DAYS = 28
_POINT_ROLES = (Role.ME, Role.PARTNER, Role.OTHER)


def room_statistics(tally: Tally, role_of: Callable[[str], Role]) -> RoomStatistics:
    """Return the figures of a room. ``role_of`` gives the role of a participant."""
    me = next((name for name in tally.people if role_of(name) is Role.ME), None)
    people = sorted(tally.people.items(), key=lambda item: -item[1].messages)
    return RoomStatistics(
        participants=tuple(_participant(tally, name, person, role_of(name)) for name, person in people),
        days_active=tally.days_active,
        streak=tally.streak,
        sessions=tally.sessions,
        heatmap=tuple(tuple(day) for day in tally.heatmap),
        weekly=tuple(_week(name, week, me) for name, week in sorted(tally.weeks.items())),
        first_message_at=tally.first_at,
        last_message_at=tally.last_at,
    )


def _participant(tally: Tally, name: str, person: PersonTally, role: Role) -> ParticipantStatistics:
    speech = person.speech
    return ParticipantStatistics(
        name=name,
        role=role,
        messages=person.messages,
        characters=person.characters,
        share=_share(person.messages, tally.messages),
        reply_time=_quantiles(person.reply_times),
        length=_quantiles(speech.lengths),
        initiations=person.initiations,
        questions=speech.questions,
        laughter=speech.laughter,
        emoji=speech.emoji,
        photos=person.photos,
        calls=person.calls,
        deleted=person.deleted,
        night_share=_share(person.night, person.timed),
        longest_run=person.longest_run,
        unanswered=person.unanswered,
        top_words=tally.top_words_of(name),
    )


def _week(name: str, week: WeekTally, me: str | None) -> Week:
    reply_time = _rounded(week.reply_times.quantile(0.5))
    return Week(name, week.messages, reply_time, initiation_share(week.initiations, me))


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


def _quantiles(histogram: Histogram) -> Quantiles:
    return Quantiles(_rounded(histogram.quantile(0.5)), _rounded(histogram.quantile(0.9)))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
