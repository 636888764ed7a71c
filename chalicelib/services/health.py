"""The health of the API and of its dependencies."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from chalicelib.aws import health as aws_health
from chalicelib.repositories import health as database_health
from chalicelib.settings import settings

# Seconds between two checks of the dependencies, over all callers.
_CHECK_INTERVAL_S = 60


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check: ``ok``, ``down``, or ``off`` if the stage does not use the dependency."""

    status: str
    latency_ms: int | None


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the API. ``checks`` are the dependencies by name, None if they were not requested."""

    status: str
    stage: str
    version: str
    checks: dict[str, Check] | None = None


class CheckCache:
    """The latest results, shared by all requests of the process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Create an empty cache. ``clock`` returns seconds."""
        self._clock = clock
        self._lock = Lock()
        self._checked_at: float | None = None
        self._results: dict[str, Check] = {}

    def latest(self, dependencies: dict[str, Callable[[], None] | None]) -> dict[str, Check]:
        """Return the result of each dependency. Check the dependencies at most once a minute."""
        with self._lock:
            if self._checked_at is None or self._clock() - self._checked_at >= _CHECK_INTERVAL_S:
                self._results = {name: _check_dependency(dependency) for name, dependency in dependencies.items()}
                self._checked_at = self._clock()
            return self._results

    def reset(self) -> None:
        """Discard the results, so that the next request checks the dependencies again."""
        with self._lock:
            self._checked_at = None


_cache = CheckCache()


def check(*, deep: bool) -> Health:
    """Return the state of the API. With ``deep``, check each dependency, at most once a minute."""
    if not deep:
        return Health("ok", settings().stage, settings().version)
    checks = _cache.latest(
        {
            "database": _check_database,
            "bucket": aws_health.check_bucket,
            "bedrock": aws_health.check_bedrock if settings().bedrock == "aws" else None,
            "comprehend": aws_health.check_comprehend if settings().comprehend == "aws" else None,
        }
    )
    statuses = {name: result.status for name, result in checks.items()}
    status = "down" if statuses["database"] == "down" else "degraded" if "down" in statuses.values() else "ok"
    return Health(status, settings().stage, settings().version, checks)


def reset() -> None:
    """Discard the results of this process, for tests."""
    _cache.reset()


def _check_database() -> None:
    from chalicelib.repositories.database import database  # noqa: PLC0415 (the driver, which only a deep check needs)

    database().across_users(database_health.select_one)


def _check_dependency(dependency: Callable[[], None] | None) -> Check:
    if dependency is None:
        return Check("off", None)
    started_at = time.perf_counter()
    try:
        dependency()
    except Exception:  # noqa: BLE001 (every failure means that the dependency is down)
        status = "down"
    else:
        status = "ok"
    return Check(status, round((time.perf_counter() - started_at) * 1000))
