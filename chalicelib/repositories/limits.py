"""``request_counts`` and ``idempotency_keys``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.repositories.database import UserTransaction


@dataclass(frozen=True, slots=True)
class FirstReply:
    """What a key was first used for; ``reply`` is None while that is being answered."""

    request_hash: str
    reply: str | None
    claimed_at: datetime


def count_request(tx: UserTransaction, quota: str, minute: datetime) -> int:
    """Count one request and return how many the minute has seen."""
    row = tx.row(
        "INSERT INTO request_counts (user_id, route, minute, requests) VALUES (:user_id, :route, :minute, 1) "
        "ON CONFLICT (user_id, route, minute) DO UPDATE SET requests = request_counts.requests + 1 "
        "RETURNING requests",
        route=quota,
        minute=minute,
    )
    return int(row["requests"]) if row else 0


def claim_key(
    tx: UserTransaction, key: str, request_hash: str, now: datetime, expires_at: datetime
) -> FirstReply | None:
    """Take a key for a request; None when it is ours now, else what it was first used for.

    A key whose time is over is as good as new.
    """
    taken = tx.execute(
        "INSERT INTO idempotency_keys (user_id, key, request_hash, claimed_at, expires_at) "
        "VALUES (:user_id, :key, :request_hash, :now, :expires_at) "
        "ON CONFLICT (user_id, key) DO UPDATE SET request_hash = EXCLUDED.request_hash, reply = NULL, "
        "claimed_at = EXCLUDED.claimed_at, expires_at = EXCLUDED.expires_at "
        "WHERE idempotency_keys.expires_at <= EXCLUDED.claimed_at",
        key=key,
        request_hash=request_hash,
        now=now,
        expires_at=expires_at,
    )
    if taken:
        return None
    row = tx.row(
        "SELECT request_hash, reply, claimed_at FROM idempotency_keys WHERE user_id = :user_id AND key = :key", key=key
    )
    return FirstReply(row["request_hash"], row["reply"], row["claimed_at"]) if row else None


def take_over_key(tx: UserTransaction, key: str, claimed_at: datetime, now: datetime) -> bool:
    """Take a key whose request was never answered; say whether it is ours now."""
    taken = tx.execute(
        "UPDATE idempotency_keys SET claimed_at = :now "
        "WHERE user_id = :user_id AND key = :key AND reply IS NULL AND claimed_at = :claimed_at",
        key=key,
        now=now,
        claimed_at=claimed_at,
    )
    return taken == 1


def keep_reply(tx: UserTransaction, key: str, reply: str) -> None:
    """Keep the reply of the request that took a key."""
    tx.execute(
        "UPDATE idempotency_keys SET reply = :reply WHERE user_id = :user_id AND key = :key", key=key, reply=reply
    )


def release_key(tx: UserTransaction, key: str) -> None:
    """Forget a key whose request failed, so that it can be sent again."""
    tx.execute("DELETE FROM idempotency_keys WHERE user_id = :user_id AND key = :key AND reply IS NULL", key=key)
