"""Table ``chat_rooms``: rooms with their statistics, and the generation that contains their messages."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import NamedTuple

from chalicelib.domain import File, Room
from chalicelib.repositories import files
from chalicelib.repositories.database import Row, SortKey, UserTransaction, keyset

# Every field of ``Room`` is a column: a new field needs a migration.
_COLUMN_NAMES = [column.name for column in fields(Room)]
_COLUMNS = ", ".join(_COLUMN_NAMES)
_PREFIXED_COLUMNS = ", ".join(f"r.{name}" for name in _COLUMN_NAMES)
_SELECT_STORED = f"SELECT {_COLUMNS}, statistics, examples FROM chat_rooms WHERE user_id = :user_id"


@dataclass(frozen=True, slots=True)
class StoredRoom:
    """A room with its statistics and its participants' example messages as JSON. The examples expire."""

    room: Room
    statistics: str | None
    examples: str | None


class RoomWithFiles(NamedTuple):
    """A room with its statistics and its files, newest first."""

    stored: StoredRoom
    files: list[File]


def insert(tx: UserTransaction, room: Room, **documents: str) -> None:
    """Add a room. Store ``statistics`` and ``examples`` with it, as JSON, if given."""
    tx.insert_many("chat_rooms", [_row(room) | documents])


def get(tx: UserTransaction, room_id: str, now: datetime) -> Room | None:
    """Return a room of the user, None if the user has no such room."""
    row = tx.row(f"SELECT {_COLUMNS} FROM chat_rooms WHERE user_id = :user_id AND room_id = :id", id=room_id)
    return _room(row, now) if row else None


def page(tx: UserTransaction, now: datetime, limit: int, after: SortKey | None, offset: int) -> list[Room]:
    """Return the rooms after the sort key ``after``, latest activity first."""
    page_start = keyset("last_activity_at", "room_id", after)
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM chat_rooms WHERE user_id = :user_id AND {page_start.condition} "
        "ORDER BY last_activity_at DESC, room_id DESC LIMIT :limit OFFSET :offset",
        limit=limit,
        offset=offset,
        **page_start.values,
    )
    return [_room(row, now) for row in rows]


def update(tx: UserTransaction, room: Room, *, expected_version: int, **documents: str) -> bool:
    """Store a changed room as its next version. Return False if the stored version is not ``expected_version``.

    Store ``statistics`` and ``examples`` with it, as JSON, if given.
    """
    row = _row(room) | documents | {"version": expected_version + 1}
    values = {name: value for name, value in row.items() if name not in ("room_id", "created_at")}
    return tx.update("chat_rooms", values, {"room_id": room.room_id, "version": expected_version}) == 1


def erase(tx: UserTransaction, room_id: str) -> bool:
    """Erase a room's row. Return False if there is no such room."""
    return tx.execute("DELETE FROM chat_rooms WHERE user_id = :user_id AND room_id = :id", id=room_id) == 1


def clear_imports(tx: UserTransaction, now: datetime) -> None:
    """Reset the user's rooms to their state before the first import."""
    tx.execute(
        "UPDATE chat_rooms SET statistics = NULL, examples = NULL, generation = NULL, content_hash = NULL, "
        "kept_from = 0, kept_until = 0, message_count = 0, last_message = NULL, messages_expire_at = NULL, "
        "platform = NULL, version = version + 1, updated_at = :now WHERE user_id = :user_id",
        now=now,
    )


def with_statistics(tx: UserTransaction, room_id: str, now: datetime) -> StoredRoom | None:
    """Return a room with its statistics and examples, None if the user has no such room."""
    row = tx.row(f"{_SELECT_STORED} AND room_id = :id", id=room_id)
    return _stored_room(row, now) if row else None


def with_files(tx: UserTransaction, room_id: str, now: datetime) -> RoomWithFiles | None:
    """Return a room with its statistics, examples and files, None if the user has no such room."""
    row = tx.row(
        f"SELECT {_PREFIXED_COLUMNS}, r.statistics, r.examples, (SELECT json_agg(row_to_json(f) "
        f"ORDER BY f.created_at DESC, f.file_id DESC) FROM (SELECT {files.COLUMNS} FROM files "
        "WHERE user_id = :user_id AND room_id = :id AND expires_at > :now) f) AS files "
        "FROM chat_rooms r WHERE r.user_id = :user_id AND r.room_id = :id",
        id=room_id,
        now=now,
    )
    if row is None:
        return None
    room_files = [files.from_json(file) for file in row.pop("files") or []]
    return RoomWithFiles(_stored_room(row, now), room_files)


def of_partner(tx: UserTransaction, profile_id: str, now: datetime) -> StoredRoom | None:
    """Return the room with the latest activity of a partner profile, None if the profile has no room."""
    row = tx.row(f"{_SELECT_STORED} AND partner_profile_id = :id ORDER BY last_activity_at DESC LIMIT 1", id=profile_id)
    return _stored_room(row, now) if row else None


def _stored_room(row: Row, now: datetime) -> StoredRoom:
    statistics, examples = row.pop("statistics"), row.pop("examples")
    room = _room(row, now)
    # Examples expire with the messages.
    return StoredRoom(room, statistics, examples if room.generation else None)


def _row(room: Room) -> Row:
    return {name: getattr(room, name) for name in _COLUMN_NAMES}


def _room(row: Row, now: datetime) -> Room:
    return Room(**row).visible_at(now)
