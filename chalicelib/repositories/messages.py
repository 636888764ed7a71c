"""``messages``: the latest messages of a room, in generations."""

from __future__ import annotations

from datetime import datetime

from chalicelib.domain import KeptMessage, Kind, Message, Room
from chalicelib.repositories.database import Row, Transaction

COLUMNS = "position, message_id, sender, kind, text, count, sent_at, expires_at"


def insert(tx: Transaction, room_id: str, generation: str, kept: list[KeptMessage]) -> None:
    """Add messages to a generation, at most what one transaction may hold; a repeat adds nothing."""
    tx.insert_many("messages", [_row(room_id, generation, message) for message in kept])


def carry_over(tx: Transaction, room_id: str, old: str, new: str, positions: range) -> None:
    """Copy messages of one generation into another, with their own expiry."""
    tx.execute(
        f"INSERT INTO messages (user_id, room_id, generation, {COLUMNS}) "
        f"SELECT user_id, room_id, cast(:new AS uuid), {COLUMNS} FROM messages "
        "WHERE user_id = :user_id AND room_id = :room_id AND generation = :old "
        "AND position >= :start AND position < :stop",
        new=new,
        old=old,
        room_id=room_id,
        start=positions.start,
        stop=positions.stop,
    )


def page(  # noqa: PLR0913 (each narrows the page)
    tx: Transaction,
    room: Room,
    now: datetime,
    *,
    newest_first: bool,
    limit: int,
    after: int | None = None,
    offset: int = 0,
) -> list[KeptMessage]:
    """Messages in order, those behind position ``after``."""
    direction, behind = ("DESC", "<") if newest_first else ("ASC", ">")
    rows = tx.rows(
        f"SELECT {COLUMNS} FROM messages "
        "WHERE user_id = :user_id AND room_id = :room_id AND generation = :generation AND expires_at > :now "
        f"AND (cast(:after AS integer) IS NULL OR position {behind} cast(:after AS integer)) "
        f"ORDER BY position {direction} LIMIT :limit OFFSET :offset",
        room_id=room.room_id,
        generation=room.generation,
        now=now,
        after=after,
        limit=limit,
        offset=offset,
    )
    return [_kept(row) for row in rows]


def erase_generation(tx: Transaction, room_id: str, generation: str, limit: int) -> int:
    """Erase up to ``limit`` messages of a generation and return how many went."""
    return tx.execute(
        "DELETE FROM messages WHERE user_id = :user_id AND room_id = :room_id AND generation = :generation "
        "AND position IN (SELECT position FROM messages WHERE user_id = :user_id AND room_id = :room_id "
        "AND generation = :generation LIMIT :limit)",
        room_id=room_id,
        generation=generation,
        limit=limit,
    )


def erase_all(tx: Transaction, limit: int) -> int:
    """Erase up to ``limit`` of the user's messages and return how many went."""
    return tx.execute(
        "DELETE FROM messages WHERE user_id = :user_id AND (room_id, generation, position) IN "
        "(SELECT m.room_id, m.generation, m.position FROM chat_rooms r JOIN messages m ON m.room_id = r.room_id "
        "WHERE r.user_id = :user_id AND m.user_id = :user_id LIMIT :limit)",
        limit=limit,
    )


def _row(room_id: str, generation: str, kept: KeptMessage) -> Row:
    message = kept.message
    return {
        "room_id": room_id,
        "generation": generation,
        "position": kept.position,
        "message_id": kept.message_id,
        "sender": message.sender,
        "kind": message.kind.value,
        "text": message.text,
        "count": message.count,
        "sent_at": message.sent_at,
        "expires_at": kept.expires_at,
    }


def _kept(row: Row) -> KeptMessage:
    message = Message(row["sent_at"], row["sender"], Kind(row["kind"]), row["text"], row["count"])
    return KeptMessage(row["message_id"], row["position"], message, row["expires_at"])
