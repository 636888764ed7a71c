"""What has been kept for its time, over all users. Only the retention job reads this way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.repositories.database import SystemTransaction, UserTransaction


@dataclass(frozen=True, slots=True)
class ExpiredRoom:
    """A room all of whose messages have expired."""

    user_id: str
    room_id: str
    generation: str | None


@dataclass(frozen=True, slots=True)
class ExpiredFile:
    """A file that has expired, with the generation its import wrote."""

    user_id: str
    file_id: str
    room_id: str | None
    generation: str | None


def rooms(tx: SystemTransaction, now: datetime, limit: int) -> list[ExpiredRoom]:
    """Rooms whose messages have expired."""
    found = tx.rows(
        f"SELECT user_id, room_id, generation FROM {ROOMS.table} WHERE {ROOMS.when} LIMIT :limit",
        now=now,
        limit=limit,
    )
    return [
        ExpiredRoom(row["user_id"], str(row["room_id"]), str(row["generation"]) if row["generation"] else None)
        for row in found
    ]


def statistics(tx: UserTransaction, room: ExpiredRoom) -> str | None:
    """A room's statistics, as a document."""
    row = tx.row(
        "SELECT statistics FROM chat_rooms WHERE user_id = :user_id AND room_id = :room_id", room_id=room.room_id
    )
    return row["statistics"] if row else None


def clear_messages(tx: UserTransaction, room: ExpiredRoom, statistics: str | None, now: datetime) -> None:
    """Take the erased messages, and what quotes them, from their room; ``statistics`` are what stays."""
    tx.execute(
        "UPDATE chat_rooms SET generation = NULL, last_message = NULL, examples = NULL, messages_expire_at = NULL, "
        "statistics = :statistics, version = version + 1 "
        "WHERE user_id = :user_id AND room_id = :room_id AND messages_expire_at <= :now",
        room_id=room.room_id,
        statistics=statistics,
        now=now,
    )


def files(tx: SystemTransaction, now: datetime, limit: int) -> list[ExpiredFile]:
    """Files that have expired."""
    found = tx.rows(
        f"SELECT user_id, file_id, room_id, generation FROM {FILES.table} WHERE {FILES.when} LIMIT :limit",
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


def erase_file(tx: UserTransaction, file: ExpiredFile) -> None:
    """Erase a file's row."""
    tx.execute("DELETE FROM files WHERE user_id = :user_id AND file_id = :id", id=file.file_id)


@dataclass(frozen=True, slots=True)
class ExpiryRule:
    """Something that expires within a table: which rows."""

    table: str
    when: str

    def left(self, tx: SystemTransaction, now: datetime) -> int:
        """How many rows there are that should not be."""
        row = tx.row(f"SELECT count(*) AS rows FROM {self.table} WHERE {self.when}", now=now)
        return int(row["rows"]) if row else 0


@dataclass(frozen=True, slots=True)
class RowExpiryRule(ExpiryRule):
    """Rows that need no more than a statement: by which key they are told apart, and what is done to them."""

    keys: str
    change: str

    def erase(self, tx: SystemTransaction, now: datetime, limit: int) -> int:
        """Do it to up to ``limit`` rows and return how many those were."""
        chosen = f"SELECT {self.keys} FROM {self.table} WHERE {self.when} LIMIT :limit"
        return tx.execute(f"{self.change} WHERE ({self.keys}) IN ({chosen})", now=now, limit=limit)


def _quotes(table: str, key: str, column: str, expiry: str) -> RowExpiryRule:
    return RowExpiryRule(
        table,
        f"{expiry} <= :now AND {column} IS NOT NULL",
        f"user_id, {key}" if key else "user_id",
        f"UPDATE {table} SET {column} = NULL",
    )


def _rows(table: str, keys: str, when: str) -> RowExpiryRule:
    return RowExpiryRule(table, when, keys, f"DELETE FROM {table}")


# What quotes chats, beside messages and files.
QUOTES = (
    _quotes("analyses", "analysis_id", "evidence", "evidence_expire_at"),
    _quotes("partner_profiles", "profile_id", "evidence", "evidence_expire_at"),
    _quotes("conversations", "conversation_id", "context_text", "context_expire_at"),
    _quotes("user_profiles", "", "response_examples", "response_examples_expire_at"),
)
# Erased one by one, with what belongs to them.
ROOMS = ExpiryRule("chat_rooms", "messages_expire_at <= :now")
FILES = ExpiryRule("files", "expires_at <= :now")
# Whatever a room or a file no longer leads to.
MESSAGES = _rows("messages", "room_id, generation, position", "expires_at <= :now")
COUNTERS_KEPT_DAYS = 35
_BEFORE = f"cast(:now AS timestamptz) - interval '{COUNTERS_KEPT_DAYS} days'"
COUNTERS = (
    _rows("usage", "user_id, day", f"day < ({_BEFORE})::date"),
    _rows("request_counts", "user_id, route, minute", f"minute < {_BEFORE}"),
    _rows("spending", "day, part", f"day < ({_BEFORE})::date"),
    _rows("idempotency_keys", "user_id, key", "expires_at <= :now"),
    _rows("comprehend_results", "user_id, text_hash, operation", "expires_at <= :now"),
)
