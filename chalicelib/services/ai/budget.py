"""The deployment's daily budget for Bedrock and Comprehend, in US dollars per UTC day."""

from __future__ import annotations

import random
from datetime import datetime

from chalicelib.observability import count
from chalicelib.repositories import spending
from chalicelib.repositories.database import database
from chalicelib.settings import settings

_MICRODOLLARS = 1_000_000
# A day's total is the sum of several rows, because concurrent updates of one row conflict in Aurora DSQL.
_PARTS_PER_DAY = 16


def may_spend(now: datetime) -> bool:
    """Return whether the day's total is below the budget. Count a refusal."""
    spent = database().across_users(lambda tx: spending.of_day(tx, now.date()))
    if spent < settings().daily_model_dollars * _MICRODOLLARS:
        return True
    count("ModelDollarsUsedUp")
    return False


def spend(now: datetime, dollars: float) -> None:
    """Add the cost of a call to the day's total."""
    part = random.randrange(_PARTS_PER_DAY)  # noqa: S311 (the number of a row, not a secret)
    microdollars = round(dollars * _MICRODOLLARS)
    if microdollars:
        count("Microdollars", microdollars)
        database().across_users(lambda tx: spending.add(tx, now.date(), part, microdollars))
