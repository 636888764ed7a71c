"""Find and erase the rows of all users whose retention period is over. Only the retention jobs use this module."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.repositories.database import SystemTransaction, UserTransaction


@dataclass(frozen=True, slots=True)
class ExpiredRoom:
    """A room whose messages have all expired."""

    user_id: str
    room_id: str
    generation: str | None


@dataclass(frozen=True, slots=True)
class ExpiredFile:
    """An expired file, and the generation that its import wrote."""

    user_id: str
    file_id: str
    room_id: str | None
    generation: str | None


@dataclass(frozen=True, slots=True)
class ExpiryRule:
    """The rows of a table that have expired, as an SQL condition with the parameter ``:now``."""

    table: str
    condition: str

    def count_expired(self, tx: SystemTransaction, now: datetime) -> int:
        """Return the number of expired rows."""
        row = tx.row(f"SELECT count(*) AS rows FROM {self.table} WHERE {self.condition}", now=now)
        return int(row["rows"]) if row else 0


@dataclass(frozen=True, slots=True)
class RowExpiryRule(ExpiryRule):
    """Expired rows that one statement erases.

    ``key`` is the primary key. ``statement`` is an UPDATE or DELETE without its WHERE clause.
    """

    key: str
    statement: str

    def erase(self, tx: SystemTransaction, now: datetime, limit: int) -> int:
        """Erase up to ``limit`` rows, or their expired columns. Return the number of rows affected."""
        keys = f"SELECT {self.key} FROM {self.table} WHERE {self.condition} LIMIT :limit"
        return tx.execute(f"{self.statement} WHERE ({self.key}) IN ({keys})", now=now, limit=limit)


def _column_rule(table: str, key: str, column: str, expiry: str) -> RowExpiryRule:
    """Return a rule that sets a column to NULL after the time in the column ``expiry``."""
    return RowExpiryRule(
        table, f"{expiry} <= :now AND {column} IS NOT NULL", key, f"UPDATE {table} SET {column} = NULL"
    )


def _row_rule(table: str, key: str, condition: str) -> RowExpiryRule:
    """Return a rule that deletes the rows that match ``condition``."""
    return RowExpiryRule(table, condition, key, f"DELETE FROM {table}")


# Columns with quotes of chats, outside of the tables ``chat_rooms``, ``messages`` and ``files``.
QUOTE_RULES = (
    _column_rule("analyses", "user_id, analysis_id", "evidence", "evidence_expire_at"),
    _column_rule("partner_profiles", "user_id, profile_id", "evidence", "evidence_expire_at"),
    _column_rule("conversations", "user_id, conversation_id", "context_text", "context_expire_at"),
    _column_rule("user_profiles", "user_id", "response_examples", "response_examples_expire_at"),
)
# Rooms and files are erased one by one, because each has messages or an upload.
ROOM_RULE = ExpiryRule("chat_rooms", "messages_expire_at <= :now")
FILE_RULE = ExpiryRule("files", "expires_at <= :now")
# Expired messages of current generations, and those that remain after the rooms and files were erased.
MESSAGE_RULE = _row_rule("messages", "room_id, generation, position", "expires_at <= :now")
_COUNTER_RETENTION_DAYS = 35
_OLDEST_COUNTER = f"cast(:now AS timestamptz) - interval '{_COUNTER_RETENTION_DAYS} days'"
# Counters, and rows that only speed up or deduplicate requests.
ROW_RULES = (
    _row_rule("usage", "user_id, day", f"day < ({_OLDEST_COUNTER})::date"),
    _row_rule("request_counts", "user_id, route, minute", f"minute < {_OLDEST_COUNTER}"),
    _row_rule("spending", "day, part", f"day < ({_OLDEST_COUNTER})::date"),
    _row_rule("idempotency_keys", "user_id, key", "expires_at <= :now"),
    _row_rule("comprehend_results", "user_id, text_hash, operation", "expires_at <= :now"),
)


def find_rooms(tx: SystemTransaction, now: datetime, limit: int) -> list[ExpiredRoom]:
    """Return up to ``limit`` rooms whose messages have expired."""
    rows = tx.rows(
        f"SELECT user_id, room_id, generation FROM {ROOM_RULE.table} WHERE {ROOM_RULE.condition} LIMIT :limit",
        now=now,
        limit=limit,
    )
    return [ExpiredRoom(**row) for row in rows]


def find_files(tx: SystemTransaction, now: datetime, limit: int) -> list[ExpiredFile]:
    """Return up to ``limit`` expired files."""
    rows = tx.rows(
        f"SELECT user_id, file_id, room_id, generation FROM {FILE_RULE.table} WHERE {FILE_RULE.condition} LIMIT :limit",
        now=now,
        limit=limit,
    )
    return [ExpiredFile(**row) for row in rows]


def read_statistics(tx: UserTransaction, room: ExpiredRoom) -> str | None:
    """Return a room's statistics as JSON."""
    row = tx.row(
        "SELECT statistics FROM chat_rooms WHERE user_id = :user_id AND room_id = :room_id", room_id=room.room_id
    )
    return row["statistics"] if row else None


def clear_messages(tx: UserTransaction, room: ExpiredRoom, statistics: str | None, now: datetime) -> None:
    """Remove the erased messages and their quotes from a room's row, and replace its statistics."""
    tx.execute(
        "UPDATE chat_rooms SET generation = NULL, last_message = NULL, examples = NULL, messages_expire_at = NULL, "
        "statistics = :statistics, version = version + 1 "
        "WHERE user_id = :user_id AND room_id = :room_id AND messages_expire_at <= :now",
        room_id=room.room_id,
        statistics=statistics,
        now=now,
    )


def erase_file(tx: UserTransaction, file: ExpiredFile) -> None:
    """Erase a file's row."""
    tx.execute("DELETE FROM files WHERE user_id = :user_id AND file_id = :id", id=file.file_id)
