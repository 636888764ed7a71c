"""The emotion of a text, with its key phrases and entities."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.speech import SentimentScores


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity in a text. ``type`` is DATE, QUANTITY, LOCATION, PERSON or EVENT; ``confidence`` is 0.0 to 1.0."""

    text: str
    type: str
    confidence: float


@dataclass(frozen=True, slots=True)
class TextEmotion:
    """The emotion of a text.

    ``emotions`` are the sentiment scores. ``category`` is a code of ``analysis/data/emotion_categories.json``,
    ``intensity`` is 0.0 to 1.0, ``summary`` is one Korean sentence. Key phrases and entities quote the text; there are
    at most five of each.
    """

    emotions: SentimentScores
    category: str
    intensity: float
    key_phrases: tuple[str, ...]
    entities: tuple[Entity, ...]
    summary: str
    engine: str = "local"


@dataclass(frozen=True, slots=True)
class TextAnalysis:
    """The emotion of a text, and the Comprehend units that the analysis cost."""

    emotion: TextEmotion
    comprehend_units: int = 0
