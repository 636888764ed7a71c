"""``files``: what was uploaded and what became of it."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from chalicelib.domain import File, FileStatus, LineReport, Participant, Speech
from chalicelib.repositories import json_columns
from chalicelib.repositories.database import Row, UserTransaction

COLUMNS = ", ".join(column.name for column in fields(File))
TIMES = ("period_from", "period_to", "lease_until", "created_at", "expires_at")
DOCUMENTS: dict[str, Any] = {
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
    """A file of the user, None when there is none or it has expired."""
    row = tx.row(
        f"SELECT {COLUMNS} FROM files WHERE user_id = :user_id AND file_id = :id AND expires_at > :now",
        id=file_id,
        now=now,
    )
    return _file(row) if row else None


def from_json(row: Row) -> File:
    """A file from its row as the database writes rows in JSON: times are text there."""
    times = {name: datetime.fromisoformat(row[name]) if row[name] else None for name in TIMES}
    return _file(row | times)


def room_with_content(tx: UserTransaction, content_hash: str) -> str | None:
    """The room that the very same file went to before, None when it is new."""
    row = tx.row(
        "SELECT room_id, created_at FROM files WHERE user_id = :user_id AND content_hash = :content_hash "
        "AND status = 'ready' AND room_id IS NOT NULL "
        "UNION ALL SELECT room_id, created_at FROM chat_rooms "
        "WHERE user_id = :user_id AND content_hash = :content_hash ORDER BY created_at DESC LIMIT 1",
        content_hash=content_hash,
    )
    return str(row["room_id"]) if row else None


def claim(tx: UserTransaction, file_id: str, generation: str, lease_until: datetime, now: datetime) -> File | None:
    """Take a file for importing: one that waits, or one whose importer is gone. None when neither."""
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
    """Write which room a held file goes to, so that what an interrupted import left can be found."""
    tx.execute(
        "UPDATE files SET room_id = :room_id WHERE user_id = :user_id AND file_id = :id AND generation = :generation",
        room_id=file.room_id,
        id=file.file_id,
        generation=file.generation,
    )


def set_my_name(tx: UserTransaction, room_id: str, my_name: str, analysis: Speech | None) -> None:
    """Write who the user is into a room's files, once the user said so."""
    tx.execute(
        "UPDATE files SET my_name = :my_name, analysis = :analysis "
        "WHERE user_id = :user_id AND room_id = :room_id AND status = 'ready'",
        my_name=my_name,
        analysis=json_columns.dump(analysis),
        room_id=room_id,
    )


def finish(tx: UserTransaction, file: File) -> bool:
    """Write how an import ended, if it still holds the file; say whether it did."""
    columns = [name for name in _row(file) if name not in ("file_id", "created_at", "generation")]
    assignments = ", ".join(f"{name} = :{name}" for name in columns)
    sql = (
        f"UPDATE files SET {assignments} "
        "WHERE user_id = :user_id AND file_id = :file_id AND status = 'processing' AND generation = :generation"
    )
    values = _row(file)
    return tx.execute(sql, **{name: values[name] for name in (*columns, "file_id", "generation")}) == 1


def ids_of_room(tx: UserTransaction, room_id: str) -> list[str]:
    """The ids of a room's files."""
    rows = tx.rows("SELECT file_id FROM files WHERE user_id = :user_id AND room_id = :room_id", room_id=room_id)
    return [str(row["file_id"]) for row in rows]


def _row(file: File) -> Row:
    values: Row = {column.name: getattr(file, column.name) for column in fields(File)}
    values["status"] = file.status.value
    return values | {name: json_columns.dump(values[name], kind) for name, kind in DOCUMENTS.items()}


def _file(row: Row) -> File:
    values = {**row, "status": FileStatus(row["status"])}
    for name in ("file_id", "room_id", "generation"):
        values[name] = str(values[name]) if values[name] else None
    return File(**values | {name: json_columns.load(kind, row[name]) for name, kind in DOCUMENTS.items()})
