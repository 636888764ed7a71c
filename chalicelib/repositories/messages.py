"""Table ``messages``: the latest messages of each room, in generations. An import writes a new generation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.domain import ChatLine, Kind, Message, Role, Room, StoredMessage, role_of
from chalicelib.repositories.database import Row, UserTransaction

# A dictionary, because ``Kind(value)`` takes longer than everything else that is done per message.
_KINDS = {kind.value: kind for kind in Kind}
_COLUMNS = "position, message_id, sender, kind, text, count, sent_at, expires_at"
_PREFIXED_COLUMNS = ", ".join(f"m.{name}" for name in _COLUMNS.split(", "))


@dataclass(frozen=True, slots=True)
class PageQuery:
    """A request for at most ``limit`` messages of a room after the position ``after``, in the order of the list."""

    newest_first: bool
    limit: int
    after: int | None = None
    offset: int = 0


class MessageWithRole(NamedTuple):
    """A message, and the role of its sender."""

    message: StoredMessage
    role: Role


def insert(tx: UserTransaction, room_id: str, generation: str, messages: list[StoredMessage]) -> None:
    """Add messages to a generation, at most as many as fit into one transaction. A repetition adds nothing."""
    tx.insert_many("messages", [_row(room_id, generation, message) for message in messages])


def carry_over(  # noqa: PLR0913 (the rows, their source and their target)
    tx: UserTransaction, room_id: str, old: str, new: str, *, positions: range, now: datetime
) -> None:
    """Copy the messages of generation ``old`` that have not expired to generation ``new``. They keep their expiry."""
    tx.execute(
        f"INSERT INTO messages (user_id, room_id, generation, {_COLUMNS}) "
        f"SELECT user_id, room_id, cast(:new AS uuid), {_COLUMNS} FROM messages "
        "WHERE user_id = :user_id AND room_id = :room_id AND generation = :old "
        "AND position >= :start AND position < :stop AND expires_at > :now",
        now=now,
        new=new,
        old=old,
        room_id=room_id,
        start=positions.start,
        stop=positions.stop,
    )


def page(tx: UserTransaction, room_id: str, now: datetime, query: PageQuery) -> list[MessageWithRole] | None:
    """Return a page of a room's messages. Return None if there is no such room or the offset is beyond the end.

    The query is one range scan of the room's generation, joined with the names that determine the roles.
    """
    direction, comparison = ("DESC", "<") if query.newest_first else ("ASC", ">")
    rows = tx.tuples(
        f"SELECT {_PREFIXED_COLUMNS}, r.my_name, r.partner_name FROM chat_rooms r "
        "LEFT JOIN messages m ON m.room_id = r.room_id AND m.generation = r.generation AND m.user_id = r.user_id "
        "AND m.expires_at > :now "
        f"AND (cast(:after AS integer) IS NULL OR m.position {comparison} cast(:after AS integer)) "
        "WHERE r.user_id = :user_id AND r.room_id = :room_id "
        f"ORDER BY m.position {direction} LIMIT :limit OFFSET :offset",
        room_id=room_id,
        now=now,
        after=query.after,
        limit=query.limit,
        offset=query.offset,
    )
    if not rows:
        return None
    # A room without messages is one row whose position is NULL.
    return [_message_with_role(row) for row in rows if row[0] is not None]


def latest(tx: UserTransaction, room: Room, now: datetime, limit: int) -> tuple[ChatLine, ...]:
    """Return the latest messages of a room that have not expired, oldest first."""
    rows = tx.tuples(
        "SELECT sender, kind, text, sent_at, message_id FROM messages WHERE user_id = :user_id AND room_id = :room_id "
        "AND generation = :generation AND expires_at > :now ORDER BY position DESC LIMIT :limit",
        room_id=room.room_id,
        generation=room.generation,
        now=now,
        limit=limit,
    )
    return tuple(
        ChatLine(room.role_of(sender), sender or "", _KINDS[kind], text, sent_at, message_id)
        for sender, kind, text, sent_at, message_id in reversed(rows)
    )


def of_generation(tx: UserTransaction, room_id: str, generation: str, now: datetime) -> list[StoredMessage]:
    """Return all messages of a generation that have not expired, oldest first."""
    rows = tx.tuples(
        f"SELECT {_COLUMNS} FROM messages WHERE user_id = :user_id AND room_id = :room_id "
        "AND generation = :generation AND expires_at > :now ORDER BY position",
        room_id=room_id,
        generation=generation,
        now=now,
    )
    return [_kept_message(*row) for row in rows]


def erase_generation(tx: UserTransaction, room_id: str, generation: str, limit: int) -> int:
    """Erase up to ``limit`` messages of a generation, earliest first. Return the number of messages erased.

    The statement compares each position with the last one of the batch. With a list of positions, the database would
    search the list for each message, which takes quadratic time.
    """
    return tx.execute(
        "DELETE FROM messages WHERE user_id = :user_id AND room_id = :room_id AND generation = :generation "
        "AND position <= (SELECT max(position) FROM (SELECT position FROM messages WHERE user_id = :user_id "
        "AND room_id = :room_id AND generation = :generation ORDER BY position LIMIT :limit) AS earliest)",
        room_id=room_id,
        generation=generation,
        limit=limit,
    )


def _row(room_id: str, generation: str, stored_message: StoredMessage) -> Row:
    message = stored_message.message
    return {
        "room_id": room_id,
        "generation": generation,
        "position": stored_message.position,
        "message_id": stored_message.message_id,
        "sender": message.sender,
        "kind": message.kind.value,
        "text": message.text,
        "count": message.count,
        "sent_at": message.sent_at,
        "expires_at": stored_message.expires_at,
    }


def _message_with_role(row: list[Any]) -> MessageWithRole:
    *columns, my_name, partner_name = row
    stored_message = _kept_message(*columns)
    return MessageWithRole(stored_message, role_of(stored_message.message.sender, my_name, partner_name))


def _kept_message(  # noqa: PLR0913, PLR0917 (the columns of a row)
    position: int,
    message_id: str,
    sender: str | None,
    kind: str,
    text: str,
    count: int,
    sent_at: datetime,
    expires_at: datetime,
) -> StoredMessage:
    return StoredMessage(message_id, position, Message(sent_at, sender, _KINDS[kind], text, count), expires_at)
