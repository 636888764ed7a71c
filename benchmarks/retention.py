"""Retention: the speed of erasing a million expired messages, in transactions of the size that Aurora DSQL allows."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from benchmarks.stage import NewClient
from benchmarks.table import Table

if TYPE_CHECKING:
    from chalicelib.repositories.database import Database

_ROOMS, _MESSAGES_PER_ROOM = 200, 5_000
# The limit of Aurora DSQL.
_DSQL_MAX_ROWS = 3_000


def measure(table: Table, new_client: NewClient) -> None:
    """Erase the expired messages of 200 rooms by runs of the hourly job."""
    from chalicelib.repositories.database import MAX_ROWS_PER_TRANSACTION, database  # noqa: PLC0415 (after the environment)
    from chalicelib.services import retention  # noqa: PLC0415 (after the environment)

    now = datetime.now(UTC)
    _insert_messages(database(), new_client().user_id, now - timedelta(hours=1))
    erased, runs, seconds = 0, 0, 0.0
    while erased < _ROOMS * _MESSAGES_PER_ROOM:
        started_at = time.perf_counter()
        retention.erase_expired(now)
        seconds += time.perf_counter() - started_at
        runs += 1
        erased = _ROOMS * _MESSAGES_PER_ROOM - _count_messages(database())
    table.add(f"{erased:,} expired messages erased", f"{seconds:.1f} s", comparison=f"{erased / seconds:,.0f} rows/s")
    table.add("… runs of the job, 45 s each", f"{runs}")
    table.add("… rows per transaction", f"≤ {MAX_ROWS_PER_TRANSACTION:,}", goal=f"≤ {_DSQL_MAX_ROWS:,}")
    table.add("… overdue afterwards", f"{sum(retention.check_retention(now).values())}", goal="0")


def _insert_messages(db: Database, user_id: str, expired_at: datetime) -> None:
    """Insert rooms with expired messages, as imports write them."""
    connection = db.pool.connect()
    for _ in range(_ROOMS):
        room, generation = str(uuid.uuid4()), str(uuid.uuid4())
        connection.run(
            "INSERT INTO chat_rooms (user_id, room_id, partner_relationship, generation, messages_expire_at, version, "
            "last_activity_at, created_at, updated_at, message_count, kept_from, kept_until) "
            "VALUES (:user, :room, '썸', :generation, :at, 1, :at, :at, :at, :count, 0, 0)",
            user=user_id,
            room=room,
            generation=generation,
            at=expired_at,
            count=_MESSAGES_PER_ROOM,
        )
        connection.run(
            "INSERT INTO messages (user_id, room_id, generation, position, message_id, sender, kind, text, count, "
            "sent_at, expires_at) SELECT :user, cast(:room AS uuid), cast(:generation AS uuid), n, md5(n::text), "
            "'바다', 'text', repeat('가', 15), 1, :at, :at FROM generate_series(1, cast(:count AS int)) AS n",
            user=user_id,
            room=room,
            generation=generation,
            at=expired_at,
            count=_MESSAGES_PER_ROOM,
        )
    connection.close()


def _count_messages(db: Database) -> int:
    row = db.across_users(lambda tx: tx.row("SELECT count(*) AS rows FROM messages"))
    return int(row["rows"]) if row else 0
