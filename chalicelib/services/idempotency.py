"""Idempotency-Key: a request that is sent twice with the same key is executed once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

from chalicelib.domain import Caller
from chalicelib.errors import Conflict
from chalicelib.repositories import idempotency_keys
from chalicelib.repositories.database import UserTransaction
from chalicelib.services import accounts
from chalicelib.services.ids import deterministic_ids

_REPLY_RETENTION = timedelta(days=1)
# No request takes longer. An older claim without a reply belongs to a killed process.
_MAX_REQUEST_TIME = timedelta(seconds=60)


def answer_once(caller: Caller, key: str, request: bytes, answer: Callable[[], str]) -> str:
    """Return the reply to ``request``: the stored reply of the first attempt, or the result of ``answer``.

    Raises:
        Conflict: ``idempotency_conflict`` if the key was sent with another request, ``request_in_progress`` if the
            first attempt has no reply yet.
    """
    stored_reply = _claim(caller, key, hashlib.sha256(request).hexdigest())
    if stored_reply is not None:
        return stored_reply
    try:
        # The date is included, because the key may belong to another request after the stored reply has expired.
        with deterministic_ids(f"{caller.user_id} {caller.now.date()} {key}"):
            reply = answer()
    except Exception:
        accounts.write(caller, lambda tx: idempotency_keys.release(tx, key), repeatable=True)
        raise
    accounts.write(caller, lambda tx: idempotency_keys.save_reply(tx, key, reply), repeatable=True)
    return reply


def _claim(caller: Caller, key: str, request_hash: str) -> str | None:
    """Claim the key. Return the stored reply, or None if the key now belongs to this request."""

    def steps(tx: UserTransaction) -> str | None:
        first = idempotency_keys.claim(tx, key, request_hash, caller.now, caller.now + _REPLY_RETENTION)
        if first is None:
            return None
        if first.request_hash != request_hash:
            raise Conflict("idempotency_conflict")
        if first.reply is not None:
            return first.reply
        if first.claimed_at == caller.now:
            # This request made the claim: the database repeats these steps after an unknown outcome.
            return None
        is_stale = first.claimed_at + _MAX_REQUEST_TIME <= caller.now
        if is_stale and idempotency_keys.take_over(tx, key, first.claimed_at, caller.now):
            return None
        raise Conflict("request_in_progress")

    return accounts.write(caller, steps, repeatable=True)
