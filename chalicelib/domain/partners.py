"""The partner: the user's description and its analysis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TraitEvidence:
    """A line by the partner that shows a trait. ``quote`` is the text of the line, or the beginning of it."""

    trait: str
    message_id: str
    quote: str


@dataclass(frozen=True, slots=True)
class PartnerAnalysis:
    """The analysis of a partner, from the user's description and the chat.

    The texts are Korean and contain no names. ``compatibility_score`` is 0.0 to 1.0, None if one of the two wrote too
    little.
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
        """Return a copy with ``change`` applied to every text that quotes the chat."""
        return replace(self, evidence=tuple(replace(one, quote=change(one.quote)) for one in self.evidence))

    def without_quotes(self) -> PartnerAnalysis:
        """Return a copy without quotes of the chat, which expire earlier than the analysis."""
        return replace(self, evidence=())


@dataclass(frozen=True, slots=True)
class PartnerProfile:
    """Another person as the user describes them. ``interests`` are stored as sent: a text or a list.

    The fields are columns of the table ``partner_profiles``: a new field needs a migration.
    """

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
    """The user's description of the partner, as a coach reads it."""

    name: str | None = None
    relationship: str = "기타"
    age: int | None = None
    description: str | None = None
    interests: str | None = None
    communication_style: str | None = None
    personality: str | None = None
