"""How a text feels, and how the people of a room felt, day by day."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Json

from chalicelib.domain import Caller, EmotionPoint, Kind, Role, Room, TextEmotion
from chalicelib.errors import NotFound
from chalicelib.repositories import documents, rooms
from chalicelib.repositories.database import database
from chalicelib.services import accounts
from chalicelib.services.analysis import text_emotion
from chalicelib.services.analysis.statistics import Days, emotion_points
from chalicelib.services.turns import latest_turns

ROUTE = "/emotion-analysis"

Trends = dict[Role, str | None]


@dataclass(frozen=True, slots=True)
class _Counts:
    """What is known of emotions, in a room's statistics: by day, and where it goes, by participant."""

    days: Json[Days]
    trends: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class ParticipantEmotion:
    """How one participant of a room felt, over the latest messages."""

    name: str
    role: Role
    emotion: TextEmotion


def of_text(caller: Caller, text: str) -> TextEmotion:
    """How a text feels. It is not kept.

    Raises:
        LimitReached: ``too_many_requests``.
        Forbidden: ``consent_required``.
    """
    accounts.admit(caller, ROUTE)
    return text_emotion.analyse(text)


def of_room(caller: Caller, room_id: str) -> tuple[list[ParticipantEmotion], Trends]:
    """How the participants of a room felt over the latest messages, and where it goes.

    Raises:
        LimitReached: ``too_many_requests``.
        Forbidden: ``consent_required``.
        NotFound: there is no such room.
    """
    accounts.admit(caller, ROUTE)
    stored = _stored(caller, room_id)
    texts: dict[str, list[str]] = {}
    for turn in latest_turns(caller, stored):
        if turn.kind is Kind.TEXT and turn.sender:
            texts.setdefault(turn.sender, []).append(turn.text)
    people = [
        ParticipantEmotion(name, stored.room.role_of(name), text_emotion.analyse_many(said))
        for name, said in sorted(texts.items(), key=lambda item: -len(item[1]))
    ]
    return people, _trends(stored.room, _counts(stored))


def points(caller: Caller, room_id: str) -> tuple[list[EmotionPoint], Trends]:
    """How each role of a room felt on each day, oldest first, and where it goes; empty while nothing was imported.

    Raises:
        NotFound: there is no such room.
    """
    stored = _stored(caller, room_id)
    counts = _counts(stored)
    return emotion_points(counts.days, stored.room.role_of), _trends(stored.room, counts)


def _stored(caller: Caller, room_id: str) -> rooms.StoredRoom:
    stored = database().read(caller.user_id, lambda tx: rooms.with_statistics(tx, room_id, caller.now))
    if stored is None:
        raise NotFound
    return stored


def _counts(stored: rooms.StoredRoom) -> _Counts:
    return documents.load(_Counts, stored.statistics) or _Counts({}, {})


def _trends(room: Room, counts: _Counts) -> Trends:
    """Whether the user's and the partner's mood rises, falls or is steady; None where too little was said."""
    by_role = {room.role_of(name): found for name, found in counts.trends.items()}
    return {role: by_role.get(role) for role in (Role.ME, Role.PARTNER)}
