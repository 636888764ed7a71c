"""Compute a room's figures from its tally. ``docs/analysis.md`` defines them."""

from __future__ import annotations

from collections.abc import Callable

from chalicelib.analysis.histogram import Histogram
from chalicelib.analysis.tally import PersonTally, Tally, WeekTally
from chalicelib.domain import (
    ParticipantStatistics,
    Quantiles,
    Role,
    RoomStatistics,
    Week,
    initiation_share,
)


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
        night_share=_share(person.night, person.messages_with_time),
        longest_run=person.longest_run,
        unanswered=person.unanswered,
        top_words=tally.top_words_of(name),
    )


def _week(name: str, week: WeekTally, me: str | None) -> Week:
    reply_time = _round(week.reply_times.quantile(0.5))
    return Week(name, week.messages, reply_time, initiation_share(week.initiations, me))


def _quantiles(histogram: Histogram) -> Quantiles:
    return Quantiles(_round(histogram.quantile(0.5)), _round(histogram.quantile(0.9)))


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
