"""Answering the question the product exists for: what to write back."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain import Briefing, Caller, PartnerFacts, Profile, Role, Speech
from chalicelib.errors import Invalid, LimitReached, NotFound
from chalicelib.masking import masker as masking
from chalicelib.repositories import analyses, partner_profiles, rooms, users
from chalicelib.repositories.analyses import Analysis
from chalicelib.repositories.database import database
from chalicelib.services import accounts
from chalicelib.services.ai import coach
from chalicelib.services.ai.coach import NOTHING, Usage
from chalicelib.services.ids import idempotent_id
from chalicelib.services.partner_profiles import facts_of, quotes_expire_at
from chalicelib.services.recent_messages import latest_lines, names_in
from chalicelib.services.speech_analysis import speech_by_participant, speech_of
from chalicelib.settings import settings

# The same question is answered from store for a day.
STORED_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Question:
    """What the user asks. ``speech`` and ``partner`` override what the room tells."""

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
    """A coach's answer; ``stored`` when it was given before, to the same question."""

    analysis: Analysis
    stored: bool
    credits_remaining: int
    usage: Usage = NOTHING


def analyze(caller: Caller, question: Question) -> Answer:
    """Answer a question. A fresh answer takes one of the day's credits, a stored or degraded one none.

    Raises:
        Forbidden: ``consent_required``.
        NotFound: there is no such room.
        Invalid: ``partner_unknown`` in a group nobody was named in.
        LimitReached: ``credits_used_up``, or ``too_many_requests`` in this minute.
    """
    profile = accounts.check_quota_and_consents(caller)
    stored_room = _room(caller, question.room_id)
    partner = question.partner or _partner(caller, stored_room)
    question_hash = _hash(question, stored_room, (partner, profile.birth_year, profile.speech))
    remaining = settings().daily_credits - profile.credits_used
    if not question.regenerate and (known := _known(caller, question_hash)) is not None:
        masker = masking.Masker(question.room_id or caller.user_id, names_in(stored_room, (), (partner.name,)))
        known = replace(known, coaching=known.coaching.with_quotes(masker.unmask_for_display))
        return Answer(known, stored=True, credits_remaining=max(remaining, 0))
    if remaining <= 0:
        raise LimitReached("credits_used_up", retry_after=_seconds_to_midnight(caller.now, profile.timezone))
    remaining = _take_credit(caller, profile.timezone)
    try:
        briefing, names = _briefing(caller, question, stored_room, partner, profile)
        masker = masking.Masker(question.room_id or caller.user_id, names)
        coached = coach.coach(briefing, masker, caller)
        analysis = Analysis(
            idempotent_id(),
            question.room_id,
            question_hash,
            coached.engine,
            coached.coaching,
            caller.now,
            coached.model,
            coached.degraded,
        )
        kept = replace(analysis, coaching=analysis.coaching.with_quotes(masker.mask))
        expires_at = quotes_expire_at(caller, stored_room)
        accounts.write(caller, lambda tx: analyses.insert(tx, kept, expires_at), repeatable=True)
    except Exception:
        _give_credit_back(caller, profile.timezone)
        raise
    if coached.degraded:
        _give_credit_back(caller, profile.timezone)
        remaining += 1
    return Answer(analysis, stored=False, credits_remaining=remaining, usage=coached.usage)


def _room(caller: Caller, room_id: str | None) -> rooms.StoredRoom | None:
    if room_id is None:
        return None
    stored = database().read(caller.user_id, lambda tx: rooms.with_statistics(tx, room_id, caller.now))
    if stored is None:
        raise NotFound
    if stored.statistics and stored.room.partner_name is None:
        raise Invalid(code="partner_unknown")
    return stored


def _known(caller: Caller, question_hash: str) -> Analysis | None:
    since = caller.now - STORED_FOR
    return database().read(caller.user_id, lambda tx: analyses.latest(tx, question_hash, since, caller.now))


def _take_credit(caller: Caller, timezone: str) -> int:
    """Take one of the day's credits, before anything is spent on it; return those left."""
    limit = settings().daily_credits
    used = accounts.write(caller, lambda tx: users.take_credit(tx, _day(caller, timezone), limit))
    if used is None:
        raise LimitReached("credits_used_up", retry_after=_seconds_to_midnight(caller.now, timezone))
    return limit - used


def _give_credit_back(caller: Caller, timezone: str) -> None:
    database().transaction(caller.user_id, lambda tx: users.give_credit_back(tx, _day(caller, timezone)))


def _day(caller: Caller, timezone: str) -> date:
    return caller.now.astimezone(ZoneInfo(timezone)).date()


def _seconds_to_midnight(now: datetime, timezone: str) -> int:
    local_now = now.astimezone(ZoneInfo(timezone))
    midnight = datetime.combine(local_now.date() + timedelta(days=1), datetime.min.time(), local_now.tzinfo)
    return int((midnight - local_now).total_seconds()) + 1


def _hash(question: Question, stored: rooms.StoredRoom | None, people: tuple[object, ...]) -> str:
    """What makes two questions the same: room and people as they were, the words, the language and the engine."""
    asked = [
        question.room_id,
        stored.room.version if stored else None,
        question.context,
        question.situation,
        question.goal,
        question.draft,
        repr(question.speech),
        repr(people),
        question.language,
        coach.engine(),
    ]
    return hashlib.sha256(json.dumps(asked, ensure_ascii=False).encode()).hexdigest()


def _briefing(
    caller: Caller,
    question: Question,
    stored: rooms.StoredRoom | None,
    partner: PartnerFacts,
    profile: Profile,
) -> tuple[Briefing, tuple[str, ...]]:
    """What a coach is told, and everybody whose name a model must not see."""
    people = speech_by_participant(stored) if stored else []
    briefing = Briefing(
        lines=latest_lines(caller, stored) if stored else (),
        now=caller.now.astimezone(ZoneInfo(profile.timezone)),
        partner=partner,
        me=question.speech or speech_of(people, Role.ME) or profile.speech,
        them=speech_of(people, Role.PARTNER),
        my_age=profile.age(caller.now),
        context=question.context,
        situation=question.situation,
        goal=question.goal,
        draft=question.draft,
    )
    return briefing, names_in(stored, briefing.lines, (partner.name, *(person.name for person in people)))


def _partner(caller: Caller, stored: rooms.StoredRoom | None) -> PartnerFacts:
    """What is known of the partner: the profile that the room names, else the room's own words."""
    if stored is None:
        return PartnerFacts()
    room = stored.room
    facts = PartnerFacts(name=room.partner_name, relationship=room.partner_relationship)
    profile_id = room.partner_profile_id
    if profile_id is None:
        return facts
    known = database().read(caller.user_id, lambda tx: partner_profiles.get(tx, profile_id, caller.now))
    return replace(facts_of(known.profile), name=room.partner_name or known.profile.name) if known else facts
