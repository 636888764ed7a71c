"""What the other person may be like, and how to be with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TraitEvidence:
    """A line of the partner's that shows a trait. ``quote`` is the line's own text, or its beginning."""

    trait: str
    message_id: str
    quote: str


@dataclass(frozen=True, slots=True)
class PartnerAnalysis:
    """A partner, read from what the user told and from the chat.

    The texts are Korean and name nobody. ``compatibility_score`` is 0.0 to
    1.0, None when too little is known of how the two speak.
    """

    personality_traits: tuple[str, ...]
    communication_preferences: tuple[str, ...]
    relationship_advice: tuple[str, ...]
    conversation_topics: tuple[str, ...]
    approach_strategy: str
    risk_factors: tuple[str, ...]
    compatibility_score: float | None
    evidence: tuple[TraitEvidence, ...]
    engine: str

    def with_quotes(self, change: Callable[[str], str]) -> PartnerAnalysis:
        """The same analysis with ``change`` made to what quotes the chat."""
        return replace(self, evidence=tuple(replace(one, quote=change(one.quote)) for one in self.evidence))

    def without_quotes(self) -> PartnerAnalysis:
        """The same analysis without the chat's own words, which expire."""
        return replace(self, evidence=())


@dataclass(frozen=True, slots=True)
class PartnerProfile:
    """Another person as the user describes them. ``interests`` are kept as they came, as text or as a list."""

    profile_id: str
    name: str
    relationship: str
    created_at: datetime
    updated_at: datetime
    age: int | None = None
    description: str | None = None
    interests: str | tuple[str, ...] | None = None
    communication_style: str | None = None
    personality: str | None = None
    mbti: str | None = None
    analysis: PartnerAnalysis | None = None


@dataclass(frozen=True, slots=True)
class PartnerFacts:
    """What the user told about the other person."""

    name: str | None = None
    relationship: str = "기타"
    age: int | None = None
    description: str | None = None
    interests: str | None = None
    communication_style: str | None = None
    personality: str | None = None
