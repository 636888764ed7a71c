"""A request sent twice with the same key is answered once."""

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

KEPT_FOR = timedelta(days=1)
# No request takes longer; one that was never answered was killed.
ANSWERED_WITHIN = timedelta(seconds=60)


def answer_once(caller: Caller, key: str, request: bytes, answer: Callable[[], str]) -> str:
    """The first answer to ``request`` under ``key``, made now or a while ago.

    Raises:
        Conflict: ``idempotency_conflict`` when the key came with another
            request, ``request_in_progress`` while the first is being answered.
    """
    first = _claim(caller, key, hashlib.sha256(request).hexdigest())
    if first is not None:
        return first
    try:
        # A key may name another request tomorrow.
        with deterministic_ids(f"{caller.user_id} {caller.now.date()} {key}"):
            reply = answer()
    except Exception:
        accounts.write(caller, lambda tx: idempotency_keys.release(tx, key), repeatable=True)
        raise
    accounts.write(caller, lambda tx: idempotency_keys.save_reply(tx, key, reply), repeatable=True)
    return reply


def _claim(caller: Caller, key: str, request_hash: str) -> str | None:
    """The reply that was given before, None when the key is ours now."""

    def steps(tx: UserTransaction) -> str | None:
        first = idempotency_keys.claim(tx, key, request_hash, caller.now, caller.now + KEPT_FOR)
        if first is None:
            return None
        if first.request_hash != request_hash:
            raise Conflict("idempotency_conflict")
        if first.reply is not None:
            return first.reply
        if first.claimed_at == caller.now:
            # By an earlier try of these steps.
            return None
        killed = first.claimed_at + ANSWERED_WITHIN <= caller.now
        if killed and idempotency_keys.take_over(tx, key, first.claimed_at, caller.now):
            return None
        raise Conflict("request_in_progress")

    return accounts.write(caller, steps, repeatable=True)
