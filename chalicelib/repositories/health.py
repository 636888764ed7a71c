"""Check that the database responds."""

from __future__ import annotations

from chalicelib.repositories.database import SystemTransaction


def select_one(tx: SystemTransaction) -> None:
    """Select one row.

    Raises:
        Unavailable: The database cannot be reached.
    """
    tx.row("SELECT 1 AS one")
