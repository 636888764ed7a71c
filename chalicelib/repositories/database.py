"""Connections, transactions and their retries: the only module that talks to the driver.

Two worlds share it: Aurora DSQL (an IAM token for a password, verified TLS)
and a plain PostgreSQL by URL. Both behave alike under snapshot isolation: a
conflict is SQLSTATE 40001 and the whole transaction is run again.
"""

from __future__ import annotations

import random
import socket
import ssl
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache
from threading import BoundedSemaphore, Lock
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.native import Connection, to_statement

from chalicelib.errors import LoveQError, Unavailable
from chalicelib.observability import count, log_context
from chalicelib.settings import Settings, settings

T = TypeVar("T")
Row = dict[str, Any]
Connect = Callable[[], Connection]

# DSQL ends a connection after 60 minutes; ours are replaced well before.
MAX_CONNECTION_AGE_S = 50 * 60
PORT = 5432
SOCKET_TIMEOUT_S = 10
# A process computes on one core: more at once would only wait in the server, which takes a hundred in all.
MAX_CONNECTIONS = 30
CONNECTION_WAIT_S = 10
SERIALIZATION_FAILURE = "40001"
# What a server says that cannot serve now, by the beginning of its SQLSTATE: connection, authorisation (an IAM token
# that ran out), resources, operator intervention, a standby that only reads, and its own faults.
UNAVAILABLE_SQLSTATES = ("08", "28", "53", "57", "58", "25006", "XX")
TIMESTAMPTZ = 1184
# An API request has 29 s in all; conflicts are short, so few tries within a second.
MAX_TRIES = 5
BACKOFF_S = 0.02
# DSQL allows 3,000 rows and 10 MiB a transaction; of a row, all but its text is small.
MAX_ROWS_PER_STATEMENT = 500
MAX_ROWS_PER_TRANSACTION = 2_500
MAX_BYTES_PER_TRANSACTION = 8 * 1024 * 1024
BYTES_PER_ROW_WITHOUT_TEXT = 512


def batches(sizes: Iterable[int]) -> Iterator[range]:
    """Places of rows, by the bytes of their texts, in runs that one transaction may write."""
    start = end = size = 0
    for end, text in enumerate(sizes, 1):
        size += text + BYTES_PER_ROW_WITHOUT_TEXT
        if end - start > MAX_ROWS_PER_TRANSACTION or (size > MAX_BYTES_PER_TRANSACTION and end - start > 1):
            yield range(start, end - 1)
            start, size = end - 1, text + BYTES_PER_ROW_WITHOUT_TEXT
    if end > start:
        yield range(start, end)


class OutcomeUnknown(Exception):
    """The connection was lost while COMMIT was on its way: the transaction happened or it did not."""


def sqlstate(error: BaseException) -> str | None:
    """The five-character SQLSTATE of a driver error, None when it has none.

    pg8000 keeps the server's fields as a dictionary in the first argument; its
    own errors carry a sentence there.
    """
    fields = error.args[0] if error.args else None
    return fields.get("C") if isinstance(fields, dict) else None


class _Statements(ABC):
    """Run statements on one connection. The subclasses decide which values a statement binds."""

    def __init__(self, connection: Connection) -> None:
        """Wrap an open connection."""
        self._connection = connection

    @abstractmethod
    def _bound_values(self, sql: str, values: Row) -> Row:
        """Return the values that ``sql`` binds."""

    def rows(self, sql: str, **values: Any) -> list[Row]:
        """Run one statement and return its rows by column name."""
        done = self._run(sql, values)
        names = [column["name"] for column in done.columns or []]
        return [dict(zip(names, row, strict=True)) for row in done.rows or []]

    def tuples(self, sql: str, **values: Any) -> list[list[Any]]:
        """Run one statement and return its rows without names, for those who read hundreds."""
        return list(self._run(sql, values).rows or [])

    def row(self, sql: str, **values: Any) -> Row | None:
        """Run one statement and return its first row, None when it has none."""
        return next(iter(self.rows(sql, **values)), None)

    def execute(self, sql: str, **values: Any) -> int:
        """Run one statement and return how many rows it touched."""
        return int(self._run(sql, values).row_count)

    def _run(self, sql: str, values: Row) -> Any:
        bound = self._bound_values(sql, values)
        _count_query()
        statement, in_order = _prepared(sql)
        return self._connection.execute_unnamed(statement, in_order(bound))


class SystemTransaction(_Statements):
    """Statements across all users: retention, erasure receipts, model spending and the health check."""

    def _bound_values(self, sql: str, values: Row) -> Row:  # noqa: ARG002 (the sibling checks the statement)
        return values


@lru_cache(maxsize=512)
def _prepared(sql: str) -> tuple[str, Callable[[Row], tuple[Any, ...]]]:
    """A statement with numbered placeholders, and what puts named values in their order.

    The driver would read the text letter by letter at every call, which takes
    longer than most of our statements.
    """
    statement, in_order = to_statement(sql)
    return statement, in_order


