"""Three suggested replies to a chat. A new answer costs one of the day's credits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain import Briefing, Caller, PartnerFacts, Profile, Role, Speech
from chalicelib.errors import Invalid, LimitReached
from chalicelib.masking import masker
from chalicelib.repositories import analyses, partner_profiles, rooms, users
from chalicelib.repositories.analyses import Analysis
from chalicelib.repositories.database import database
from chalicelib.services import accounts, stored_rooms
from chalicelib.services.ai import coach
from chalicelib.services.ids import idempotent_id
from chalicelib.services.partner_profiles import facts_of, quotes_expire_at
from chalicelib.services.recent_messages import latest_lines, participant_names
from chalicelib.services.speech_analysis import ParticipantSpeech, speech_by_participant, speech_of
from chalicelib.settings import settings

# A stored answer to the same question is returned for a day.
_REUSE_PERIOD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the user. ``speech`` and ``partner`` take precedence over the room's."""

    context: str | None = None
    situation: str | None = None
    goal: str | None = None
    draft: str | None = None
    speech: Speech | None = None
    partner: PartnerFacts | None = None
    room_id: str | None = None
    regenerate: bool = False
    language: str = "ko"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question. ``stored`` says that an earlier request stored it. The credits are those of today."""

    analysis: Analysis
    stored: bool
    credits_remaining: int


@dataclass(frozen=True, slots=True)
class _Inputs:
    """A question, and the stored data about its people and its room."""

    caller: Caller
    question: Question
    profile: Profile
    stored_room: rooms.StoredRoom | None
    partner: PartnerFacts

    def masker_of(self, names: Iterable[str]) -> masker.Masker:
        """Return a masker for the question's room, or for the user if the question has no room."""
        return masker.Masker(self.question.room_id or self.caller.user_id, names)


def analyse(caller: Caller, question: Question) -> Answer:
    """Answer a question. A new answer costs one of the day's credits. A stored or degraded answer costs none.

    Raises:
        Forbidden: ``consent_required``.
        NotFound: The caller has no such room.
        Invalid: ``partner_unknown`` in a group chat without a named partner.
        LimitReached: ``credits_used_up``, or ``too_many_requests``.
    """
    profile = accounts.check_quota_and_consents(caller)
    stored_room = _stored_room(caller, question.room_id)
    partner = question.partner or _partner_facts(caller, stored_room)
    inputs = _Inputs(caller, question, profile, stored_room, partner)
    question_hash = _question_hash(inputs)
    remaining = settings().daily_credits - profile.credits_used
    if not question.regenerate and (stored_answer := _stored_answer(inputs, question_hash)) is not None:
        return Answer(stored_answer, stored=True, credits_remaining=max(remaining, 0))
    if remaining <= 0:
        raise _credits_used_up(caller, profile.timezone)
    with _credit(caller, profile.timezone) as credit:
        analysis = _new_answer(inputs, question_hash)
        credit.used = not analysis.run.degraded
    return Answer(analysis, stored=False, credits_remaining=credit.remaining)


def _stored_room(caller: Caller, room_id: str | None) -> rooms.StoredRoom | None:
    if room_id is None:
        return None
    stored_room = stored_rooms.get(caller, room_id)
    if stored_room.statistics and stored_room.room.partner_name is None:
        raise Invalid(code="partner_unknown")
    return stored_room


def _stored_answer(inputs: _Inputs, question_hash: str) -> Analysis | None:
    """Return the latest stored answer to the question, with the names in its quotes restored, or None."""
    caller, since = inputs.caller, inputs.caller.now - _REUSE_PERIOD
    stored_answer = database().read(caller.user_id, lambda tx: analyses.latest(tx, question_hash, since, caller.now))
    if stored_answer is None:
        return None
    quote_masker = inputs.masker_of(participant_names(inputs.stored_room, (), (inputs.partner.name,)))
    return _with_quotes(stored_answer, quote_masker.unmask_for_display)


