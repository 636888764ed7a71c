"""The feeling of a text, and what the text is about."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.speech import SentimentScores


@dataclass(frozen=True, slots=True)
class Entity:
    """Something a text names. ``type`` is DATE, QUANTITY, LOCATION, PERSON or EVENT; ``confidence`` 0.0 to 1.0."""

    text: str
    type: str
    confidence: float


@dataclass(frozen=True, slots=True)
class TextEmotion:
    """A text's feeling.

    ``category`` is one of the codes of ``data/emotion_categories.json``, ``intensity`` 0.0 to 1.0,
    ``summary`` one Korean sentence. Key phrases and entities quote the text, at most five of each.
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
