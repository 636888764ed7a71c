"""Figures about how a person writes: speech level, style and sentiment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum


class SpeechLevel(StrEnum):
    """The speech level (말투) of a sentence, determined by its ending."""

    HASIPSIO = "하십시오체"
    HAEYO = "해요체"
    HAE = "해체"
    HAERA = "해라체"
    NEUTRAL = "neutral"

    # Messages are counted by level, and the hash of Enum would take longer than the rest of the count.
    __hash__ = str.__hash__

    @property
    def is_polite(self) -> bool:
        """Return whether the level is 존댓말."""
        return self in {SpeechLevel.HASIPSIO, SpeechLevel.HAEYO}


@dataclass(frozen=True, slots=True)
class SentimentScores:
    """The shares of the four sentiments. They add up to 1.0."""

    positive: float
    negative: float
    neutral: float
    mixed: float

    @property
    def sentiment(self) -> str:
        """Return the sentiment with the largest share, in Comprehend's spelling."""
        return max(("positive", "negative", "neutral", "mixed"), key=lambda name: float(getattr(self, name))).upper()

    @property
    def confidence(self) -> float:
        """Return the largest share."""
        return max(self.positive, self.negative, self.neutral, self.mixed)


@dataclass(frozen=True, slots=True)
class Habit:
    """A frequent expression and the number of messages that contain it."""

    text: str
    count: int


@dataclass(frozen=True, slots=True)
class FunctionCounts:
    """The number of words (어절) a person wrote, and how many of them contain each category of function morphemes."""

    words: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TraitCount:
    """The figure behind a personality trait.

    ``value`` is the value of ``measure`` over ``messages`` messages. ``count`` is the number of messages that match,
    None for a median length and for a share of sentiment.
    """

    trait: str
    measure: str
    value: float
    count: int | None
    messages: int


@dataclass(frozen=True, slots=True)
class Speech:
    """The speech analysis of one person. ``docs/analysis.md`` defines the fields.

    Ratios are shares of text messages, 0.0 to 1.0. ``length_median`` and ``length_p90`` are in characters.
    ``confidence`` is low, medium or high. ``trait_counts`` are the figures behind ``personality_traits``.
    """

    total_messages: int
    formal_ratio: float
    emoji_ratio: float
    avg_length: float
    tone: str
    speech_style: str
    personality_traits: tuple[str, ...]
    response_examples: tuple[str, ...]
    emotions: SentimentScores
    levels: dict[SpeechLevel, float]
    honorific_ratio: float
    laughter_ratio: float
    question_ratio: float
    length_median: int
    length_p90: int
    habits: tuple[Habit, ...]
    confidence: str
    trait_counts: tuple[TraitCount, ...] = ()
    functions: FunctionCounts = field(default_factory=FunctionCounts)

    @property
    def is_polite(self) -> bool:
        """Return whether this person usually writes 존댓말."""
        return self.formal_ratio > 0.5  # noqa: PLR2004 (more than half)

    @property
    def has_level(self) -> bool:
        """Return whether any message of this person has a speech level."""
        return any(share for level, share in self.levels.items() if level is not SpeechLevel.NEUTRAL)

    def with_examples(self, examples: Sequence[str]) -> Speech:
        """Return the same figures with other examples. Examples quote messages and expire."""
        return replace(self, response_examples=tuple(examples))

    def without_examples(self) -> Speech:
        """Return the same figures without examples."""
        return self.with_examples(())


@dataclass(frozen=True, slots=True)
class LevelSwitch:
    """A lasting change between 존댓말 and 반말. ``at`` is the time of the first message after it."""

    at: datetime
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class StyleFeature:
    """One category of function morphemes: the share of words that contain it, by person, and the similarity."""

    name: str
    me: float
    partner: float
    match: float


@dataclass(frozen=True, slots=True)
class StyleMatch:
    """The similarity of two people's style, 0.0 to 1.0. None if one of them wrote too little."""

    score: float | None = None
    features: tuple[StyleFeature, ...] = ()
