"""Coaching turns."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from chalicelib.api.schemas.common import Id, ListQuery, Moment, Name, ReplyModel, RequestModel
from chalicelib.domain import CoachingTurn
from chalicelib.services import coaching_turns, pagination

MAX_RESPONSE_CHARACTERS = 10_000
ResponseTypeName = Literal["안전형", "균형형", "대담형"]
Prose = Annotated[str, Field(max_length=4_000)]


def _check_length(value: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(value, ensure_ascii=False)) > MAX_RESPONSE_CHARACTERS:
        raise PydanticCustomError("string_too_long", "too long", {"max_length": MAX_RESPONSE_CHARACTERS})
    return value


OfferedResponse = Annotated[dict[str, Any], AfterValidator(_check_length)]


class Feedback(RequestModel):
    """The user's choice and feedback."""

    selected_response_type: ResponseTypeName | None = None
    selected_response: Prose | None = None
    feedback_rating: int | None = Field(default=None, ge=1, le=5)
    feedback_comment: Prose | None = None


class CreateTurn(Feedback):
    """A coaching turn. ``ai_responses`` are stored as sent."""

    user_message: Prose
    ai_responses: list[OfferedResponse] = Field(max_length=10)
    analysis_id: Id | None = None
    partner_name: Name | None = None
    partner_relationship: Name | None = None
    session_id: str | None = Field(default=None, max_length=100)
    context_text: Prose | None = None
    room_id: Id | None = None

    def to_domain(self) -> coaching_turns.NewTurn:
        """Return the input of the service."""
        return coaching_turns.NewTurn(**self.model_dump() | {"ai_responses": tuple(self.ai_responses)})


class ChangeTurn(Feedback):
    """Feedback on a turn. Omitted fields keep their value."""

    conversation_id: Id

    def feedback(self) -> dict[str, Any]:
        """Return the fields that were sent."""
        return {name: getattr(self, name) for name in self.model_fields_set - {"conversation_id"}}


class TurnsQuery(ListQuery):
    """The turns of one room, or of all rooms."""

    room_id: Id | None = None


class TurnMessage(ReplyModel):
    """A stored or changed turn."""

    conversation_id: str
    message: str

    @classmethod
    def created(cls, turn: CoachingTurn) -> Self:
        """Return the reply to a new turn."""
        return cls(conversation_id=turn.conversation_id, message="대화 기록을 저장했어요.")

    @classmethod
    def changed(cls, conversation_id: str) -> Self:
        """Return the reply to a changed turn."""
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
        """Return the wire form of a turn."""
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
    def of(cls, turns: coaching_turns.TurnPage, page_request: pagination.PageRequest) -> Self:
        """Return the wire form of a page."""
        return cls(
            conversations=[TurnReply.of(turn) for turn in turns.page.items],
            total_count=turns.total,
            limit=page_request.limit,
            offset=page_request.offset,
            next_cursor=turns.page.next_cursor,
        )
