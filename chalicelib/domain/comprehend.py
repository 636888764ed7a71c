"""Calls of Amazon Comprehend and their results."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.speech import SentimentScores


class ComprehendOperation(StrEnum):
    """The Comprehend operations that support Korean."""

    SENTIMENT = "sentiment"
    ENTITIES = "entities"
    KEY_PHRASES = "key_phrases"


@dataclass(frozen=True, slots=True)
class TextSpan:
    """A part of a text that names something. ``begin`` and ``end`` (exclusive) count code points."""

    begin: int
    end: int
    confidence: float
    type: str = ""


ComprehendResult = SentimentScores | tuple[TextSpan, ...]
