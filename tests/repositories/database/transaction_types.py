"""A static test: mypy refuses each kind of transaction where the other kind is expected.

mypy runs in strict mode and reports an unused ``type: ignore`` as an error. If one of these calls type-checks,
``make check`` fails here. Nothing runs this module.
"""

from __future__ import annotations

from datetime import date

from chalicelib.repositories import spending, users
from chalicelib.repositories.database import SystemTransaction, UserTransaction


def read_across_users_as_one_user(tx: UserTransaction) -> None:
    """Pass a user's transaction to a query across users."""
    spending.of_day(tx, date.min)  # type: ignore[arg-type]


def read_one_user_across_users(tx: SystemTransaction) -> None:
    """Pass a system transaction to a query of one user."""
    users.consents(tx)  # type: ignore[arg-type]
