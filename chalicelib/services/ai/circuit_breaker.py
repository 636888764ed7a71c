"""A circuit breaker: while a service fails, it is not called."""

from __future__ import annotations

import time
from collections.abc import Callable

from chalicelib.observability import count


class CircuitBreaker:
    """Open for a while after some failures in a row: what is down is not asked, and nobody waits for it."""

    def __init__(
        self, service: str, failures: int = 3, rest_s: float = 60.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin closed. ``service`` is what it leaves alone."""
        self._service, self._most, self._rest_s, self._clock = service, failures, rest_s, clock
        self._failures = 0
        self._opened_at = 0.0

    @property
    def is_open(self) -> bool:
        """Whether to leave the service alone. After the rest one may try."""
        return self._failures >= self._most and self._clock() - self._opened_at < self._rest_s

    def record(self, *, failed: bool) -> None:
        """Take note of how a request went."""
        self._failures = self._failures + 1 if failed else 0
        if self._failures >= self._most:
            self._opened_at = self._clock()
            count("CircuitsOpened", service=self._service)
