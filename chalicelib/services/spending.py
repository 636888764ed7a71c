"""When Bedrock and Comprehend are not asked: past the deployment's daily dollars, or while they fail."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import datetime

from chalicelib.observability import count
from chalicelib.repositories import spending
from chalicelib.repositories.database import database
from chalicelib.settings import settings

MICRO = 1_000_000
PARTS = 16


class Circuit:
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

    def note(self, *, failed: bool) -> None:
        """Take note of how a request went."""
        self._failures = self._failures + 1 if failed else 0
        if self._failures >= self._most:
            self._opened_at = self._clock()
            count("CircuitsOpened", service=self._service)


def may_spend(now: datetime) -> bool:
    """Whether the day's dollars, of UTC, are not used up."""
    spent = database().job(lambda tx: spending.of_day(tx, now.date()))
    if spent < settings().daily_model_dollars * MICRO:
        return True
    count("ModelDollarsUsedUp")
    return False


def spend(now: datetime, dollars: float) -> None:
    """Add what a question took to the day's sum."""
    part = random.randrange(PARTS)  # noqa: S311 (which row, no secret)
    microdollars = round(dollars * MICRO)
    if microdollars:
        count("Microdollars", microdollars)
        database().job(lambda tx: spending.add(tx, now.date(), part, microdollars))
