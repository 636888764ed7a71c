"""Table ``idempotency_keys``: the first request under each Idempotency-Key, and its reply."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.repositories.database import UserTransaction


@dataclass(frozen=True, slots=True)
class FirstRequest:
    """The first request under a key. ``reply`` is None while that request is being answered."""

    request_hash: str
    reply: str | None
    claimed_at: datetime


def claim(tx: UserTransaction, key: str, request_hash: str, now: datetime, expires_at: datetime) -> FirstRequest | None:
    """Claim a key for a request. Return None if the claim succeeds, otherwise the first request under the key.

    An expired key can be claimed like a new one.
    """
    claimed_rows = tx.execute(
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
    if claimed_rows:
        return None
    row = tx.row(
        "SELECT request_hash, reply, claimed_at FROM idempotency_keys WHERE user_id = :user_id AND key = :key", key=key
    )
    return FirstRequest(row["request_hash"], row["reply"], row["claimed_at"]) if row else None


def take_over(tx: UserTransaction, key: str, claimed_at: datetime, now: datetime) -> bool:
    """Claim a key whose request was never answered. Return False if another request has claimed it first."""
    claimed_rows = tx.execute(
        "UPDATE idempotency_keys SET claimed_at = :now "
        "WHERE user_id = :user_id AND key = :key AND reply IS NULL AND claimed_at = :claimed_at",
        key=key,
        now=now,
        claimed_at=claimed_at,
    )
    return claimed_rows == 1


def save_reply(tx: UserTransaction, key: str, reply: str) -> None:
    """Store the reply to the request that claimed the key."""
    tx.execute(
        "UPDATE idempotency_keys SET reply = :reply WHERE user_id = :user_id AND key = :key", key=key, reply=reply
    )


def release(tx: UserTransaction, key: str) -> None:
    """Delete a key whose request failed, so that the client can send the request again."""
    tx.execute("DELETE FROM idempotency_keys WHERE user_id = :user_id AND key = :key AND reply IS NULL", key=key)
