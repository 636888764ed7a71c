"""Speech analysis of submitted texts and of rooms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic_core import from_json

from chalicelib.analysis import level_switches, speech
from chalicelib.analysis import style_match as style
from chalicelib.domain import Caller, Examples, LevelSwitch, Role, Speech, StyleMatch
from chalicelib.repositories import json_columns, rooms
from chalicelib.services import accounts, stored_rooms

# Korean phrases of the summary: the style by its code, and the subject of a sentence by role.
_STYLE_PHRASES = {"formal": "존댓말로", "semi_formal": "존댓말과 반말을 섞어", "casual": "반말로"}
_SUBJECTS = {Role.ME: "나는", Role.PARTNER: "상대는"}
_MAX_PEOPLE_IN_SUMMARY = 2


@dataclass(frozen=True, slots=True)
class ParticipantSpeech:
    """The speech analysis of one participant of a room."""

    name: str
    role: Role
    speech: Speech
    switches: tuple[LevelSwitch, ...] = ()


def analyse_texts(caller: Caller, texts: Sequence[str]) -> Speech:
    """Analyse the messages of one person.

    Raises:
        LimitReached: ``too_many_requests``.
        Forbidden: ``consent_required``.
    """
    accounts.check_quota_and_consents(caller)
    return speech.analyse(texts)


def analyse_room(caller: Caller, room_id: str) -> list[ParticipantSpeech]:
    """Return the speech analysis of each participant of a room, over every message ever imported.

    Raises:
        LimitReached: ``too_many_requests``.
        Forbidden: ``consent_required``.
        NotFound: The caller has no such room.
    """
    accounts.check_quota_and_consents(caller)
    return speech_by_participant(stored_rooms.get(caller, room_id))


def speech_by_participant(stored: rooms.StoredRoom) -> list[ParticipantSpeech]:
    """Return the speech analysis of each participant, most messages first. Empty if nothing was imported."""
    if stored.statistics is None:
        return []
    examples = json_columns.load(Examples, stored.examples) or {}
    # A ``Tally`` is not needed, since no message is added. Decoding only these parts is faster.
    people = sorted(from_json(stored.statistics)["people"].items(), key=lambda item: -item[1]["messages"])
    return [
        ParticipantSpeech(
            name,
            stored.room.role_of(name),
            speech.SpeechCounts.from_document(person["speech"]).speech(examples.get(name, ())),
            tuple(level_switches.SwitchTracker.from_document(person["switches"]).switches),
        )
        for name, person in people
    ]


def speech_of(people: Sequence[ParticipantSpeech], role: Role) -> Speech | None:
    """Return the speech analysis of the participant with this role. None if there is none."""
    return next((person.speech for person in people if person.role is role), None)


def style_match(people: Sequence[ParticipantSpeech]) -> StyleMatch:
    """Return the style match of the user and the partner. It has no score if one is unknown or wrote too little."""
    me, partner = speech_of(people, Role.ME), speech_of(people, Role.PARTNER)
    return style.style_match(me.functions, partner.functions) if me and partner else StyleMatch()


def summary(people: Sequence[ParticipantSpeech], match: StyleMatch) -> str:
    """Describe in Korean how two people write, and how similar they are."""
    writers = [person for person in people if person.speech.total_messages][:_MAX_PEOPLE_IN_SUMMARY]
    return " ".join([*map(_style_sentence, writers), *_match_sentences(people, match)])


def _style_sentence(person: ParticipantSpeech) -> str:
    subject = _SUBJECTS.get(person.role, f"{person.name} 님은")
    if person.switches:
        phrase = f"처음과 달리 지금은 {person.switches[-1].after}로"
    else:
        phrase = _STYLE_PHRASES[person.speech.speech_style]
    return f"{subject} {phrase} 말하고, 한 번에 {person.speech.length_median}자쯤 써요."


def _match_sentences(people: Sequence[ParticipantSpeech], match: StyleMatch) -> list[str]:
    if match.score is not None:
        return [f"조사와 어미를 쓰는 버릇은 {match.score:.0%} 닮았어요."]
    if {Role.ME, Role.PARTNER} <= {person.role for person in people}:
        return [f"말투가 얼마나 닮았는지는 두 사람이 {style.MIN_WORDS}어절 이상 써야 알 수 있어요."]
    return []
