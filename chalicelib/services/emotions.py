"""How a text feels, and how the people of a room felt, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Json

from chalicelib.domain import Caller, EmotionPoint, Kind, Role, TextEmotion
from chalicelib.errors import NotFound
from chalicelib.repositories import documents, rooms
from chalicelib.repositories.database import database
from chalicelib.services import accounts
from chalicelib.services.analysis import text_emotion
from chalicelib.services.analysis.statistics import Days, emotion_points
from chalicelib.services.turns import latest_turns

ROUTE = "/emotion-analysis"
# The latest days that a trend looks at.
TREND_DAYS = 28

Trends = dict[Role, str | None]


@dataclass(frozen=True, slots=True)
class _Counts:
    """What emotion points are made of, in a room's statistics."""

    days: Json[Days]


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
    return people, trends(_points(stored))


def points(caller: Caller, room_id: str) -> list[EmotionPoint]:
    """How each role of a room felt on each day, oldest first; empty while nothing was imported.

    Raises:
        NotFound: there is no such room.
    """
    return _points(_stored(caller, room_id))


def trends(found: Sequence[EmotionPoint]) -> Trends:
    """Whether the user's and the partner's mood rises, falls or is steady; None where too little was said."""
    return {role: _trend(role, found) for role in (Role.ME, Role.PARTNER)}


def _trend(role: Role, found: Sequence[EmotionPoint]) -> str | None:
    days = [(point.messages, point.positive - point.negative) for point in found if point.role is role]
    return text_emotion.trend(days[-TREND_DAYS:])


def _stored(caller: Caller, room_id: str) -> rooms.StoredRoom:
    stored = database().read(caller.user_id, lambda tx: rooms.with_statistics(tx, room_id, caller.now))
    if stored is None:
        raise NotFound
    return stored


def _points(stored: rooms.StoredRoom) -> list[EmotionPoint]:
    counts = documents.load(_Counts, stored.statistics)
    return emotion_points(counts.days, stored.room.role_of) if counts else []
