"""Table ``files``: uploaded files and the outcome of their imports."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from chalicelib.domain import File, FileStatus, LineReport, Participant, Speech
from chalicelib.repositories import json_columns
from chalicelib.repositories.database import Row, UserTransaction

# Every field of ``File`` is a column: a new field needs a migration.
COLUMNS = ", ".join(column.name for column in fields(File))
_TIME_COLUMNS = ("period_from", "period_to", "lease_until", "created_at", "expires_at")
_JSON_COLUMNS: dict[str, Any] = {
    "participants": tuple[Participant, ...],
    "sample_messages": tuple[str, ...],
    "analysis": Speech,
    "report": LineReport,
    "warnings": tuple[str, ...],
}


def insert(tx: UserTransaction, file: File) -> None:
    """Add a file."""
    tx.insert_many("files", [_row(file)])


def get(tx: UserTransaction, file_id: str, now: datetime) -> File | None:
    """Return a file of the user, None if the user has no such file or it has expired."""
    row = tx.row(
        f"SELECT {COLUMNS} FROM files WHERE user_id = :user_id AND file_id = :id AND expires_at > :now",
        id=file_id,
        now=now,
    )
    return _file(row) if row else None


def from_json(row: Row) -> File:
    """Return the file of a row that the database has converted to JSON. JSON contains times as texts."""
    times = {name: datetime.fromisoformat(row[name]) if row[name] else None for name in _TIME_COLUMNS}
    return _file(row | times)


def room_with_content(tx: UserTransaction, content_hash: str) -> str | None:
    """Return the id of the room into which the same file was imported earlier, None if the file is new."""
    row = tx.row(
        "SELECT room_id, created_at FROM files WHERE user_id = :user_id AND content_hash = :content_hash "
        "AND status = 'ready' AND room_id IS NOT NULL "
        "UNION ALL SELECT room_id, created_at FROM chat_rooms "
        "WHERE user_id = :user_id AND content_hash = :content_hash ORDER BY created_at DESC LIMIT 1",
        content_hash=content_hash,
    )
    return row["room_id"] if row else None


def claim(tx: UserTransaction, file_id: str, generation: str, lease_until: datetime, now: datetime) -> File | None:
    """Claim a file for an import. Return None if it cannot be claimed.

    A file can be claimed while it waits for its upload, or after the lease of an earlier import has ended.
    """
    row = tx.row(
        "UPDATE files SET status = 'processing', generation = :generation, lease_until = :lease_until "
        "WHERE user_id = :user_id AND file_id = :id AND expires_at > :now "
        "AND (status = 'awaiting_upload' OR (status = 'processing' AND lease_until <= :now)) "
        f"RETURNING {COLUMNS}",
        id=file_id,
        generation=generation,
        lease_until=lease_until,
        now=now,
    )
    return _file(row) if row else None


def set_room(tx: UserTransaction, file: File) -> None:
    """Record the room of a claimed file, so that the messages of an interrupted import can be found."""
    tx.update("files", {"room_id": file.room_id}, {"file_id": file.file_id, "generation": file.generation})


def set_my_name(tx: UserTransaction, room_id: str, my_name: str, analysis: Speech | None) -> None:
    """Record in a room's files which participant is the user."""
    tx.update(
        "files",
        {"my_name": my_name, "analysis": json_columns.dump(analysis)},
        {"room_id": room_id, "status": FileStatus.READY.value},
    )


def finish(tx: UserTransaction, file: File) -> bool:
    """Store the outcome of an import. Return False if the import no longer holds the file."""
    values = {name: value for name, value in _row(file).items() if name not in ("file_id", "created_at", "generation")}
    lease = {"file_id": file.file_id, "status": FileStatus.PROCESSING.value, "generation": file.generation}
    return tx.update("files", values, lease) == 1


def ids_of_room(tx: UserTransaction, room_id: str) -> list[str]:
    """Return the ids of a room's files."""
    rows = tx.rows("SELECT file_id FROM files WHERE user_id = :user_id AND room_id = :room_id", room_id=room_id)
    return [row["file_id"] for row in rows]


def _row(file: File) -> Row:
    values: Row = {column.name: getattr(file, column.name) for column in fields(File)}
    values["status"] = file.status.value
    return values | {name: json_columns.dump(values[name], kind) for name, kind in _JSON_COLUMNS.items()}


def _file(row: Row) -> File:
    values = row | {name: json_columns.load(kind, row[name]) for name, kind in _JSON_COLUMNS.items()}
    return File(**values | {"status": FileStatus(row["status"])})
