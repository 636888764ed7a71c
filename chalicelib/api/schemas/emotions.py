"""Emotion analyses."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.api.schemas.common import Id, ReplyModel, RequestModel
from chalicelib.domain import EmotionPoint, Entity, Role, TextEmotion
from chalicelib.services import emotion_analysis

Sentiment = Literal["POSITIVE", "NEGATIVE", "NEUTRAL", "MIXED"]
Trend = Literal["rising", "steady", "falling"]


class AnalyzeEmotion(RequestModel):
    """What to analyse: a text, which is not kept, or a room."""

    text: str | None = Field(default=None, min_length=1, max_length=10_000)
    room_id: Id | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.text is None and self.room_id is None:
            raise PydanticCustomError("text_or_room", "text or room_id")
        return self


class EmotionQuery(RequestModel):
    """Which room."""

    room_id: Id


class SentimentScores(ReplyModel):
    """The four sentiments, in Comprehend's words."""

    Positive: float
    Negative: float
    Neutral: float
    Mixed: float


class Feeling(ReplyModel):
    """How something feels. ``engine`` says who read it; Comprehend reads the latest, the local model the rest."""

    sentiment: Sentiment
    sentiment_confidence: float
    sentiment_scores: SentimentScores
    emotion_category: str
    emotion_intensity: float
    key_phrases: list[str]
    entities: tuple[Entity, ...]
    analysis_summary: str
    engine: Literal["comprehend", "local"]

    @classmethod
    def fields_of(cls, found: TextEmotion) -> dict[str, Any]:
        """An emotion, field by field."""
        shares = found.emotions
        return {
            "sentiment": shares.sentiment,
            "sentiment_confidence": round(shares.confidence, 4),
            "sentiment_scores": SentimentScores(
                Positive=round(shares.positive, 4),
                Negative=round(shares.negative, 4),
                Neutral=round(shares.neutral, 4),
                Mixed=round(shares.mixed, 4),
            ),
            "emotion_category": found.category,
            "emotion_intensity": round(found.intensity, 4),
            "key_phrases": list(found.key_phrases),
            "entities": found.entities,
            "analysis_summary": found.summary,
            "engine": found.engine,
        }


class EmotionReply(Feeling):
    """How a text feels, and the units of Comprehend that this took."""

    comprehend_units: int

    @classmethod
    def of(cls, found: TextEmotion, comprehend_units: int) -> Self:
        """The wire form of an emotion."""
        return cls(**cls.fields_of(found), comprehend_units=comprehend_units)


class ParticipantEmotionReply(Feeling):
    """How one participant of a room felt."""

    name: str
    role: Role

    @classmethod
    def of_participant(cls, person: emotion_analysis.ParticipantEmotion) -> ParticipantEmotionReply:
        """The wire form of a participant's emotion."""
        return cls(name=person.name, role=person.role, **cls.fields_of(person.emotion))


class TrendReply(ReplyModel):
    """Where the mood goes; null where too little was said."""

    me: Trend | None
    partner: Trend | None

    @classmethod
    def of(cls, found: emotion_analysis.Trends) -> Self:
        """The wire form of trends."""
        return cls.model_validate({"me": found[Role.ME], "partner": found[Role.PARTNER]})


class RoomEmotionReply(ReplyModel):
    """How the participants of a room felt over the latest messages."""

    participants: list[ParticipantEmotionReply]
    trend: TrendReply
    comprehend_units: int

    @classmethod
    def of(cls, room: emotion_analysis.RoomEmotion) -> Self:
        """The wire form."""
        return cls(
            participants=[ParticipantEmotionReply.of_participant(person) for person in room.people],
            trend=TrendReply.of(room.trends),
            comprehend_units=room.comprehend_units,
        )


class PointList(ReplyModel):
    """How each role of a room felt, day by day."""

    # As they were worked out, for there are hundreds: the names of these are the contract's.
    points: list[EmotionPoint]
    trend: TrendReply

    @classmethod
    def of(cls, points: list[EmotionPoint], found: emotion_analysis.Trends) -> Self:
        """The wire form of points."""
        return cls(points=points, trend=TrendReply.of(found))
