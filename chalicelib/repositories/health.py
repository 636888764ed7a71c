"""Check that the database responds."""

from __future__ import annotations

from chalicelib.repositories.database import database


def check_database() -> None:
    """Select one row.

    Raises:
        Unavailable: The database cannot be reached.
    """
    database().across_users(lambda tx: tx.row("SELECT 1 AS one"))
