"""Answering the question the product exists for: what to write back."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain import KEPT_FOR, Briefing, Caller, PartnerFacts, Role, Speech, Turn
from chalicelib.errors import Invalid, LimitReached, NotFound
from chalicelib.repositories import analyses, messages, rooms, users
from chalicelib.repositories.analyses import Analysis
from chalicelib.repositories.database import Transaction, database
from chalicelib.services import accounts
from chalicelib.services.coaching import local
from chalicelib.services.imports import new_id
from chalicelib.services.speech import ParticipantSpeech, in_room
from chalicelib.settings import settings

ENGINE = "local"
# The same question is answered from store for a day.
STORED_FOR = timedelta(days=1)
TURNS_READ = 200


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


def analyze(caller: Caller, question: Question) -> Answer:
    """Answer a question. A fresh answer takes one of the day's credits, a stored one none.

    Raises:
        Forbidden: ``consent_required``.
        NotFound: there is no such room.
        Invalid: ``partner_unknown`` in a group nobody was named in.
        LimitReached: ``credits_used_up``.
    """
    accounts.require_consents(caller)
    profile = accounts.profile(caller)
    stored_room = _room(caller, question.room_id)
    question_hash = _hash(question, stored_room)
    remaining = settings().daily_credits - profile.credits_used
    if not question.regenerate and (known := _known(caller, question_hash)) is not None:
        return Answer(known, stored=True, credits_remaining=max(remaining, 0))
    if remaining <= 0:
        raise LimitReached("credits_used_up", retry_after=_seconds_to_midnight(caller.now, profile.timezone))
    briefing = _briefing(caller, question, stored_room, profile.birth_year)
    if briefing.me is None and profile.speech is not None:
        briefing = replace(briefing, me=profile.speech)
    analysis = Analysis(new_id(), question.room_id, question_hash, ENGINE, local.coach(briefing), caller.now)
    remaining = _keep(caller, analysis, profile.timezone)
    return Answer(analysis, stored=False, credits_remaining=remaining)


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


def _keep(caller: Caller, analysis: Analysis, timezone: str) -> int:
    """Take a credit and keep the answer, both or neither; return the credits left."""
    day, limit = caller.now.astimezone(ZoneInfo(timezone)).date(), settings().daily_credits

    def steps(tx: Transaction) -> int:
        used = users.take_credit(tx, day, limit)
        if used is None:
            raise LimitReached("credits_used_up", retry_after=_seconds_to_midnight(caller.now, timezone))
        analyses.insert(tx, analysis, caller.now + KEPT_FOR)
        return limit - used

    return database().transaction(caller.user_id, steps)


def _seconds_to_midnight(now: datetime, timezone: str) -> int:
    local_now = now.astimezone(ZoneInfo(timezone))
    midnight = datetime.combine(local_now.date() + timedelta(days=1), datetime.min.time(), local_now.tzinfo)
    return int((midnight - local_now).total_seconds()) + 1


def _hash(question: Question, stored: rooms.StoredRoom | None) -> str:
    """What makes two questions the same: the room as it was, the words, the language and the engine."""
    asked = [
        question.room_id,
        stored.room.version if stored else None,
        question.context,
        question.situation,
        question.goal,
        question.draft,
        repr(question.speech),
        repr(question.partner),
        question.language,
        ENGINE,
    ]
    return hashlib.sha256(json.dumps(asked, ensure_ascii=False).encode()).hexdigest()


def _briefing(caller: Caller, question: Question, stored: rooms.StoredRoom | None, birth_year: int | None) -> Briefing:
    people = in_room(stored) if stored else []
    return Briefing(
        turns=tuple(_turns(caller, stored)) if stored else (),
        now=caller.now,
        partner=question.partner or _partner(stored),
        me=question.speech or _speech_of(people, Role.ME),
        them=_speech_of(people, Role.PARTNER),
        my_age=caller.now.year - birth_year if birth_year else None,
        context=question.context,
        situation=question.situation,
        goal=question.goal,
        draft=question.draft,
    )


def _partner(stored: rooms.StoredRoom | None) -> PartnerFacts:
    if stored is None:
        return PartnerFacts()
    return PartnerFacts(name=stored.room.partner_name, relationship=stored.room.partner_relationship)


def _speech_of(people: list[ParticipantSpeech], role: Role) -> Speech | None:
    return next((person.speech for person in people if person.role is role), None)


def _turns(caller: Caller, stored: rooms.StoredRoom) -> list[Turn]:
    """The end of the room's conversation, oldest first."""
    room = stored.room
    if room.generation is None:
        return []
    kept = database().read(
        caller.user_id, lambda tx: messages.page(tx, room, caller.now, newest_first=True, limit=TURNS_READ)
    )
    return [
        Turn(
            role=room.role_of(entry.message.sender),
            sender=entry.message.sender or "",
            kind=entry.message.kind,
            text=entry.message.text,
            sent_at=entry.message.sent_at,
            message_id=entry.message_id,
        )
        for entry in reversed(kept)
    ]