def _new_answer(inputs: _Inputs, question_hash: str) -> Analysis:
    """Ask the coach and store the answer with masked quotes."""
    caller, stored_room = inputs.caller, inputs.stored_room
    people = speech_by_participant(stored_room) if stored_room else []
    briefing = _briefing(inputs, people)
    other_names = (inputs.partner.name, *(person.name for person in people))
    room_masker = inputs.masker_of(participant_names(stored_room, briefing.lines, other_names))
    run = coach.answer(briefing, room_masker, caller)
    analysis = Analysis(idempotent_id(), inputs.question.room_id, question_hash, caller.now, run)
    masked = _with_quotes(analysis, room_masker.mask)
    expires_at = quotes_expire_at(caller, stored_room)
    accounts.write(caller, lambda tx: analyses.insert(tx, masked, expires_at), repeatable=True)
    return analysis


def _with_quotes(analysis: Analysis, change: Callable[[str], str]) -> Analysis:
    run = analysis.run
    return replace(analysis, run=replace(run, coaching=run.coaching.with_quotes(change)))


@dataclass(slots=True)
class _Credit:
    """A credit of the day. ``remaining`` is the number of credits left after it."""

    remaining: int
    used: bool = False


@contextmanager
def _credit(caller: Caller, timezone: str) -> Iterator[_Credit]:
    """Take a credit, and give it back unless the body of the ``with`` statement marks it as used.

    Raises:
        LimitReached: ``credits_used_up``.
    """
    day, limit = _day(caller, timezone), settings().daily_credits
    credits_used = accounts.write(caller, lambda tx: users.take_credit(tx, day, limit))
    if credits_used is None:
        raise _credits_used_up(caller, timezone)
    credit = _Credit(limit - credits_used)
    try:
        yield credit
    finally:
        if not credit.used:
            database().transaction(caller.user_id, lambda tx: users.give_credit_back(tx, day))
            credit.remaining += 1


def _credits_used_up(caller: Caller, timezone: str) -> LimitReached:
    return LimitReached("credits_used_up", retry_after=_seconds_to_midnight(caller.now, timezone))


def _day(caller: Caller, timezone: str) -> date:
    return caller.now.astimezone(ZoneInfo(timezone)).date()


def _seconds_to_midnight(now: datetime, timezone: str) -> int:
    local_now = now.astimezone(ZoneInfo(timezone))
    midnight = datetime.combine(local_now.date() + timedelta(days=1), datetime.min.time(), local_now.tzinfo)
    return int((midnight - local_now).total_seconds()) + 1


def _question_hash(inputs: _Inputs) -> str:
    """Return the hash of everything that the answer depends on: room, people, texts, language and engine."""
    question, profile, stored_room = inputs.question, inputs.profile, inputs.stored_room
    parts = [
        question.room_id,
        stored_room.room.version if stored_room else None,
        question.context,
        question.situation,
        question.goal,
        question.draft,
        repr(question.speech),
        repr((inputs.partner, profile.birth_year, profile.speech)),
        question.language,
        coach.engine_version(),
    ]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def _briefing(inputs: _Inputs, people: Sequence[ParticipantSpeech]) -> Briefing:
    caller, question, profile = inputs.caller, inputs.question, inputs.profile
    return Briefing(
        lines=latest_lines(caller, inputs.stored_room) if inputs.stored_room else (),
        now=caller.now.astimezone(ZoneInfo(profile.timezone)),
        partner=inputs.partner,
        my_speech=question.speech or speech_of(people, Role.ME) or profile.speech,
        partner_speech=speech_of(people, Role.PARTNER),
        my_age=profile.age(caller.now),
        context=question.context,
        situation=question.situation,
        goal=question.goal,
        draft=question.draft,
    )


def _partner_facts(caller: Caller, stored: rooms.StoredRoom | None) -> PartnerFacts:
    """Return the facts about the partner, from the room's partner profile or, without one, from the room itself."""
    if stored is None:
        return PartnerFacts()
    room = stored.room
    facts = PartnerFacts(name=room.partner_name, relationship=room.partner_relationship)
    profile_id = room.partner_profile_id
    if profile_id is None:
        return facts
    row = database().read(caller.user_id, lambda tx: partner_profiles.get(tx, profile_id, caller.now))
    return replace(facts_of(row.profile), name=room.partner_name or row.profile.name) if row else facts
