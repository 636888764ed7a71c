"""Emotion and sentiment analyses."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.api.schemas.common import Id, ReplyModel, RequestModel
from chalicelib.domain import EmotionPoint, Entity, Role, TextEmotion
from chalicelib.domain.emotions import TextAnalysis
from chalicelib.services import emotion_analysis

Sentiment = Literal["POSITIVE", "NEGATIVE", "NEUTRAL", "MIXED"]
Trend = Literal["rising", "steady", "falling"]


class AnalyzeEmotion(RequestModel):
    """A text, which is not stored, or a room."""

    text: str | None = Field(default=None, min_length=1, max_length=10_000)
    room_id: Id | None = None

    @model_validator(mode="after")
    def _check_text_or_room(self) -> Self:
        if self.text is None and self.room_id is None:
            raise PydanticCustomError("text_or_room", "text or room_id")
        return self


class EmotionQuery(RequestModel):
    """The room of the points."""

    room_id: Id


class SentimentScores(ReplyModel):
    """The shares of the four sentiments, with Comprehend's names."""

    Positive: float
    Negative: float
    Neutral: float
    Mixed: float


class EmotionFields(ReplyModel):
    """The sentiment and emotion of texts.

    With ``engine`` ``comprehend``, Comprehend read the latest texts and the local model the others.
    """

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
    def fields_of(cls, emotion: TextEmotion) -> dict[str, Any]:
        """Return the fields of an emotion."""
        scores = emotion.emotions
        return {
            "sentiment": scores.sentiment,
            "sentiment_confidence": round(scores.confidence, 4),
            "sentiment_scores": SentimentScores(
                Positive=round(scores.positive, 4),
                Negative=round(scores.negative, 4),
                Neutral=round(scores.neutral, 4),
                Mixed=round(scores.mixed, 4),
            ),
            "emotion_category": emotion.category,
            "emotion_intensity": round(emotion.intensity, 4),
            "key_phrases": list(emotion.key_phrases),
            "entities": emotion.entities,
            "analysis_summary": emotion.summary,
            "engine": emotion.engine,
        }


class EmotionReply(EmotionFields):
    """The emotion of a text, and the Comprehend units that the analysis cost."""

    comprehend_units: int

    @classmethod
    def of(cls, analysis: TextAnalysis) -> Self:
        """Return the wire form of an emotion."""
        return cls(**cls.fields_of(analysis.emotion), comprehend_units=analysis.comprehend_units)


class ParticipantEmotionReply(EmotionFields):
    """The emotion of one participant of a room."""

    name: str
    role: Role

    @classmethod
    def of_participant(cls, person: emotion_analysis.ParticipantEmotion) -> ParticipantEmotionReply:
        """Return the wire form of a participant's emotion."""
        return cls(name=person.name, role=person.role, **cls.fields_of(person.emotion))


class TrendReply(ReplyModel):
    """The trend of the sentiment by role. Null if there are too few messages."""

    me: Trend | None
    partner: Trend | None

    @classmethod
    def of(cls, trends: emotion_analysis.Trends) -> Self:
        """Return the wire form of trends."""
        return cls.model_validate({"me": trends[Role.ME], "partner": trends[Role.PARTNER]})


class RoomEmotionReply(ReplyModel):
    """The emotions of a room's participants over the latest messages."""

    participants: list[ParticipantEmotionReply]
    trend: TrendReply
    comprehend_units: int

    @classmethod
    def of(cls, room: emotion_analysis.RoomEmotion) -> Self:
        """Return the wire form of a room's emotions."""
        return cls(
            participants=[ParticipantEmotionReply.of_participant(person) for person in room.people],
            trend=TrendReply.of(room.trends),
            comprehend_units=room.comprehend_units,
        )


class PointList(ReplyModel):
    """The sentiment of each role by day."""

    # A domain type, because a list can have hundreds of points.
    points: list[EmotionPoint]
    trend: TrendReply

    @classmethod
    def of(cls, history: emotion_analysis.EmotionHistory) -> Self:
        """Return the wire form of points."""
        return cls(points=history.points, trend=TrendReply.of(history.trends))
