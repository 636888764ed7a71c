"""Speech analyses (말투): speech level, style and habits of a person's messages."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from chalicelib import domain
from chalicelib.api.schemas.common import Id, Moment, ReplyModel, RequestModel
from chalicelib.domain import Habit, LevelSwitch, Role, SentimentScores, Speech, SpeechLevel
from chalicelib.services import speech_analysis

Ratio = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0, le=100_000_000)]
LevelName = Literal["하십시오체", "해요체", "해체", "해라체", "neutral"]
Text = Annotated[str, Field(max_length=10_000)]


class EmotionShares(ReplyModel):
    """The shares of the four sentiments. They add up to 1."""

    positive: Ratio = 0.0
    negative: Ratio = 0.0
    neutral: Ratio = 1.0
    mixed: Ratio = 0.0


class EmotionData(ReplyModel):
    """The sentiment of a person's messages."""

    sentiment: Literal["POSITIVE", "NEGATIVE", "NEUTRAL", "MIXED"] = "NEUTRAL"
    sentiment_confidence: Ratio = 0.0
    emotions: EmotionShares = EmotionShares()

    @classmethod
    def of(cls, scores: SentimentScores) -> EmotionData:
        """Return the wire form of sentiment scores."""
        return cls.model_validate(
            {
                "sentiment": scores.sentiment,
                "sentiment_confidence": round(scores.confidence, 4),
                "emotions": {
                    name: round(getattr(scores, name), 4) for name in ("positive", "negative", "neutral", "mixed")
                },
            }
        )


class HabitCount(ReplyModel):
    """A frequent expression and the number of messages that contain it."""

    text: str = Field(max_length=100)
    count: Count


class TraitCount(ReplyModel):
    """The figure behind a personality trait.

    ``value`` is the value of ``measure`` over ``messages`` messages. ``count`` is the number of messages that match;
    null for a median length and for a share of sentiment.
    """

    trait: str = Field(max_length=100)
    measure: str = Field(max_length=100)
    value: float = Field(ge=0, le=100_000_000)
    count: Count | None = None
    messages: Count

    @classmethod
    def of(cls, trait_count: domain.TraitCount) -> Self:
        """Return the wire form of a trait's figure."""
        return cls(
            trait=trait_count.trait,
            measure=trait_count.measure,
            value=round(trait_count.value, 4),
            count=trait_count.count,
            messages=trait_count.messages,
        )


class Lengths(ReplyModel):
    """The median and the 90th percentile of the length of text messages, in characters."""

    median: Count = 0
    p90: Count = 0


class Confidence(ReplyModel):
    """The number of messages behind an analysis, and the confidence that follows from it."""

    n: Count = 0
    level: Literal["low", "medium", "high"] = "low"


class SpeechAnalysis(ReplyModel):
    """The speech analysis of one person. In a request, omitted figures are unknown."""

    formal_ratio: Ratio
    emoji_ratio: Ratio = 0.0
    avg_length: float = Field(default=0.0, ge=0, le=1_000_000)
    total_messages: Count = 0
    tone: Literal["positive", "negative", "neutral"] = "neutral"
    speech_style: Literal["formal", "semi_formal", "casual"] = "casual"
    personality_traits: list[Annotated[str, Field(max_length=100)]] = Field(default=[], max_length=20)
    trait_counts: list[TraitCount] = Field(default=[], max_length=20)
    response_examples: list[Text] = Field(default=[], max_length=20)
    emotion_data: EmotionData = EmotionData()
    speech_levels: dict[LevelName, Ratio] = Field(default={})
    honorific_ratio: Ratio = 0.0
    laughter_ratio: Ratio = 0.0
    question_ratio: Ratio = 0.0
    length: Lengths = Lengths()
    habits: list[HabitCount] = Field(default=[], max_length=20)
    confidence: Confidence = Confidence()

    @classmethod
    def of(cls, speech: Speech) -> Self:
        """Return the wire form of a speech analysis."""
        return cls(**cls.fields_of(speech))

    @classmethod
    def fields_of(cls, speech: Speech) -> dict[str, Any]:
        """Return the fields of the wire form."""
        return {
            "formal_ratio": round(speech.formal_ratio, 4),
            "emoji_ratio": round(speech.emoji_ratio, 4),
            "avg_length": round(speech.avg_length, 2),
            "total_messages": speech.total_messages,
            "tone": speech.tone,
            "speech_style": speech.speech_style,
            "personality_traits": list(speech.personality_traits),
            "trait_counts": [TraitCount.of(trait_count) for trait_count in speech.trait_counts],
            "response_examples": list(speech.response_examples),
            "emotion_data": EmotionData.of(speech.emotions),
            "speech_levels": {level.value: round(share, 4) for level, share in speech.levels.items()},
            "honorific_ratio": round(speech.honorific_ratio, 4),
            "laughter_ratio": round(speech.laughter_ratio, 4),
            "question_ratio": round(speech.question_ratio, 4),
            "length": Lengths(median=speech.length_median, p90=speech.length_p90),
            "habits": [HabitCount(text=habit.text, count=habit.count) for habit in speech.habits],
            "confidence": {"n": speech.total_messages, "level": speech.confidence},
        }

    def to_domain(self) -> Speech:
        """Return the speech analysis that a client sent."""
        shares = self.emotion_data.emotions
        return Speech(
            total_messages=self.total_messages,
            formal_ratio=self.formal_ratio,
            emoji_ratio=self.emoji_ratio,
            avg_length=self.avg_length,
            tone=self.tone,
            speech_style=self.speech_style,
            personality_traits=tuple(self.personality_traits),
            response_examples=tuple(self.response_examples),
            emotions=SentimentScores(shares.positive, shares.negative, shares.neutral, shares.mixed),
            levels={SpeechLevel(name): share for name, share in self.speech_levels.items()},
            honorific_ratio=self.honorific_ratio,
            laughter_ratio=self.laughter_ratio,
            question_ratio=self.question_ratio,
            length_median=self.length.median or round(self.avg_length),
            length_p90=self.length.p90 or round(self.avg_length * 2),
            habits=tuple(Habit(habit.text, habit.count) for habit in self.habits),
            confidence=self.confidence.level,
        )


