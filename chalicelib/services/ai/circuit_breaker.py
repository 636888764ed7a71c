"""A circuit breaker, which stops calls to a service that fails."""

from __future__ import annotations

import time
from collections.abc import Callable

from chalicelib.observability import count


class CircuitBreaker:
    """Opens for some time after several failures in a row, so that callers do not wait for another failure."""

    def __init__(
        self,
        service: str,
        max_failures: int = 3,
        open_s: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start closed.

        Args:
            service: The name of the service, for the metric.
            max_failures: The number of failures in a row that opens the circuit.
            open_s: How many seconds it stays open.
            clock: Returns the current time in seconds.
        """
        self._service, self._max_failures, self._open_s, self._clock = service, max_failures, open_s, clock
        self._failures = 0
        self._opened_at = 0.0

    @property
    def is_open(self) -> bool:
        """True while the service must not be called. When the open time is over, the next call is a trial."""
        return self._failures >= self._max_failures and self._clock() - self._opened_at < self._open_s

    def record(self, *, failed: bool) -> None:
        """Record the outcome of a call."""
        self._failures = self._failures + 1 if failed else 0
        if self._failures >= self._max_failures:
            self._opened_at = self._clock()
            count("CircuitsOpened", service=self._service)