def _count_query() -> None:
    if (done := log_context.get()) is not None:
        done.queries += 1


class UserTransaction(_Statements):
    """Statements of one user.

    A statement that does not bind ``:user_id`` is refused before it is sent, so
    no query can touch the rows of another user by mistake. This class is not a
    ``SystemTransaction``, so mypy refuses it where statements across users are expected.
    """

    def __init__(self, connection: Connection, user_id: str) -> None:
        """Wrap an open connection."""
        super().__init__(connection)
        self.user_id = user_id

    def insert_many(self, table: str, rows: list[Row]) -> None:
        """Insert rows of one shape, a few hundred a statement; ``user_id`` is filled in."""
        for start in range(0, len(rows), MAX_ROWS_PER_STATEMENT):
            self._insert(table, rows[start : start + MAX_ROWS_PER_STATEMENT])

    def _insert(self, table: str, rows: list[Row]) -> None:
        # Ids are made before the transaction: a row that is there already was written by an earlier try.
        columns = ["user_id", *rows[0]]
        width = len(columns)
        tuples = (
            "(" + ", ".join(f"${number * width + place}" for place in range(1, width + 1)) + ")"
            for number in range(len(rows))
        )
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join(tuples)} ON CONFLICT DO NOTHING"
        _count_query()
        self._connection.execute_unnamed(sql, [value for row in rows for value in (self.user_id, *row.values())])

    def _bound_values(self, sql: str, values: Row) -> Row:
        if ":user_id" not in sql:
            raise ValueError(f"a statement must bind :user_id: {sql}")
        return {"user_id": self.user_id, **values}


@dataclass
class _Idle:
    """A connection nobody uses, and when it was opened (monotonic seconds)."""

    connection: Connection
    opened_at: float


@dataclass
class Database:
    """A set of connections, each used by one thread at a time, and ``most`` of them.

    A Lambda has one thread and so one connection, reused from call to call.
    The local server makes a thread for every client connection; handing idle
    connections on keeps their number at what really runs in parallel, and who
    finds none free waits for one.
    """

    connect: Connect
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    most: int = MAX_CONNECTIONS
    wait_s: float = CONNECTION_WAIT_S
    _idle: list[_Idle] = field(init=False, default_factory=list)
    _lock: Lock = field(init=False, default_factory=Lock)
    _free: BoundedSemaphore = field(init=False)

    def __post_init__(self) -> None:
        """Begin with as many to be had as there may be."""
        self._free = BoundedSemaphore(self.most)

    def read(self, user_id: str, query: Callable[[UserTransaction], T]) -> T:
        """Run one reading statement in one round trip, without a transaction around it.

        Raises:
            Unavailable: the database cannot be reached.
        """
        return self._repeat(lambda connection: query(UserTransaction(connection, user_id)))

    def transaction(self, user_id: str, steps: Callable[[UserTransaction], T], *, repeatable: bool = False) -> T:
        """Run ``steps`` as one transaction; on a conflict all of it is run again.

        ``steps`` must do nothing that a repeat would do twice outside the
        database. An exception rolls back and goes on to the caller.
        ``repeatable`` steps change nothing more when they are run after they
        were written, and so are run again too when nobody knows whether they were.

        Raises:
            Unavailable: the database cannot be reached, conflicts did not end, or
                nobody knows whether the transaction happened.
        """

        def run(connection: Connection) -> T:
            connection.run("BEGIN")
            result = steps(UserTransaction(connection, user_id))
            _commit(connection, repeatable=repeatable)
            return result

        return self._repeat(run)

    def across_users(self, query: Callable[[SystemTransaction], T]) -> T:
        """Run a scheduled job's statements over all users, each its own transaction.

        Whatever is lost on the way is run again: jobs erase, and what they add up is no user's.

        Raises:
            Unavailable: the database cannot be reached.
        """
        return self._repeat(lambda connection: query(SystemTransaction(connection)))

    def close(self) -> None:
        """Close what is idle."""
        with self._lock:
            idle, self._idle = self._idle, []
        for entry in idle:
            _close(entry.connection)

    def _repeat(self, run: Callable[[Connection], T]) -> T:
        for attempt in range(1, MAX_TRIES + 1):
            try:
                with self._borrowed() as connection:
                    return run(connection)
            except OutcomeUnknown as error:
                self.close()
                raise Unavailable("database_unavailable") from error
            except DatabaseError as error:
                conflict = sqlstate(error) == SERIALIZATION_FAILURE
                if not conflict and not _is_unavailable(error):
                    raise
                if conflict and attempt == MAX_TRIES:
                    raise Unavailable("database_busy", retry_after=1) from error
                if not conflict and attempt > 1:
                    raise Unavailable("database_unavailable") from error
            except (InterfaceError, OSError) as error:
                # An idle connection may have been closed at the other end. Nothing
                # is committed before COMMIT is sent.
                if attempt > 1:
                    count("DatabaseUnreachable")
                    raise Unavailable("database_unavailable") from error
                self.close()
            self._pause(attempt)
        raise AssertionError("unreachable")

    def _pause(self, attempt: int) -> None:
        if (done := log_context.get()) is not None:
            done.retries += 1
        self.sleep(BACKOFF_S * 2**attempt * random.uniform(0.5, 1.0))  # noqa: S311 (jitter, not a secret)

    @contextmanager
    def _borrowed(self) -> Iterator[Connection]:
        if not self._free.acquire(timeout=self.wait_s):
            raise Unavailable("database_busy", retry_after=1)
        try:
            with self._taken() as connection:
                yield connection
        finally:
            self._free.release()

    @contextmanager
    def _taken(self) -> Iterator[Connection]:
        entry = self._take()
        try:
            yield entry.connection
        except (DatabaseError, LoveQError) as error:
            if _is_unavailable(error):
                _close(entry.connection)
            else:
                self._return_after_rollback(entry)
            raise
        except BaseException:
            # The driver may have stopped in the middle of an answer; whoever asked next would read the rest of it.
            _close(entry.connection)
            raise
        self._give_back(entry)

    def _take(self) -> _Idle:
        while True:
            with self._lock:
                entry = self._idle.pop() if self._idle else None
            if entry is None:
                return _Idle(self.connect(), self.clock())
            if self.clock() - entry.opened_at < MAX_CONNECTION_AGE_S:
                return entry
            _close(entry.connection)

    def _give_back(self, entry: _Idle) -> None:
        with self._lock:
            self._idle.append(entry)

    def _return_after_rollback(self, entry: _Idle) -> None:
        try:
            entry.connection.run("ROLLBACK")
        except (DatabaseError, InterfaceError, OSError):
            _close(entry.connection)
        else:
            self._give_back(entry)


