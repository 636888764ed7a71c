"""How people speak: in texts that are sent, or in a room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic_core import from_json

from chalicelib.analysis import speech, tally_document
from chalicelib.analysis import style_match as style
from chalicelib.analysis.level_switches import SwitchTracker
from chalicelib.analysis.speech import SpeechCounts
from chalicelib.analysis.tally import Tally
from chalicelib.domain import Caller, Examples, LevelSwitch, Role, Speech, StyleMatch
from chalicelib.errors import NotFound
from chalicelib.repositories import json_columns, rooms
from chalicelib.repositories.database import database
from chalicelib.services import accounts

ROUTE = "/analyze-speech"


@dataclass(frozen=True, slots=True)
class ParticipantSpeech:
    """How one participant of a room speaks."""

    name: str
    role: Role
    speech: Speech
    switches: tuple[LevelSwitch, ...] = ()


def tally_of(stored: rooms.StoredRoom) -> Tally | None:
    """A stored room's running counts, None while nothing was imported."""
    return tally_document.load(stored.statistics) if stored.statistics else None


def speech_of(people: Sequence[ParticipantSpeech], role: Role) -> Speech | None:
    """How the one with this role speaks, None when nobody has it."""
    return next((person.speech for person in people if person.role is role), None)


def style_match(people: Sequence[ParticipantSpeech]) -> StyleMatch:
    """How alike the user and the partner speak, without a score when one is unknown or wrote too little."""
    me, partner = speech_of(people, Role.ME), speech_of(people, Role.PARTNER)
    return style.style_match(me.functions, partner.functions) if me and partner else StyleMatch()


def of_texts(caller: Caller, texts: Sequence[str]) -> Speech:
    """How one person speaks, by their messages.

    Raises:
        Forbidden: ``consent_required``.
    """
    accounts.check_quota_and_consents(caller, ROUTE)
    return speech.analyse(texts)


def of_room(caller: Caller, room_id: str) -> list[ParticipantSpeech]:
    """How each participant of a room speaks, over everything ever imported.

    Raises:
        Forbidden: ``consent_required``.
        NotFound: there is no such room.
    """
    accounts.check_quota_and_consents(caller, ROUTE)
    stored = database().read(caller.user_id, lambda tx: rooms.with_statistics(tx, room_id, caller.now))
    if stored is None:
        raise NotFound
    return speech_by_participant(stored)


def speech_by_participant(stored: rooms.StoredRoom) -> list[ParticipantSpeech]:
    """How each participant of a stored room speaks, the most talkative first; empty while nothing was imported."""
    if stored.statistics is None:
        return []
    examples = json_columns.load(Examples, stored.examples) or {}
    # The rest of the counts need not be made of the document again: nothing is added to them here.
    people = sorted(from_json(stored.statistics)["people"].items(), key=lambda item: -item[1]["messages"])
    return [
        ParticipantSpeech(
            name,
            stored.room.role_of(name),
            SpeechCounts.from_document(person["speech"]).speech(examples.get(name, ())),
            tuple(SwitchTracker.from_document(person["switches"]).switches),
        )
        for name, person in people
    ]


STYLE_WORDS = {"formal": "존댓말로", "semi_formal": "존댓말과 반말을 섞어", "casual": "반말로"}
WHO = {Role.ME: "나는", Role.PARTNER: "상대는"}
SENTENCES = 2


def summary(people: Sequence[ParticipantSpeech], match: StyleMatch) -> str:
    """How the two speak, and how alike or why that is not known, in Korean."""
    spoken = [person for person in people if person.speech.total_messages][:SENTENCES]
    return " ".join([*map(_sentence, spoken), *_likeness(people, match)])


def _likeness(people: Sequence[ParticipantSpeech], match: StyleMatch) -> list[str]:
    if match.score is not None:
        return [f"조사와 어미를 쓰는 버릇은 {match.score:.0%} 닮았어요."]
    if {Role.ME, Role.PARTNER} <= {person.role for person in people}:
        return [f"말투가 얼마나 닮았는지는 두 사람이 {style.MIN_WORDS}어절 이상 써야 알 수 있어요."]
    return []


def _sentence(person: ParticipantSpeech) -> str:
    who = WHO.get(person.role, f"{person.name} 님은")
    if person.switches:
        style = f"처음과 달리 지금은 {person.switches[-1].after}로"
    else:
        style = STYLE_WORDS[person.speech.speech_style]
    return f"{who} {style} 말하고, 한 번에 {person.speech.length_median}자쯤 써요."
