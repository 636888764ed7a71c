"""Table ``conversations``: coaching turns with the question, the proposed replies, the choice and the feedback."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.domain import CoachingTurn
from chalicelib.repositories import json_columns
from chalicelib.repositories.database import Row, SortKey, UserTransaction, keyset

_PLAIN_COLUMNS = [column.name for column in fields(CoachingTurn) if column.name != "context_text"]
_PREFIXED_COLUMNS = ", ".join(f"c.{name}" for name in _PLAIN_COLUMNS)
_FEEDBACK_COLUMNS = ("selected_response_type", "selected_response", "feedback_rating", "feedback_comment")
_Responses = tuple[dict[str, Any], ...]


class TurnsAndTotal(NamedTuple):
    """A page of turns, and the number of turns on all pages."""

    turns: list[CoachingTurn]
    total: int


def insert(tx: UserTransaction, turn: CoachingTurn, context_expire_at: datetime) -> None:
    """Add a turn."""
    values: Row = {name: getattr(turn, name) for name in _PLAIN_COLUMNS}
    values["ai_responses"] = json_columns.dump(turn.ai_responses, _Responses)
    values |= {"context_text": turn.context_text, "context_expire_at": context_expire_at}
    tx.insert_many("conversations", [values])


def update(tx: UserTransaction, conversation_id: str, feedback: dict[str, Any]) -> bool:
    """Store the user's choice and feedback. Return False if there is no such turn."""
    key = {"conversation_id": conversation_id}
    # Without feedback, set the key to itself: the number of updated rows shows whether the turn exists.
    values = {name: feedback[name] for name in _FEEDBACK_COLUMNS if name in feedback} or key
    return tx.update("conversations", values, key) == 1


def page(  # noqa: PLR0913 (each argument narrows the page)
    tx: UserTransaction, room_id: str | None, now: datetime, *, limit: int, after: SortKey | None, offset: int
) -> TurnsAndTotal:
    """Return the turns after the sort key ``after``, newest first, of one room or of all rooms."""
    page_start = keyset("created_at", "conversation_id", after)
    in_room = "user_id = :user_id AND (cast(:room_id AS uuid) IS NULL OR room_id = cast(:room_id AS uuid))"
    rows = tx.rows(
        f"SELECT t.total, {_PREFIXED_COLUMNS}, "
        "CASE WHEN c.context_expire_at > :now THEN c.context_text END AS context_text "
        f"FROM (SELECT count(*) AS total FROM conversations WHERE {in_room}) t "
        f"LEFT JOIN (SELECT * FROM conversations WHERE {in_room} AND {page_start.condition} "
        "ORDER BY created_at DESC, conversation_id DESC LIMIT :limit OFFSET :offset) c ON true "
        "ORDER BY c.created_at DESC, c.conversation_id DESC",
        room_id=room_id,
        limit=limit,
        offset=offset,
        now=now,
        **page_start.values,
    )
    turns = [_turn(row) for row in rows if row["conversation_id"] is not None]
    return TurnsAndTotal(turns, int(rows[0]["total"]))


def _turn(row: Row) -> CoachingTurn:
    values = {name: value for name, value in row.items() if name != "total"}
    values["ai_responses"] = json_columns.load(_Responses, row["ai_responses"]) or ()
    return CoachingTurn(**values)