def _commit(connection: Connection, *, repeatable: bool) -> None:
    try:
        connection.run("COMMIT")
    except (InterfaceError, OSError) as error:
        if repeatable:
            raise
        raise OutcomeUnknown from error


def _is_unavailable(error: Exception) -> bool:
    return (sqlstate(error) or "").startswith(UNAVAILABLE_SQLSTATES)


def _close(connection: Connection) -> None:
    with suppress(InterfaceError, OSError):
        connection.close()


def connect_to_url(url: str) -> Connection:
    """Open a plain PostgreSQL by ``postgresql://user:password@host:port/database``."""
    parts = urlsplit(url)
    return Connection(
        unquote(parts.username or ""),
        password=unquote(parts.password) if parts.password else None,
        sock=_socket_to(parts.hostname or "127.0.0.1", parts.port or PORT),
        database=parts.path.lstrip("/"),
        ssl_context=False,
        application_name="love-q",
    )


def connect_to_dsql(endpoint: str, user: str, region: str) -> Connection:
    """Open Aurora DSQL with a fresh IAM token, over TLS with verified certificates.

    pg8000 verifies nothing unless it is given a context; the default context
    checks the chain and the name, and sends the name that DSQL routes by.
    """
    import boto3  # noqa: PLC0415 (155 ms that a health check must not pay)

    client = boto3.client("dsql", region_name=region)
    if user == "admin":
        token = client.generate_db_connect_admin_auth_token(endpoint, region)
    else:
        token = client.generate_db_connect_auth_token(endpoint, region)
    return Connection(
        user,
        password=token,
        host=endpoint,
        sock=_socket_to(endpoint, PORT),
        database="postgres",
        ssl_context=ssl.create_default_context(),
        application_name="love-q",
    )


def _socket_to(host: str, port: int) -> socket.socket:
    """Connect, so that what is written goes out at once.

    The driver writes a large statement in pieces. The last would wait for the
    server to acknowledge those before it, and the server waits up to 40 ms
    before it does.
    """
    connected = socket.create_connection((host, port), SOCKET_TIMEOUT_S)
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return connected


def connection_for(stage: Settings) -> Connection:
    """Open whichever database the settings name.

    Raises:
        Unavailable: they name none.
    """
    if stage.database_url:
        connection = connect_to_url(stage.database_url)
    elif stage.dsql_endpoint:
        connection = connect_to_dsql(stage.dsql_endpoint, stage.dsql_user, stage.aws_region)
    else:
        raise Unavailable("database_unavailable")
    # The driver reads times by strptime, at twenty times the cost.
    connection.register_in_adapter(TIMESTAMPTZ, datetime.fromisoformat)
    return connection


@cache
def database() -> Database:
    """The process's database; nothing is opened before the first statement."""
    return Database(lambda: connection_for(settings()))
