"""Coaching turns: what was asked, offered and chosen, and how it went."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chalicelib.domain import KEPT_FOR, Caller, CoachingTurn
from chalicelib.errors import NotFound
from chalicelib.repositories import analyses, conversations
from chalicelib.repositories.database import UserTransaction, database
from chalicelib.services import accounts, rooms
from chalicelib.services.ids import idempotent_id
from chalicelib.services.pagination import Page, PageRequest, make_page, parse_time_and_id


def create(caller: Caller, turn: CoachingTurn) -> CoachingTurn:
    """Keep a turn; its id and time are made here.

    Raises:
        Forbidden: ``consent_required``.
        NotFound: it names a room or an analysis that is not the caller's.
    """
    accounts.require_consents(caller)
    turn = replace(turn, conversation_id=idempotent_id(), created_at=caller.now)

    def steps(tx: UserTransaction) -> None:
        if turn.room_id is not None:
            rooms.require(tx, caller, turn.room_id)
        if turn.analysis_id is not None and not analyses.exists(tx, turn.analysis_id):
            raise NotFound
        conversations.insert(tx, turn, caller.now + KEPT_FOR)

    accounts.write(caller, steps, repeatable=True)
    return turn


def change(caller: Caller, conversation_id: str, feedback: dict[str, Any]) -> None:
    """Write what the user chose and how it went.

    Raises:
        NotFound: there is no such turn.
    """
    if not accounts.write(caller, lambda tx: conversations.update(tx, conversation_id, feedback)):
        raise NotFound


def page(caller: Caller, room_id: str | None, position: PageRequest) -> tuple[Page[CoachingTurn], int]:
    """The caller's turns, newest first, of one room when it is named; and how many there are in all.

    Raises:
        Invalid: the cursor is none of this list.
    """
    after = position.after(parse_time_and_id)
    found, total = database().read(
        caller.user_id,
        lambda tx: conversations.page(
            tx, room_id, caller.now, limit=position.limit + 1, after=after, offset=position.offset
        ),
    )
    return make_page(found, position.limit, lambda turn: [turn.created_at.isoformat(), turn.conversation_id]), total
