"""Coaching turns: the question, the proposed replies, the user's choice and feedback."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from chalicelib.domain import CHAT_RETENTION, Caller, CoachingTurn
from chalicelib.errors import NotFound
from chalicelib.repositories import analyses, conversations
from chalicelib.repositories.database import UserTransaction, database
from chalicelib.services import accounts, rooms
from chalicelib.services.ids import idempotent_id
from chalicelib.services.pagination import Page, PageRequest, make_page, parse_time_and_id


@dataclass(frozen=True, slots=True)
class NewTurn:
    """The user's input for a new turn."""

    user_message: str
    ai_responses: tuple[dict[str, Any], ...]
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


@dataclass(frozen=True, slots=True)
class TurnPage:
    """A page of turns, and the number of turns on all pages."""

    page: Page[CoachingTurn]
    total: int


def create(caller: Caller, new: NewTurn) -> CoachingTurn:
    """Store a turn.

    Raises:
        Forbidden: ``consent_required``.
        NotFound: The caller has no such room or analysis.
    """
    accounts.require_consents(caller)
    turn = CoachingTurn(conversation_id=idempotent_id(), created_at=caller.now, **asdict(new))

    def steps(tx: UserTransaction) -> None:
        if turn.room_id is not None:
            rooms.require(tx, caller, turn.room_id)
        if turn.analysis_id is not None and not analyses.exists(tx, turn.analysis_id):
            raise NotFound
        conversations.insert(tx, turn, caller.now + CHAT_RETENTION)

    accounts.write(caller, steps, repeatable=True)
    return turn


def update(caller: Caller, conversation_id: str, feedback: dict[str, Any]) -> None:
    """Store the user's choice and feedback in a turn.

    Raises:
        NotFound: The caller has no such turn.
    """
    if not accounts.write(caller, lambda tx: conversations.update(tx, conversation_id, feedback)):
        raise NotFound


def page(caller: Caller, room_id: str | None, request: PageRequest) -> TurnPage:
    """Return a page of the caller's turns, newest first. With ``room_id``, only the turns of that room.

    Raises:
        Invalid: The cursor does not belong to this list.
    """
    after = request.after(parse_time_and_id)
    rows, total = database().read(
        caller.user_id,
        lambda tx: conversations.page(
            tx, room_id, caller.now, limit=request.limit + 1, after=after, offset=request.offset
        ),
    )
    return TurnPage(
        make_page(rows, request.limit, lambda turn: [turn.created_at.isoformat(), turn.conversation_id]), total
    )
