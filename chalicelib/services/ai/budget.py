"""The deployment's daily budget for Bedrock and Comprehend, in US dollars per UTC day."""

from __future__ import annotations

import random
from datetime import datetime

from chalicelib.observability import count
from chalicelib.repositories import spending
from chalicelib.repositories.database import database
from chalicelib.settings import settings

_MICRODOLLARS = 1_000_000
# A day's sum is spread over rows, because concurrent updates of one row conflict in Aurora DSQL.
_ROWS_PER_DAY = 16


def may_spend(now: datetime) -> bool:
    """Return whether the day's budget is not used up, and count the refusal if it is."""
    spent = database().across_users(lambda tx: spending.of_day(tx, now.date()))
    if spent < settings().daily_model_dollars * _MICRODOLLARS:
        return True
    count("ModelDollarsUsedUp")
    return False


def spend(now: datetime, dollars: float) -> None:
    """Add the cost of a call to the day's sum."""
    row = random.randrange(_ROWS_PER_DAY)  # noqa: S311 (a row number, not a secret)
    microdollars = round(dollars * _MICRODOLLARS)
    if microdollars:
        count("Microdollars", microdollars)
        database().across_users(lambda tx: spending.add(tx, now.date(), row, microdollars))
