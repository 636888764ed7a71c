"""Table ``spending``: the deployment's spending on models per day, in microdollars, for all users together."""

from __future__ import annotations

from datetime import date

from chalicelib.repositories.database import SystemTransaction


def add(tx: SystemTransaction, day: date, part: int, microdollars: int) -> None:
    """Add to one part of a day's total. The parts keep parallel requests from conflicting."""
    tx.execute(
        "INSERT INTO spending (day, part, microdollars) VALUES (:day, :part, :microdollars) "
        "ON CONFLICT (day, part) DO UPDATE SET microdollars = spending.microdollars + EXCLUDED.microdollars",
        day=day,
        part=part,
        microdollars=microdollars,
    )


def of_day(tx: SystemTransaction, day: date) -> int:
    """Return the day's total in microdollars."""
    row = tx.row("SELECT coalesce(sum(microdollars), 0) AS microdollars FROM spending WHERE day = :day", day=day)
    return int(row["microdollars"]) if row else 0
