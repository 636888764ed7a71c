"""``messages``: the latest messages of a room, in generations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain import ChatLine, KeptMessage, Kind, Message, Role, Room, role_of
from chalicelib.repositories.database import Row, UserTransaction

# Asking the class for each of hundreds of messages would take longer than all else that is done with one.
KINDS = {kind.value: kind for kind in Kind}
COLUMNS = "position, message_id, sender, kind, text, count, sent_at, expires_at"

PREFIXED = ", ".join(f"m.{name}" for name in COLUMNS.split(", "))


@dataclass(frozen=True, slots=True)
class PageQuery:
    """Which messages of a room: at most ``limit`` in an order, those behind position ``after``."""

    newest_first: bool
    limit: int
    after: int | None = None
    offset: int = 0


def insert(tx: UserTransaction, room_id: str, generation: str, kept: list[KeptMessage]) -> None:
    """Add messages to a generation, at most what one transaction may hold; a repeat adds nothing."""
    tx.insert_many("messages", [_row(room_id, generation, message) for message in kept])


def carry_over(  # noqa: PLR0913 (which rows, from where, to where)
    tx: UserTransaction, room_id: str, old: str, new: str, *, positions: range, now: datetime
) -> None:
    """Copy messages of one generation that have not expired into another, with their own expiry."""
    tx.execute(
        f"INSERT INTO messages (user_id, room_id, generation, {COLUMNS}) "
        f"SELECT user_id, room_id, cast(:new AS uuid), {COLUMNS} FROM messages "
        "WHERE user_id = :user_id AND room_id = :room_id AND generation = :old "
        "AND position >= :start AND position < :stop AND expires_at > :now",
        now=now,
        new=new,
        old=old,
        room_id=room_id,
        start=positions.start,
        stop=positions.stop,
    )


def page(tx: UserTransaction, room_id: str, now: datetime, wanted: PageQuery) -> list[tuple[KeptMessage, Role]] | None:
    """A room's messages in order, with who said each; None when there is no such room, or nothing so far on.

    One range scan of the room's generation, and the room's names with it.
    """
    direction, behind = ("DESC", "<") if wanted.newest_first else ("ASC", ">")
    rows = tx.tuples(
        f"SELECT {PREFIXED}, r.my_name, r.partner_name FROM chat_rooms r "
        "LEFT JOIN messages m ON m.room_id = r.room_id AND m.generation = r.generation AND m.user_id = r.user_id "
        f"AND m.expires_at > :now AND (cast(:after AS integer) IS NULL OR m.position {behind} cast(:after AS integer)) "
        "WHERE r.user_id = :user_id AND r.room_id = :room_id "
        f"ORDER BY m.position {direction} LIMIT :limit OFFSET :offset",
        room_id=room_id,
        now=now,
        after=wanted.after,
        limit=wanted.limit,
        offset=wanted.offset,
    )
    if not rows:
        return None
    return [_said(row) for row in rows if row[0] is not None]


def latest(tx: UserTransaction, room: Room, now: datetime, limit: int) -> tuple[ChatLine, ...]:
    """The latest messages that a room shows, oldest first."""
    rows = tx.tuples(
        "SELECT sender, kind, text, sent_at, message_id FROM messages WHERE user_id = :user_id AND room_id = :room_id "
        "AND generation = :generation AND expires_at > :now ORDER BY position DESC LIMIT :limit",
        room_id=room.room_id,
        generation=room.generation,
        now=now,
        limit=limit,
    )
    return tuple(
        ChatLine(room.role_of(sender), sender or "", KINDS[kind], text, sent_at, message_id)
        for sender, kind, text, sent_at, message_id in reversed(rows)
    )


def of_generation(tx: UserTransaction, room_id: str, generation: str, now: datetime) -> list[KeptMessage]:
    """All messages of a generation that have not expired, oldest first."""
    rows = tx.tuples(
        f"SELECT {COLUMNS} FROM messages WHERE user_id = :user_id AND room_id = :room_id "
        "AND generation = :generation AND expires_at > :now ORDER BY position",
        room_id=room_id,
        generation=generation,
        now=now,
    )
    return [_kept(*row) for row in rows]


def erase_generation(tx: UserTransaction, room_id: str, generation: str, limit: int) -> int:
    """Erase up to ``limit`` messages of a generation, the earliest, and return how many went.

    By the last of their positions: each looked for among all of them takes the square of their number.
    """
    return tx.execute(
        "DELETE FROM messages WHERE user_id = :user_id AND room_id = :room_id AND generation = :generation "
        "AND position <= (SELECT max(position) FROM (SELECT position FROM messages WHERE user_id = :user_id "
        "AND room_id = :room_id AND generation = :generation ORDER BY position LIMIT :limit) AS earliest)",
        room_id=room_id,
        generation=generation,
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


def _said(row: list[Any]) -> tuple[KeptMessage, Role]:
    *columns, my_name, partner_name = row
    found = _kept(*columns)
    return found, role_of(found.message.sender, my_name, partner_name)


def _kept(  # noqa: PLR0913, PLR0917 (a row's columns)
    position: int,
    message_id: str,
    sender: str | None,
    kind: str,
    text: str,
    count: int,
    sent_at: datetime,
    expires_at: datetime,
) -> KeptMessage:
    return KeptMessage(message_id, position, Message(sent_at, sender, KINDS[kind], text, count), expires_at)
