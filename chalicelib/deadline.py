"""The time that is left until API Gateway times out the current request."""

from __future__ import annotations

import time
from contextvars import ContextVar, Token

# Seconds after which API Gateway ends a request.
_GATEWAY_TIMEOUT_S = 29.0
# Seconds reserved for sending the reply.
_REPLY_MARGIN_S = 1.5

_ends_at: ContextVar[float | None] = ContextVar("ends_at", default=None)


def start(remaining_s: float = _GATEWAY_TIMEOUT_S) -> Token[float | None]:
    """Set the deadline of a request whose Lambda may run for ``remaining_s`` seconds. Return a token for ``reset``."""
    return _ends_at.set(time.monotonic() + min(_GATEWAY_TIMEOUT_S, remaining_s) - _REPLY_MARGIN_S)


def reset(token: Token[float | None]) -> None:
    """Remove the deadline at the end of the request."""
    _ends_at.reset(token)


def remaining_seconds() -> float:
    """Return the seconds until the deadline. Without a deadline, return the seconds of a request that just began."""
    ends_at = _ends_at.get()
    return _GATEWAY_TIMEOUT_S - _REPLY_MARGIN_S if ends_at is None else ends_at - time.monotonic()
