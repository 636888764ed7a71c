"""Database access: connections, a pool, transactions with retries, keyset pagination and transaction limits."""

from __future__ import annotations

from chalicelib.repositories.database.connections import connect_to_dsql, connect_to_url
from chalicelib.repositories.database.keyset import SortKey, keyset
from chalicelib.repositories.database.limits import MAX_ROWS_PER_TRANSACTION, batches
from chalicelib.repositories.database.transactions import (
    Database,
    Row,
    SystemTransaction,
    UserTransaction,
    database,
)

__all__ = [
    "MAX_ROWS_PER_TRANSACTION",
    "Database",
    "Row",
    "SortKey",
    "SystemTransaction",
    "UserTransaction",
    "batches",
    "connect_to_dsql",
    "connect_to_url",
    "database",
    "keyset",
]
