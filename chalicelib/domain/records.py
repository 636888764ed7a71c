"""What the user writes down: profiles of other people, and how coaching went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.partners import PartnerAnalysis


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
class CoachingTurn:
    """What was asked, what was offered, what was chosen, how it went. Ratings are 1 to 5."""

    conversation_id: str
    user_message: str
    ai_responses: tuple[dict[str, Any], ...]
    created_at: datetime
    analysis_id: str | None = None
    room_id: str | None = None
    session_id: str | None = None
    partner_name: str | None = None
    partner_relationship: str | None = None
    selected_response_type: str | None = None
    selected_response: str | None = None
    context_text: str | None = None
    feedback_rating: int | None = None
    feedback_comment: str | None = None
