"""What has been kept for its time, over all users. Only the retention job reads this way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.repositories.database import JobTransaction, Transaction


@dataclass(frozen=True, slots=True)
class ExpiredRoom:
    """A room all of whose messages have expired."""

    user_id: str
    room_id: str
    generation: str


@dataclass(frozen=True, slots=True)
class ExpiredFile:
    """A file that has expired, with the generation its import wrote."""

    user_id: str
    file_id: str
    room_id: str | None
    generation: str | None


def rooms(tx: JobTransaction, now: datetime, limit: int) -> list[ExpiredRoom]:
    """Rooms whose messages have expired."""
    found = tx.rows(
        "SELECT user_id, room_id, generation FROM chat_rooms "
        "WHERE messages_expire_at <= :now AND generation IS NOT NULL LIMIT :limit",
        now=now,
        limit=limit,
    )
    return [ExpiredRoom(row["user_id"], str(row["room_id"]), str(row["generation"])) for row in found]


def forget_messages(tx: Transaction, room: ExpiredRoom, now: datetime) -> None:
    """Take the erased messages, and what quotes them, from their room."""
    tx.execute(
        "UPDATE chat_rooms SET generation = NULL, last_message = NULL, examples = NULL, messages_expire_at = NULL "
        "WHERE user_id = :user_id AND room_id = :room_id AND generation = :generation AND messages_expire_at <= :now",
        room_id=room.room_id,
        generation=room.generation,
        now=now,
    )


def files(tx: JobTransaction, now: datetime, limit: int) -> list[ExpiredFile]:
    """Files that have expired."""
    found = tx.rows(
        "SELECT user_id, file_id, room_id, generation FROM files WHERE expires_at <= :now LIMIT :limit",
        now=now,
        limit=limit,
    )
    return [
        ExpiredFile(
            row["user_id"],
            str(row["file_id"]),
            str(row["room_id"]) if row["room_id"] else None,
            str(row["generation"]) if row["generation"] else None,
        )
        for row in found
    ]


def erase_file(tx: Transaction, file: ExpiredFile) -> None:
    """Erase a file's row."""
    tx.execute("DELETE FROM files WHERE user_id = :user_id AND file_id = :id", id=file.file_id)


def erase_quotes(tx: JobTransaction, now: datetime) -> int:
    """Erase what quotes chats in analyses and profiles; return how many rows that were."""
    erased = tx.execute(
        "UPDATE analyses SET evidence = NULL WHERE evidence_expire_at <= :now AND evidence IS NOT NULL", now=now
    )
    return erased + tx.execute(
        "UPDATE user_profiles SET response_examples = NULL "
        "WHERE response_examples_expire_at <= :now AND response_examples IS NOT NULL",
        now=now,
    )
