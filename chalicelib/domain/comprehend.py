"""What Amazon Comprehend is asked about a text, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.speech import SentimentScores


class ComprehendCall(StrEnum):
    """What may be asked of a text in Korean."""

    SENTIMENT = "sentiment"
    ENTITIES = "entities"
    KEY_PHRASES = "key_phrases"


@dataclass(frozen=True, slots=True)
class TextSpan:
    """Where a text names something: from ``begin`` up to ``end`` in code points, of which type, how surely."""

    begin: int
    end: int
    confidence: float
    type: str = ""


ComprehendResult = SentimentScores | tuple[TextSpan, ...]
