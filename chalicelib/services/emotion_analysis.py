"""How a text feels, and how the people of a room felt, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from pydantic import Json

from chalicelib.analysis import emotion
from chalicelib.analysis.statistics import emotion_points
from chalicelib.analysis.tally import Days
from chalicelib.domain import Caller, ChatLine, EmotionPoint, Kind, Role, Room, TextEmotion
from chalicelib.errors import NotFound
from chalicelib.masking import masker as masking
from chalicelib.repositories import json_columns, rooms
from chalicelib.repositories.database import database
from chalicelib.services import accounts
from chalicelib.services.ai import comprehend, room_sentiment, text_sentiment
from chalicelib.services.ai.room_sentiment import RoomSentiment
from chalicelib.services.recent_messages import latest_lines, names_in

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


@dataclass(frozen=True, slots=True)
class RoomEmotion:
    """How a room's participants felt, where it goes, and the units of Comprehend that this took."""

    people: list[ParticipantEmotion]
    trends: Trends
    comprehend_units: int


def of_text(caller: Caller, text: str) -> tuple[TextEmotion, int]:
    """How a text feels, and the units of Comprehend that this took. The text is not kept.

    Raises:
        LimitReached: ``too_many_requests``.
        Forbidden: ``consent_required``.
    """
    accounts.check_quota_and_consents(caller, ROUTE)
    if not comprehend.is_on():
        return emotion.analyse(text), 0
    return text_sentiment.read(caller, text)


def of_room(caller: Caller, room_id: str) -> RoomEmotion:
    """How the participants of a room felt over the latest messages, and where it goes.

    Raises:
        LimitReached: ``too_many_requests``.
        Forbidden: ``consent_required``.
        NotFound: there is no such room.
    """
    zone = ZoneInfo(accounts.check_quota_and_consents(caller, ROUTE).timezone)
    stored = _stored(caller, room_id)
    counts = _counts(stored)
    turns = latest_lines(caller, stored)
    mood = room_sentiment.LOCAL_ONLY
    if comprehend.is_on():
        mood = room_sentiment.read(
            caller, turns, zone, masking.Masker(room_id, names_in(stored, turns, counts.trends)).mask
        )
    said: dict[str, list[int]] = {}
    for place, turn in enumerate(turns):
        if turn.kind is Kind.TEXT and turn.sender:
            said.setdefault(turn.sender, []).append(place)
    people = [
        ParticipantEmotion(name, stored.room.role_of(name), _emotion(turns, places, mood))
        for name, places in sorted(said.items(), key=lambda item: -len(item[1]))
    ]
    return RoomEmotion(people, _trends(stored.room, counts), mood.units)


def points(caller: Caller, room_id: str) -> tuple[list[EmotionPoint], Trends]:
    """How each role of a room felt on each day, oldest first, and where it goes; empty while nothing was imported.

    Raises:
        NotFound: there is no such room.
    """
    stored = _stored(caller, room_id)
    counts = _counts(stored)
    return emotion_points(counts.days, stored.room.role_of), _trends(stored.room, counts)


def _emotion(turns: Sequence[ChatLine], places: Sequence[int], mood: RoomSentiment) -> TextEmotion:
    """How one person felt, by Comprehend where it was asked and by the local model elsewhere."""
    read = {index: mood.by_place[place] for index, place in enumerate(places) if place in mood.by_place}
    found = emotion.analyse_many([turns[place].text for place in places], read)
    return replace(found, engine="comprehend") if read else found


def _stored(caller: Caller, room_id: str) -> rooms.StoredRoom:
    stored = database().read(caller.user_id, lambda tx: rooms.with_statistics(tx, room_id, caller.now))
    if stored is None:
        raise NotFound
    return stored


def _counts(stored: rooms.StoredRoom) -> _Counts:
    return json_columns.load(_Counts, stored.statistics) or _Counts({}, {})


def _trends(room: Room, counts: _Counts) -> Trends:
    """Whether the user's and the partner's mood rises, falls or is steady; None where too little was said."""
    by_role = {room.role_of(name): found for name, found in counts.trends.items()}
    return {role: by_role.get(role) for role in (Role.ME, Role.PARTNER)}
