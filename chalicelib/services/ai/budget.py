"""When Bedrock and Comprehend are not asked: past the deployment's daily dollars, or while they fail."""

from __future__ import annotations

import random
from datetime import datetime

from chalicelib.observability import count
from chalicelib.repositories import spending
from chalicelib.repositories.database import database
from chalicelib.settings import settings

MICRO = 1_000_000
PARTS = 16


def may_spend(now: datetime) -> bool:
    """Whether the day's dollars, of UTC, are not used up."""
    spent = database().across_users(lambda tx: spending.of_day(tx, now.date()))
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
        database().across_users(lambda tx: spending.add(tx, now.date(), part, microdollars))
