"""Run statements and transactions, and run them again when that is safe."""

from __future__ import annotations

import random
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, TypeVar

from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.native import Connection, to_statement

from chalicelib.errors import Unavailable
from chalicelib.observability import count, log_context
from chalicelib.repositories.database.connections import is_conflict, is_unavailable, open_connection
from chalicelib.repositories.database.limits import MAX_ROWS_PER_STATEMENT
from chalicelib.repositories.database.pool import ConnectionPool
from chalicelib.settings import settings

T = TypeVar("T")
Row = dict[str, Any]

# An API request has 29 s in total. The waits between all attempts add up to less than one second.
MAX_ATTEMPTS = 5
_BACKOFF_S = 0.02


class _OutcomeUnknown(Exception):
    """The connection was lost during COMMIT: the transaction may or may not have been committed."""


class _Statements(ABC):
    """Run statements on one connection. The subclasses decide which values a statement binds."""

    def __init__(self, connection: Connection) -> None:
        """Wrap an open connection."""
        self._connection = connection

    @abstractmethod
    def _bound_values(self, sql: str, values: Row) -> Row:
        """Return the values that ``sql`` binds."""

    def rows(self, sql: str, **values: Any) -> list[Row]:
        """Run one statement and return its rows as dictionaries by column name."""
        result = self._run(sql, values)
        names = [column["name"] for column in result.columns or []]
        return [dict(zip(names, row, strict=True)) for row in result.rows or []]

    def tuples(self, sql: str, **values: Any) -> list[list[Any]]:
        """Run one statement and return its rows without names, which is faster for hundreds of rows."""
        return list(self._run(sql, values).rows or [])

    def row(self, sql: str, **values: Any) -> Row | None:
        """Run one statement and return its first row, None if there is none."""
        return next(iter(self.rows(sql, **values)), None)

    def execute(self, sql: str, **values: Any) -> int:
        """Run one statement and return the number of rows it affected."""
        return int(self._run(sql, values).row_count)

    def _run(self, sql: str, values: Row) -> Any:
        bound_values = self._bound_values(sql, values)
        _count_query()
        statement, put_in_order = _prepare(sql)
        return self._connection.execute_unnamed(statement, put_in_order(bound_values))


class SystemTransaction(_Statements):
    """Statements across all users: retention, erasure receipts, model spending and the health check."""

    def _bound_values(self, sql: str, values: Row) -> Row:  # noqa: ARG002 (the sibling checks the statement)
        return values


class UserTransaction(_Statements):
    """Statements of one user.

    A statement that does not bind ``:user_id`` is refused before it is sent, so that no statement reads or changes rows
    of another user by mistake. This class is not a subclass of ``SystemTransaction``, so mypy refuses it where
    statements across users are expected.
    """

    def __init__(self, connection: Connection, user_id: str) -> None:
        """Wrap an open connection."""
        super().__init__(connection)
        self.user_id = user_id

    def insert_many(self, table: str, rows: list[Row]) -> None:
        """Insert rows that have the same columns. ``user_id`` is filled in."""
        for start in range(0, len(rows), MAX_ROWS_PER_STATEMENT):
            self._insert(table, rows[start : start + MAX_ROWS_PER_STATEMENT])

    def _insert(self, table: str, rows: list[Row]) -> None:
        columns = ["user_id", *rows[0]]
        width = len(columns)
        tuples = (
            "(" + ", ".join(f"${number * width + place}" for place in range(1, width + 1)) + ")"
            for number in range(len(rows))
        )
        # Ids are created before the transaction, so a row that already exists was written by an earlier attempt.
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join(tuples)} ON CONFLICT DO NOTHING"
        _count_query()
        self._connection.execute_unnamed(sql, [value for row in rows for value in (self.user_id, *row.values())])

    def update(self, table: str, values: Row, where: Row) -> int:
        """Set columns of the user's rows that have the values of ``where``. Return the number of rows affected."""
        assignments = ", ".join(f"{name} = :{name}" for name in values)
        conditions = " AND ".join(["user_id = :user_id", *(f"{name} = :where_{name}" for name in where)])
        return self.execute(
            f"UPDATE {table} SET {assignments} WHERE {conditions}",
            **values,
            **{f"where_{name}": value for name, value in where.items()},
        )

    def _bound_values(self, sql: str, values: Row) -> Row:
        if ":user_id" not in sql:
            raise ValueError(f"a statement must bind :user_id: {sql}")
        return {"user_id": self.user_id, **values}


