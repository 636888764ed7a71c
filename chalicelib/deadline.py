"""How long the caller still waits."""

from __future__ import annotations

import time
from contextvars import ContextVar, Token

# API Gateway ends a request after 29 s. What is left below that is for the answer's own way.
GATEWAY_S = 29.0
MARGIN_S = 1.5

_ends_at: ContextVar[float | None] = ContextVar("ends_at", default=None)


def start(remaining_s: float = GATEWAY_S) -> Token[float | None]:
    """Begin a request whose process may run for so many more seconds; ``reset`` with what this returns."""
    return _ends_at.set(time.monotonic() + min(GATEWAY_S, remaining_s) - MARGIN_S)


def reset(token: Token[float | None]) -> None:
    """End the request."""
    _ends_at.reset(token)


def left() -> float:
    """The seconds that are left; those of a whole request where none began."""
    ends_at = _ends_at.get()
    return GATEWAY_S - MARGIN_S if ends_at is None else ends_at - time.monotonic()
