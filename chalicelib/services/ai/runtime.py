"""The state of this process that outlives a request: circuit breakers and durations of model calls."""

from __future__ import annotations

from collections import deque
from functools import cache

from chalicelib.aws import clients
from chalicelib.services.ai.circuit_breaker import CircuitBreaker

# The 90th percentile of a model call in seconds, assumed until calls have been measured.
_DEFAULT_CALL_S = 9.0
_MAX_MEASURED_CALLS = 50


class CallTimes:
    """Durations of the latest model calls, in seconds."""

    def __init__(self) -> None:
        """Start without measurements."""
        self._seconds: deque[float] = deque(maxlen=_MAX_MEASURED_CALLS)

    def add(self, seconds: float) -> None:
        """Record the duration of a call."""
        self._seconds.append(seconds)

    def percentile_90(self) -> float:
        """Return the 90th percentile in seconds, or an assumed value before the first measurement."""
        ranked = sorted(self._seconds)
        return ranked[len(ranked) * 9 // 10] if ranked else _DEFAULT_CALL_S


class Runtime:
    """The state that the calls to Bedrock and Comprehend share."""

    def __init__(self) -> None:
        """Start with closed circuits and without measurements."""
        self.model_breaker = CircuitBreaker("Model")
        self.comprehend_breaker = CircuitBreaker("Comprehend")
        self.call_times = CallTimes()


@cache
def runtime() -> Runtime:
    """Return the runtime of this process."""
    return Runtime()


def reset() -> None:
    """Discard the runtime and the clients of Bedrock and Comprehend. Tests call this to start like a new process."""
    runtime.cache_clear()
    for client in (clients.bedrock, clients.comprehend):
        client.cache_clear()
