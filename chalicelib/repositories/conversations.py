"""``conversations``: coaching turns: what was asked, offered and chosen, and how it went."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from chalicelib.domain import CoachingTurn
from chalicelib.repositories import json_columns
from chalicelib.repositories.database import Row, UserTransaction

PLAIN = [column.name for column in fields(CoachingTurn) if column.name != "context_text"]
COLUMNS = ", ".join(f"c.{name}" for name in PLAIN)
FEEDBACK = ("selected_response_type", "selected_response", "feedback_rating", "feedback_comment")
Responses = tuple[dict[str, Any], ...]
SortKey = tuple[datetime, str]


def insert(tx: UserTransaction, turn: CoachingTurn, context_expire_at: datetime) -> None:
    """Add a turn."""
    values: Row = {name: getattr(turn, name) for name in PLAIN}
    values["ai_responses"] = json_columns.dump(turn.ai_responses, Responses)
    values |= {"context_text": turn.context_text, "context_expire_at": context_expire_at}
    tx.insert_many("conversations", [values])


def update(tx: UserTransaction, conversation_id: str, feedback: dict[str, Any]) -> bool:
    """Write what the user chose and how it went; say whether the turn was there."""
    names = [name for name in FEEDBACK if name in feedback]
    assignments = ", ".join(f"{name} = :{name}" for name in names) or "conversation_id = conversation_id"
    sql = f"UPDATE conversations SET {assignments} WHERE user_id = :user_id AND conversation_id = :id"
    return tx.execute(sql, id=conversation_id, **{name: feedback[name] for name in names}) == 1


def page(  # noqa: PLR0913 (each narrows the page)
    tx: UserTransaction, room_id: str | None, now: datetime, *, limit: int, after: SortKey | None, offset: int
) -> tuple[list[CoachingTurn], int]:
    """Turns, newest first, those behind ``after``; and how many there are in all."""
    created_at, conversation_id = after or (None, None)
    in_room = "user_id = :user_id AND (cast(:room_id AS uuid) IS NULL OR room_id = cast(:room_id AS uuid))"
    rows = tx.rows(
        f"SELECT t.total, {COLUMNS}, CASE WHEN c.context_expire_at > :now THEN c.context_text END AS context_text "
        f"FROM (SELECT count(*) AS total FROM conversations WHERE {in_room}) t "
        f"LEFT JOIN (SELECT * FROM conversations WHERE {in_room} "
        "AND (cast(:created_at AS timestamptz) IS NULL "
        "     OR (created_at, conversation_id) < (cast(:created_at AS timestamptz), cast(:behind AS uuid))) "
        "ORDER BY created_at DESC, conversation_id DESC LIMIT :limit OFFSET :offset) c ON true "
        "ORDER BY c.created_at DESC, c.conversation_id DESC",
        room_id=room_id,
        created_at=created_at,
        behind=conversation_id,
        limit=limit,
        offset=offset,
        now=now,
    )
    total = int(rows[0]["total"])
    return [_turn(row) for row in rows if row["conversation_id"] is not None], total


def _turn(row: Row) -> CoachingTurn:
    values: dict[str, Any] = {name: value for name, value in row.items() if name != "total"}
    for name in ("conversation_id", "analysis_id", "room_id"):
        values[name] = str(values[name]) if values[name] else None
    values["ai_responses"] = json_columns.load(Responses, row["ai_responses"]) or ()
    return CoachingTurn(**values)