class AnalyzeSpeech(RequestModel):
    """The messages of one person, or a room."""

    messages: list[Text] | None = Field(default=None, min_length=1, max_length=5_000)
    room_id: Id | None = None

    @model_validator(mode="after")
    def _check_messages_or_room(self) -> Self:
        if self.messages is None and self.room_id is None:
            raise PydanticCustomError("messages_or_room", "messages or room_id")
        return self


class ParticipantAnalysis(SpeechAnalysis):
    """The speech analysis of one participant of a room."""

    name: str
    role: Role

    @classmethod
    def of_participant(cls, person: speech_analysis.ParticipantSpeech) -> ParticipantAnalysis:
        """Return the wire form of a participant's speech analysis."""
        return cls(name=person.name, role=person.role, **SpeechAnalysis.fields_of(person.speech))


class StyleFeature(ReplyModel):
    """A category of function morphemes (조사, 어미).

    ``me`` and ``partner`` are the shares of words that contain it, ``match`` is the similarity of the two shares.
    """

    name: str
    me: Ratio
    partner: Ratio
    match: Ratio


class StyleMatch(ReplyModel):
    """The similarity of the user's and the partner's style. Null if one of them wrote too little."""

    score: Ratio | None = None
    features: list[StyleFeature] = Field(default=[])

    @classmethod
    def of(cls, match: domain.StyleMatch) -> Self:
        """Return the wire form of a style match."""
        features = [
            StyleFeature(
                name=feature.name,
                me=round(feature.me, 4),
                partner=round(feature.partner, 4),
                match=round(feature.match, 4),
            )
            for feature in match.features
        ]
        return cls(score=None if match.score is None else round(match.score, 4), features=features)


class Switch(BaseModel):
    """A lasting change between 존댓말 and 반말."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    at: Moment
    role: Role
    from_: str = Field(alias="from")
    to: str


class RoomSpeech(ReplyModel):
    """The speech analyses of a room's participants."""

    participants: list[ParticipantAnalysis]
    style_match: StyleMatch = StyleMatch()
    switches: list[Switch]
    summary: str

    @classmethod
    def of(cls, people: list[speech_analysis.ParticipantSpeech]) -> RoomSpeech:
        """Return the wire form of the participants' speech analyses."""
        match = speech_analysis.style_match(people)
        return cls(
            participants=[ParticipantAnalysis.of_participant(person) for person in people],
            style_match=StyleMatch.of(match),
            switches=sorted(
                (_switch(person, change) for person in people for change in person.switches),
                key=lambda switch: switch.at,
            ),
            summary=speech_analysis.summary(people, match),
        )


def _switch(person: speech_analysis.ParticipantSpeech, change: LevelSwitch) -> Switch:
    return Switch.model_validate({"at": change.at, "role": person.role, "from": change.before, "to": change.after})