@lru_cache(maxsize=512)
def _prepare(sql: str) -> tuple[str, Callable[[Row], tuple[Any, ...]]]:
    """Return the statement with numbered placeholders, and a function that puts named values into their order.

    Cached, because the driver parses the text character by character, which takes longer than most statements.
    """
    statement, put_in_order = to_statement(sql)
    return statement, put_in_order


def _count_query() -> None:
    if (context := log_context.get()) is not None:
        context.queries += 1


@dataclass
class Database:
    """Run functions as transactions on pooled connections, and retry them."""

    pool: ConnectionPool
    sleep: Callable[[float], None] = time.sleep

    def read(self, user_id: str, query: Callable[[UserTransaction], T]) -> T:
        """Run one SELECT in one round trip, without BEGIN and COMMIT.

        Raises:
            Unavailable: The database cannot be reached, or the conflicts did not end.
        """
        return self._retry(lambda connection: query(UserTransaction(connection, user_id)))

    def transaction(self, user_id: str, steps: Callable[[UserTransaction], T], *, repeatable: bool = False) -> T:
        """Run ``steps`` as one transaction. After a conflict, run all of it again.

        ``steps`` must have no effects outside the database, because it may run several times. An exception rolls the
        transaction back and is raised to the caller.

        Args:
            user_id: The user whose rows the statements touch.
            steps: The statements.
            repeatable: Running ``steps`` again after a commit changes nothing. Such steps are also retried when the
                outcome of COMMIT is unknown.

        Raises:
            Unavailable: The database cannot be reached, the conflicts did not end, or the outcome of COMMIT is unknown.
        """

        def run(connection: Connection) -> T:
            connection.run("BEGIN")
            result = steps(UserTransaction(connection, user_id))
            _commit(connection, repeatable=repeatable)
            return result

        return self._retry(run)

    def across_users(self, query: Callable[[SystemTransaction], T]) -> T:
        """Run statements across all users, each as its own transaction.

        They are retried even when the outcome is unknown. Erasing twice is harmless, and counting the cost of a call
        twice only lowers the rest of the budget.

        Raises:
            Unavailable: The database cannot be reached, or the conflicts did not end.
        """
        return self._retry(lambda connection: query(SystemTransaction(connection)))

    def close(self) -> None:
        """Close the idle connections."""
        self.pool.close_idle()

    def _retry(self, run: Callable[[Connection], T]) -> T:
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                with self.pool.borrow() as connection:
                    return run(connection)
            except _OutcomeUnknown as error:
                self.close()
                raise Unavailable("database_unavailable") from error
            except DatabaseError as error:
                if not is_conflict(error) and not is_unavailable(error):
                    raise
                _require_attempts(error, attempt)
            except (InterfaceError, OSError) as error:
                # The server may have closed an idle connection, so retry once on a new one. This is safe: nothing was
                # committed or a repetition is harmless, otherwise ``_commit`` has raised ``_OutcomeUnknown``.
                if attempt > 1:
                    count("DatabaseUnreachable")
                    raise Unavailable("database_unavailable") from error
                self.close()
            self._back_off(attempt)
        raise AssertionError("unreachable")

    def _back_off(self, attempt: int) -> None:
        if (context := log_context.get()) is not None:
            context.retries += 1
        self.sleep(_BACKOFF_S * 2**attempt * random.uniform(0.5, 1.0))  # noqa: S311 (jitter, not a secret)


def _require_attempts(error: DatabaseError, attempt: int) -> None:
    """Raise ``Unavailable`` if no attempt is left. A conflict has five attempts, an unavailable server has two."""
    if is_conflict(error) and attempt == MAX_ATTEMPTS:
        raise Unavailable("database_busy", retry_after=1) from error
    if is_unavailable(error) and attempt > 1:
        raise Unavailable("database_unavailable") from error


def _commit(connection: Connection, *, repeatable: bool) -> None:
    try:
        connection.run("COMMIT")
    except (InterfaceError, OSError) as error:
        if repeatable:
            raise
        raise _OutcomeUnknown from error


@cache
def database() -> Database:
    """Return the database of this process. No connection is opened before the first statement."""
    return Database(ConnectionPool(lambda: open_connection(settings())))
