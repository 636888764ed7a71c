"""Coaching turns."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from chalicelib.api.schemas.common import Id, ListQuery, Moment, Name, ReplyModel, RequestModel
from chalicelib.domain import CoachingTurn
from chalicelib.services import pagination

MAX_RESPONSE_CHARACTERS = 10_000
ResponseTypeName = Literal["안전형", "균형형", "대담형"]
Prose = Annotated[str, Field(max_length=4_000)]


def _small(value: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(value, ensure_ascii=False)) > MAX_RESPONSE_CHARACTERS:
        raise PydanticCustomError("string_too_long", "too long", {"max_length": MAX_RESPONSE_CHARACTERS})
    return value


OfferedResponse = Annotated[dict[str, Any], AfterValidator(_small)]


class Feedback(RequestModel):
    """What the user chose and how it went."""

    selected_response_type: ResponseTypeName | None = None
    selected_response: Prose | None = None
    feedback_rating: int | None = Field(default=None, ge=1, le=5)
    feedback_comment: Prose | None = None


class CreateTurn(Feedback):
    """A coaching turn; ``ai_responses`` are kept as they were offered."""

    user_message: Prose
    ai_responses: list[OfferedResponse] = Field(max_length=10)
    analysis_id: Id | None = None
    partner_name: Name | None = None
    partner_relationship: Name | None = None
    session_id: str | None = Field(default=None, max_length=100)
    context_text: Prose | None = None
    room_id: Id | None = None

    def to_domain(self) -> CoachingTurn:
        """The same, for the service, which gives it its id and time."""
        fields = self.model_dump() | {"ai_responses": tuple(self.ai_responses)}
        return CoachingTurn(conversation_id="", created_at=datetime.now(UTC), **fields)


class ChangeTurn(Feedback):
    """How a turn went; what is left out stays."""

    conversation_id: Id

    def feedback(self) -> dict[str, Any]:
        """The fields that were given."""
        return {name: getattr(self, name) for name in self.model_fields_set - {"conversation_id"}}


class TurnsQuery(ListQuery):
    """Which turns."""

    room_id: Id | None = None


class TurnMessage(ReplyModel):
    """A turn that was kept or changed."""

    conversation_id: str
    message: str

    @classmethod
    def created(cls, turn: CoachingTurn) -> Self:
        """The reply to keeping a turn."""
        return cls(conversation_id=turn.conversation_id, message="대화 기록을 저장했어요.")

    @classmethod
    def changed(cls, conversation_id: str) -> Self:
        """The reply to changing a turn."""
        return cls(conversation_id=conversation_id, message="대화 기록을 고쳤어요.")


class TurnReply(ReplyModel):
    """A coaching turn."""

    id: str
    conversation_id: str
    user_message: str
    ai_responses: list[dict[str, Any]]
    analysis_id: str | None
    selected_response_type: ResponseTypeName | None
    selected_response: str | None
    partner_name: str | None
    partner_relationship: str | None
    session_id: str | None
    context_text: str | None
    room_id: str | None
    feedback_rating: int | None
    feedback_comment: str | None
    created_at: Moment

    @classmethod
    def of(cls, turn: CoachingTurn) -> Self:
        """The wire form of a turn."""
        fields = {name: getattr(turn, name) for name in cls.model_fields if name not in ("id", "ai_responses")}
        return cls(**fields, id=turn.conversation_id, ai_responses=list(turn.ai_responses))


class TurnList(ReplyModel):
    """Turns, newest first."""

    conversations: list[TurnReply]
    total_count: int
    limit: int
    offset: int
    next_cursor: str | None

    @classmethod
    def of(cls, page: pagination.Page[CoachingTurn], total: int, position: pagination.PageRequest) -> Self:
        """The wire form of a page."""
        return cls(
            conversations=[TurnReply.of(turn) for turn in page.items],
            total_count=total,
            limit=position.limit,
            offset=position.offset,
            next_cursor=page.next_cursor,
        )
