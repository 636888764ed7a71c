"""Questions to the coach and its answers."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.api.schemas.common import Id, Name, ReplyModel, RequestModel
from chalicelib.api.schemas.partners import Interests
from chalicelib.api.schemas.speech import SpeechAnalysis
from chalicelib.domain import HelpLine, Interest, PartnerFacts, Recommendation, SuggestedReply, Trait, Usage
from chalicelib.services import chat_analysis


class PartnerInfo(RequestModel):
    """The user's description of the other person."""

    name: Name
    age: int | None = Field(default=None, ge=0, le=150)
    relationship: Name | None = None
    personality: str | None = Field(default=None, max_length=2_000)
    description: str | None = Field(default=None, max_length=2_000)
    interests: Interests | None = None
    communication_style: str | None = Field(default=None, max_length=2_000)

    def to_domain(self) -> PartnerFacts:
        """Return the input of the service."""
        facts = self.model_dump(exclude_none=True)
        if isinstance(self.interests, list):
            facts["interests"] = ", ".join(self.interests)
        return PartnerFacts(**facts)


class Analyze(RequestModel):
    """A question to the coach."""

    context: str | None = Field(default=None, min_length=1, max_length=4_000)
    situation: str | None = Field(default=None, max_length=2_000)
    goal: str | None = Field(default=None, max_length=2_000)
    draft: str | None = Field(default=None, max_length=2_000)
    user_style: SpeechAnalysis | None = None
    partner_info: PartnerInfo | None = None
    room_id: Id | None = None
    regenerate: bool = False

    @model_validator(mode="after")
    def _check_context_or_room(self) -> Self:
        if self.context is None and self.room_id is None:
            raise PydanticCustomError("context_or_room", "context or room_id")
        return self

    def to_domain(self) -> chat_analysis.Question:
        """Return the input of the service."""
        return chat_analysis.Question(
            context=self.context,
            situation=self.situation,
            goal=self.goal,
            draft=self.draft,
            speech=self.user_style.to_domain() if self.user_style else None,
            partner=self.partner_info.to_domain() if self.partner_info else None,
            room_id=self.room_id,
            regenerate=self.regenerate,
        )


class PartnerReply(ReplyModel):
    """The coach's view of the other person."""

    summary: str
    traits: tuple[Trait, ...]


class AnalysisReply(ReplyModel):
    """The coach's answer."""

    id: str
    analysis_id: str
    responses: tuple[SuggestedReply, ...]
    recommendation: Recommendation
    help: tuple[HelpLine, ...]
    partner: PartnerReply
    interest: Interest | None
    interest_note: str | None
    engine: Literal["local", "bedrock"]
    model: str | None = None
    degraded: bool = False
    stored: bool
    usage: Usage = Usage()
    credits_remaining: int
    ai_generated: bool = True

    @classmethod
    def of(cls, answer: chat_analysis.Answer) -> Self:
        """Return the wire form of an answer."""
        analysis, run = answer.analysis, answer.analysis.run
        coaching = run.coaching
        return cls(
            id=analysis.analysis_id,
            analysis_id=analysis.analysis_id,
            responses=coaching.responses,
            recommendation=coaching.recommendation,
            help=coaching.help,
            partner=PartnerReply(summary=coaching.partner_summary, traits=coaching.partner_traits),
            interest=coaching.interest,
            interest_note=coaching.interest_note,
            engine=run.engine,  # type: ignore[arg-type]
            model=run.model,
            degraded=run.degraded,
            stored=answer.stored,
            usage=run.usage,
            credits_remaining=answer.credits_remaining,
        )
