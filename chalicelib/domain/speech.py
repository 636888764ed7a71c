"""How somebody speaks and feels, in figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum


class SpeechLevel(StrEnum):
    """말투: the speech level of a sentence, by its ending."""

    HASIPSIO = "하십시오체"
    HAEYO = "해요체"
    HAE = "해체"
    HAERA = "해라체"
    NEUTRAL = "neutral"

    # Every message is counted by its level, and Enum's own hash takes longer than the rest of the counting.
    __hash__ = str.__hash__

    @property
    def is_polite(self) -> bool:
        """Return whether the level is 존댓말."""
        return self in {SpeechLevel.HASIPSIO, SpeechLevel.HAEYO}


@dataclass(frozen=True, slots=True)
class SentimentScores:
    """Shares of the four sentiments; they add up to 1."""

    positive: float
    negative: float
    neutral: float
    mixed: float

    @property
    def sentiment(self) -> str:
        """The largest of the four, in Comprehend's words."""
        return max(("positive", "negative", "neutral", "mixed"), key=lambda name: float(getattr(self, name))).upper()

    @property
    def confidence(self) -> float:
        """The share of the largest."""
        return max(self.positive, self.negative, self.neutral, self.mixed)


@dataclass(frozen=True, slots=True)
class Habit:
    """An expression somebody uses often, and in how many messages."""

    text: str
    count: int


@dataclass(frozen=True, slots=True)
class FunctionCounts:
    """How many words (어절) somebody wrote, and in how many of them each category of function morphemes stands."""

    words: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TraitCount:
    """What a trait rests on: of so many ``messages`` ``count`` have what ``measure`` is the share of.

    ``value`` is that of the measure; a median length and a share of emotion have no count.
    """

    trait: str
    measure: str
    value: float
    count: int | None
    messages: int


@dataclass(frozen=True, slots=True)
class Speech:
    """How one person speaks; the fields are defined in the contract's speech analysis.

    Ratios are shares of text messages, 0.0 to 1.0. ``length_median`` and
    ``length_p90`` are in characters. ``confidence`` is low, medium or high.
    ``trait_counts`` are what the ``personality_traits`` rest on.
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
    def polite(self) -> bool:
        """Whether 존댓말 is this person's usual level."""
        return self.formal_ratio > 0.5  # noqa: PLR2004 (more than half)

    @property
    def has_level(self) -> bool:
        """Return whether any message of this person has a speech level."""
        return any(share for level, share in self.levels.items() if level is not SpeechLevel.NEUTRAL)

    def with_examples(self, examples: Sequence[str]) -> Speech:
        """The same figures with other examples, which are somebody's own words and expire."""
        return replace(self, response_examples=tuple(examples))

    def without_examples(self) -> Speech:
        """The figures alone."""
        return self.with_examples(())


@dataclass(frozen=True, slots=True)
class LevelSwitch:
    """A lasting change between 존댓말 and 반말, dated from the first message after it."""

    at: datetime
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class StyleFeature:
    """One category of function morphemes: the share of each one's words that have it, and how alike these are."""

    name: str
    me: float
    partner: float
    match: float


@dataclass(frozen=True, slots=True)
class StyleMatch:
    """How alike two people speak, 0.0 to 1.0, None when either wrote too little, and what that is made of."""

    score: float | None = None
    features: tuple[StyleFeature, ...] = ()
