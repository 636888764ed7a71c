"""Table ``request_counts``: a user's requests per route and minute."""

from __future__ import annotations

from datetime import datetime

from chalicelib.repositories.database import UserTransaction


def increment(tx: UserTransaction, quota: str, minute: datetime) -> int:
    """Count one request and return the number of requests in this minute. The column ``route`` holds the quota."""
    row = tx.row(
        "INSERT INTO request_counts (user_id, route, minute, requests) VALUES (:user_id, :route, :minute, 1) "
        "ON CONFLICT (user_id, route, minute) DO UPDATE SET requests = request_counts.requests + 1 "
        "RETURNING requests",
        route=quota,
        minute=minute,
    )
    return int(row["requests"]) if row else 0
