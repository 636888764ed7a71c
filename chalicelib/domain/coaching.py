"""What a coach is asked and what it answers."""

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
    """One message of a conversation to be answered.

    ``sent_at`` and ``message_id`` are None for lines the user typed in.
    """

    role: Role
    sender: str
    kind: Kind
    text: str
    sent_at: datetime | None = None
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Briefing:
    """Everything a coach is given. ``lines`` are oldest first; ``now`` is in the user's zone.

    ``my_age`` is in full years, None when unknown. ``me`` is how the user
    speaks, None when nothing is known of it.
    """

    lines: tuple[ChatLine, ...]
    now: datetime
    partner: PartnerFacts
    me: Speech | None = None
    them: Speech | None = None
    my_age: int | None = None
    context: str | None = None
    situation: str | None = None
    goal: str | None = None
    draft: str | None = None


class ResponseType(StrEnum):
    """How much a reply dares."""

    SAFE = "안전형"
    BALANCED = "균형형"
    BOLD = "대담형"


class Action(StrEnum):
    """What the user should do."""

    SEND = "send"
    WAIT = "wait"
    DO_NOT_CONTACT = "do_not_contact"


@dataclass(frozen=True, slots=True)
class Response:
    """One offered reply. ``message`` is empty and ``sendable`` false when nothing should be sent."""

    type: ResponseType
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
    """Whether to send at all. ``code`` is stable English, ``reason`` Korean."""

    action: Action
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class HelpLine:
    """A help line: who, how to reach them, when."""

    name: str
    contact: str
    hours: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A line of the chat that shows something. ``quote`` is the line's own text."""

    message_id: str
    quote: str


@dataclass(frozen=True, slots=True)
class Trait:
    """What the other person seems to be; ``inferred`` when no line shows it."""

    name: str
    description: str
    inferred: bool
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Signal:
    """One sign of interest. ``effect`` is up, down or flat."""

    name: str
    value: float
    effect: str
    note: str


@dataclass(frozen=True, slots=True)
class Interest:
    """Signs of interest in one figure, 0 to 100, with the interval it may lie in."""

    score: int
    low: int
    high: int
    level: str
    signals: tuple[Signal, ...]


@dataclass(frozen=True, slots=True)
class Coaching:
    """A coach's whole answer: always three responses, 안전형, 균형형, 대담형."""

    responses: tuple[Response, Response, Response]
    recommendation: Recommendation
    help: tuple[HelpLine, ...]
    partner_summary: str
    partner_traits: tuple[Trait, ...]
    interest: Interest | None
    interest_note: str | None

    def with_quotes(self, change: Callable[[str], str]) -> Coaching:
        """The same answer with ``change`` made to what quotes the chat."""
        safe, balanced, bold = (replace(one, explanation=change(one.explanation)) for one in self.responses)
        traits = (
            replace(trait, evidence=tuple(replace(one, quote=change(one.quote)) for one in trait.evidence))
            for trait in self.partner_traits
        )
        return replace(self, responses=(safe, balanced, bold), partner_traits=tuple(traits))

    def without_quotes(self) -> Coaching:
        """The same answer without the chat's own words, which expire."""
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
    """A coach's answer and how it came about.

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
