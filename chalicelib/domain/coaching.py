"""Input and output of a coach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from chalicelib.domain.chats import Kind, Role
from chalicelib.domain.partners import PartnerFacts
from chalicelib.domain.speech import Speech


@dataclass(slots=True)
class ChatLine:
    """One message of the conversation to answer. ``sent_at`` and ``message_id`` are None for lines the user typed."""

    role: Role
    sender: str
    kind: Kind
    text: str
    sent_at: datetime | None = None
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Briefing:
    """The complete input of a coach. ``lines`` are oldest first; ``now`` is in the user's time zone.

    ``my_speech`` and ``partner_speech`` describe how the user and the partner speak, None if unknown. ``my_age`` is in
    years.
    """

    lines: tuple[ChatLine, ...]
    now: datetime
    partner: PartnerFacts
    my_speech: Speech | None = None
    partner_speech: Speech | None = None
    my_age: int | None = None
    context: str | None = None
    situation: str | None = None
    goal: str | None = None
    draft: str | None = None


class ReplyType(StrEnum):
    """The boldness of a reply."""

    SAFE = "안전형"
    BALANCED = "균형형"
    BOLD = "대담형"


class Action(StrEnum):
    """The recommended action."""

    SEND = "send"
    WAIT = "wait"
    DO_NOT_CONTACT = "do_not_contact"


@dataclass(frozen=True, slots=True)
class SuggestedReply:
    """One suggested reply. ``message`` is empty and ``sendable`` is false if the user should send nothing."""

    type: ReplyType
    message: str
    explanation: str
    risk_level: int
    confidence: float
    advice: str
    expected_reaction: str
    style_fit: float
    sendable: bool


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The recommendation to send a reply or not. ``code`` is a stable English identifier, ``reason`` is Korean."""

    action: Action
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class HelpLine:
    """A help line with its contact and its hours."""

    name: str
    contact: str
    hours: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A line of the chat that supports a claim. ``quote`` is the text of the line."""

    message_id: str
    quote: str


@dataclass(frozen=True, slots=True)
class Trait:
    """A trait of the partner. ``inferred`` is true if no line of the chat supports it."""

    name: str
    description: str
    inferred: bool
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal of the partner's interest. ``effect`` is up, down or flat."""

    name: str
    value: float
    effect: str
    note: str


@dataclass(frozen=True, slots=True)
class Interest:
    """The partner's interest as a score from 0 to 100, with the interval from ``low`` to ``high``."""

    score: int
    low: int
    high: int
    level: str
    signals: tuple[Signal, ...]


@dataclass(frozen=True, slots=True)
class Coaching:
    """The complete answer of a coach. The three responses are 안전형, 균형형 and 대담형, in this order."""

    responses: tuple[SuggestedReply, SuggestedReply, SuggestedReply]
    recommendation: Recommendation
    help: tuple[HelpLine, ...]
    partner_summary: str
    partner_traits: tuple[Trait, ...]
    interest: Interest | None
    interest_note: str | None

    def with_quotes(self, change: Callable[[str], str]) -> Coaching:
        """Return a copy with ``change`` applied to every text that quotes the chat."""
        safe, balanced, bold = (replace(one, explanation=change(one.explanation)) for one in self.responses)
        traits = (
            replace(trait, evidence=tuple(replace(one, quote=change(one.quote)) for one in trait.evidence))
            for trait in self.partner_traits
        )
        return replace(self, responses=(safe, balanced, bold), partner_traits=tuple(traits))

    def without_quotes(self) -> Coaching:
        """Return a copy without quotes of the chat, which expire earlier than the answer."""
        safe, balanced, bold = (replace(response, explanation="") for response in self.responses)
        traits = tuple(replace(trait, evidence=()) for trait in self.partner_traits)
        return replace(self, responses=(safe, balanced, bold), partner_traits=traits)


@dataclass(frozen=True, slots=True)
class Usage:
    """The tokens, Comprehend units and US dollars that an answer cost."""

    input_tokens: int = 0
    output_tokens: int = 0
    comprehend_units: int = 0
    cost_usd: float = 0.0


@dataclass(frozen=True, slots=True)
class ModelRun:
    """A coach's answer, its origin and its cost.

    ``engine`` is ``local`` or ``bedrock``, ``model`` the id of the Bedrock model that answered. ``degraded`` is true
    when the local coach answered in place of the model. ``failure`` names the reason if the model was called.
    """

    coaching: Coaching
    engine: str = "local"
    model: str | None = None
    degraded: bool = False
    usage: Usage = Usage()
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class CoachingTurn:
    """A stored coaching turn: the question, the proposed replies, the choice and the feedback. Ratings are 1 to 5.

    The fields are columns of the table ``conversations``: a new field needs a migration.
    """

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
