"""The emotions of a text, of a room's participants, and of a room day by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from pydantic import Json

from chalicelib.analysis import daily_sentiment, emotion
from chalicelib.analysis.daily_sentiment import Days
from chalicelib.domain import Caller, ChatLine, EmotionPoint, Kind, Role, Room, TextEmotion
from chalicelib.domain.emotions import TextAnalysis
from chalicelib.masking import masker
from chalicelib.repositories import json_columns, rooms
from chalicelib.services import accounts, stored_rooms
from chalicelib.services.ai import comprehend, room_sentiment, text_sentiment
from chalicelib.services.recent_messages import latest_lines, participant_names

Trends = dict[Role, str | None]


@dataclass(frozen=True, slots=True)
class _Counts:
    """The part of a room's statistics about sentiment: the counts by day, and the trend by participant."""

    days: Json[Days]
    trends: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class ParticipantEmotion:
    """The emotion of one participant over the room's latest messages."""

    name: str
    role: Role
    emotion: TextEmotion


@dataclass(frozen=True, slots=True)
class RoomEmotion:
    """The emotions of a room's participants, their trends, and the Comprehend units that the analysis cost."""

    people: list[ParticipantEmotion]
    trends: Trends
    comprehend_units: int


@dataclass(frozen=True, slots=True)
class EmotionHistory:
    """The sentiment of each role by day, oldest first, and the trends."""

    points: list[EmotionPoint]
    trends: Trends


def analyse_text(caller: Caller, text: str) -> TextAnalysis:
    """Analyse a text without storing it.

    Raises:
        LimitReached: ``too_many_requests``.
        Forbidden: ``consent_required``.
    """
    accounts.check_quota_and_consents(caller)
    if not comprehend.is_on():
        return TextAnalysis(emotion.analyse(text))
    return text_sentiment.analyse(caller, text)


def analyse_room(caller: Caller, room_id: str) -> RoomEmotion:
    """Analyse the latest messages of a room's participants.

    Raises:
        LimitReached: ``too_many_requests``.
        Forbidden: ``consent_required``.
        NotFound: The caller has no such room.
    """
    zone = ZoneInfo(accounts.check_quota_and_consents(caller).timezone)
    stored = stored_rooms.get(caller, room_id)
    counts = _counts(stored)
    lines = latest_lines(caller, stored)
    sentiment = room_sentiment.LOCAL_SENTIMENT
    if comprehend.is_on():
        room_masker = masker.Masker(room_id, participant_names(stored, lines, counts.trends))
        sentiment = room_sentiment.ask_comprehend(caller, lines, zone, room_masker.mask)
    people = [
        ParticipantEmotion(name, stored.room.role_of(name), _emotion(lines, indexes, sentiment))
        for name, indexes in _text_indexes_by_sender(lines)
    ]
    return RoomEmotion(people, _trends(stored.room, counts), sentiment.units)


def history(caller: Caller, room_id: str) -> EmotionHistory:
    """Return a room's sentiment by day. It is empty until a chat has been imported.

    Raises:
        NotFound: The caller has no such room.
    """
    stored = stored_rooms.get(caller, room_id)
    counts = _counts(stored)
    points = daily_sentiment.emotion_points(counts.days, stored.room.role_of)
    return EmotionHistory(points, _trends(stored.room, counts))


def _text_indexes_by_sender(lines: Sequence[ChatLine]) -> list[tuple[str, list[int]]]:
    """Return the senders with the indexes of their text messages, most messages first."""
    indexes: dict[str, list[int]] = {}
    for index, line in enumerate(lines):
        if line.kind is Kind.TEXT and line.sender:
            indexes.setdefault(line.sender, []).append(index)
    return sorted(indexes.items(), key=lambda item: -len(item[1]))


def _emotion(lines: Sequence[ChatLine], indexes: Sequence[int], sentiment: room_sentiment.RoomSentiment) -> TextEmotion:
    """Return one person's emotion, with Comprehend's sentiment for the messages that have one."""
    scores = {
        position: sentiment.by_index[index] for position, index in enumerate(indexes) if index in sentiment.by_index
    }
    local = emotion.analyse_many([lines[index].text for index in indexes], scores)
    return replace(local, engine="comprehend") if scores else local


def _counts(stored: rooms.StoredRoom) -> _Counts:
    return json_columns.load(_Counts, stored.statistics) or _Counts({}, {})


def _trends(room: Room, counts: _Counts) -> Trends:
    """Return the user's and the partner's trend: rising, steady or falling, None with too few messages."""
    by_role = {room.role_of(name): trend for name, trend in counts.trends.items()}
    return {role: by_role.get(role) for role in (Role.ME, Role.PARTNER)}
