"""Whether the API answers, and what it stands on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from chalicelib.aws import health as aws_health
from chalicelib.repositories import health as database_health
from chalicelib.settings import settings

# What stands behind is asked at most this often, whoever asks.
CHECKED_FOR_S = 60


@dataclass(frozen=True, slots=True)
class Check:
    """What one part answered: ``ok``, ``down``, or ``off`` where the stage does without; in milliseconds."""

    status: str
    latency_ms: int | None


@dataclass(frozen=True, slots=True)
class Health:
    """The API's state, its stage and its version; ``checks`` by part when they were asked for."""

    status: str
    stage: str
    version: str
    checks: dict[str, Check] | None = None


class Checks:
    """The latest checks, shared by all requests of this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Hold nothing yet."""
        self._clock = clock
        self._lock = Lock()
        self._at: float | None = None
        self._found: dict[str, Check] = {}

    def latest(self, parts: dict[str, Callable[[], None] | None]) -> dict[str, Check]:
        """What each part answered, asked anew at most once a minute."""
        with self._lock:
            if self._at is None or self._clock() - self._at >= CHECKED_FOR_S:
                self._found = {name: _check(part) for name, part in parts.items()}
                self._at = self._clock()
            return self._found


_checks = Checks()


def check(*, deep: bool) -> Health:
    """The state: without asking anybody, or ``deep`` by asking each part, at most once a minute."""
    if not deep:
        return Health("ok", settings().stage, settings().version)
    found = _checks.latest(
        {
            "database": database_health.check_database,
            "bucket": aws_health.check_bucket,
            "bedrock": aws_health.check_bedrock if settings().bedrock == "aws" else None,
            "comprehend": aws_health.check_comprehend if settings().comprehend == "aws" else None,
        }
    )
    statuses = {name: part.status for name, part in found.items()}
    status = "down" if statuses["database"] == "down" else "degraded" if "down" in statuses.values() else "ok"
    return Health(status, settings().stage, settings().version, found)


def _check(part: Callable[[], None] | None) -> Check:
    if part is None:
        return Check("off", None)
    started = time.perf_counter()
    try:
        part()
    except Exception:  # noqa: BLE001 (whatever it is, the part does not answer)
        status = "down"
    else:
        status = "ok"
    return Check(status, round((time.perf_counter() - started) * 1000))
