"""``chat_rooms``: the rooms, their statistics and which messages are theirs."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from chalicelib.domain import File, Room
from chalicelib.repositories import files
from chalicelib.repositories.database import Row, UserTransaction

COLUMNS = ", ".join(column.name for column in fields(Room))
STORED = f"SELECT {COLUMNS}, statistics, examples FROM chat_rooms WHERE user_id = :user_id"
# Where a page goes on: the last row's activity and id.
SortKey = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class StoredRoom:
    """A room and its documents: the statistics, and the participants' own words while they are kept."""

    room: Room
    statistics: str | None
    examples: str | None


def insert(tx: UserTransaction, room: Room, **statistics: str) -> None:
    """Add a room, with ``statistics`` and ``examples`` as documents when given."""
    tx.insert_many("chat_rooms", [_row(room) | statistics])


def get(tx: UserTransaction, room_id: str, now: datetime) -> Room | None:
    """A room of the user, None when there is none."""
    row = tx.row(f"SELECT {COLUMNS} FROM chat_rooms WHERE user_id = :user_id AND room_id = :id", id=room_id)
    return _room(row, now) if row else None


def page(tx: UserTransaction, now: datetime, limit: int, after: SortKey | None, offset: int) -> list[Room]:
    """Rooms, latest activity first, those behind ``after``."""
    activity, room_id = after or (None, None)
    rows = tx.rows(
        f"SELECT {COLUMNS} FROM chat_rooms WHERE user_id = :user_id "
        "AND (cast(:activity AS timestamptz) IS NULL "
        "     OR (last_activity_at, room_id) < (cast(:activity AS timestamptz), cast(:room_id AS uuid))) "
        "ORDER BY last_activity_at DESC, room_id DESC LIMIT :limit OFFSET :offset",
        activity=activity,
        room_id=room_id,
        limit=limit,
        offset=offset,
    )
    return [_room(row, now) for row in rows]


def update(tx: UserTransaction, room: Room, *, seen: int, **statistics: str) -> bool:
    """Write a room as its next version if it is still at the one ``seen``; say whether it was written.

    ``statistics`` and ``examples``, as documents, are written with it when given.
    """
    values = _row(room) | statistics | {"version": seen + 1}
    names = [name for name in values if name not in ("room_id", "created_at")]
    assignments = ", ".join(f"{name} = :{name}" for name in names)
    sql = f"UPDATE chat_rooms SET {assignments} WHERE user_id = :user_id AND room_id = :room_id AND version = :seen"
    return tx.execute(sql, seen=seen, room_id=room.room_id, **{name: values[name] for name in names}) == 1


def erase(tx: UserTransaction, room_id: str) -> bool:
    """Erase a room's row; say whether it was there."""
    return tx.execute("DELETE FROM chat_rooms WHERE user_id = :user_id AND room_id = :id", id=room_id) == 1


def clear_imports(tx: UserTransaction, now: datetime) -> None:
    """Make the user's rooms as if nothing had been imported."""
    tx.execute(
        "UPDATE chat_rooms SET statistics = NULL, examples = NULL, generation = NULL, content_hash = NULL, "
        "kept_from = 0, kept_until = 0, message_count = 0, last_message = NULL, messages_expire_at = NULL, "
        "platform = NULL, version = version + 1, updated_at = :now WHERE user_id = :user_id",
        now=now,
    )


def with_statistics(tx: UserTransaction, room_id: str, now: datetime) -> StoredRoom | None:
    """A room with its documents, None when there is none."""
    return _stored(tx.row(f"{STORED} AND room_id = :id", id=room_id), now)


def with_files(tx: UserTransaction, room_id: str, now: datetime) -> tuple[StoredRoom, list[File]] | None:
    """A room with its documents and its files, newest first, None when there is none."""
    columns = ", ".join(f"r.{name}" for name in COLUMNS.split(", "))
    row = tx.row(
        f"SELECT {columns}, r.statistics, r.examples, (SELECT json_agg(row_to_json(f) "
        f"ORDER BY f.created_at DESC, f.file_id DESC) FROM (SELECT {files.COLUMNS} FROM files "
        "WHERE user_id = :user_id AND room_id = :id AND expires_at > :now) f) AS files "
        "FROM chat_rooms r WHERE r.user_id = :user_id AND r.room_id = :id",
        id=room_id,
        now=now,
    )
    found = row.pop("files") if row else None
    stored = _stored(row, now)
    return (stored, [files.from_json(file) for file in found or []]) if stored else None


def of_partner(tx: UserTransaction, profile_id: str, now: datetime) -> StoredRoom | None:
    """The room with the latest activity of those that name a partner profile, None when none does."""
    row = tx.row(f"{STORED} AND partner_profile_id = :id ORDER BY last_activity_at DESC LIMIT 1", id=profile_id)
    return _stored(row, now)


def _stored(row: Row | None, now: datetime) -> StoredRoom | None:
    if row is None:
        return None
    statistics, examples = row.pop("statistics"), row.pop("examples")
    room = _room(row, now)
    return StoredRoom(room, statistics, examples if room.generation else None)


def _row(room: Room) -> Row:
    return {column.name: getattr(room, column.name) for column in fields(Room)}


def _room(row: Row, now: datetime) -> Room:
    values: dict[str, Any] = {**row}
    for name in ("room_id", "partner_profile_id", "generation"):
        values[name] = str(values[name]) if values[name] else None
    return Room(**values).visible_at(now)
