"""A pool of database connections, each used by one thread at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Lock

from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.native import Connection

from chalicelib.errors import LoveQError, Unavailable
from chalicelib.repositories.database.connections import is_unavailable

# DSQL closes a connection after 60 minutes. The pool replaces connections well before that.
MAX_CONNECTION_AGE_S = 50 * 60
# A process uses one core, so more connections would only wait in the server. The server accepts a hundred in total.
_MAX_CONNECTIONS = 30
_CONNECTION_WAIT_S = 10


@dataclass
class _PooledConnection:
    """A connection and the time when it was opened, in monotonic seconds."""

    connection: Connection
    opened_at: float


@dataclass
class ConnectionPool:
    """At most ``max_connections`` connections. They are opened when needed and reused.

    A Lambda has one thread and therefore one connection. The local server starts a thread for each client, so a
    database connection for each thread would soon reach the limit of the database.

    Args:
        connect: Opens a connection.
        clock: Returns monotonic seconds.
        max_connections: The limit. If no connection is free, a caller of ``borrow`` waits.
        wait_s: The maximum wait for a free connection, in seconds.
    """

    connect: Callable[[], Connection]
    clock: Callable[[], float] = time.monotonic
    max_connections: int = _MAX_CONNECTIONS
    wait_s: float = _CONNECTION_WAIT_S
    _idle: list[_PooledConnection] = field(init=False, default_factory=list)
    _lock: Lock = field(init=False, default_factory=Lock)
    _free_slots: BoundedSemaphore = field(init=False)

    def __post_init__(self) -> None:
        """Create a semaphore with one slot for each connection."""
        self._free_slots = BoundedSemaphore(self.max_connections)

    @contextmanager
    def borrow(self) -> Iterator[Connection]:
        """Lend a connection to the body of the ``with`` statement.

        Raises:
            Unavailable: ``database_busy`` if no connection became free in time.
        """
        if not self._free_slots.acquire(timeout=self.wait_s):
            raise Unavailable("database_busy", retry_after=1)
        try:
            with self._check_out() as connection:
                yield connection
        finally:
            self._free_slots.release()

    def close_idle(self) -> None:
        """Close the connections that are not in use."""
        with self._lock:
            idle, self._idle = self._idle, []
        for pooled in idle:
            _close(pooled.connection)

    @contextmanager
    def _check_out(self) -> Iterator[Connection]:
        pooled = self._reuse_or_open()
        try:
            yield pooled.connection
        except (DatabaseError, LoveQError) as error:
            if is_unavailable(error):
                _close(pooled.connection)
            else:
                self._roll_back_and_return(pooled)
            raise
        except BaseException:
            # The driver may have stopped mid-response. Reusing the connection would return stale bytes, so close it.
            _close(pooled.connection)
            raise
        self._return(pooled)

    def _reuse_or_open(self) -> _PooledConnection:
        while True:
            with self._lock:
                pooled = self._idle.pop() if self._idle else None
            if pooled is None:
                return _PooledConnection(self.connect(), self.clock())
            if self.clock() - pooled.opened_at < MAX_CONNECTION_AGE_S:
                return pooled
            _close(pooled.connection)

    def _return(self, pooled: _PooledConnection) -> None:
        with self._lock:
            self._idle.append(pooled)

    def _roll_back_and_return(self, pooled: _PooledConnection) -> None:
        try:
            pooled.connection.run("ROLLBACK")
        except (DatabaseError, InterfaceError, OSError):
            _close(pooled.connection)
        else:
            self._return(pooled)


def _close(connection: Connection) -> None:
    with suppress(InterfaceError, OSError):
        connection.close()
