"""A failing database: a proxy that speaks PostgreSQL's wire protocol and injects faults.

It stands between the driver and a real PostgreSQL. Like Aurora DSQL, it can report a conflict at COMMIT: it then rolls
the transaction back.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """A fault at a statement or at the connection."""

    NONE = "none"
    # SQLSTATE 40001, as Aurora DSQL reports a conflict and a changed schema.
    CONFLICT = "conflict"
    SCHEMA_CHANGED = "schema changed"
    # The connection breaks before the statement reaches the server, or before the answer reaches the client.
    RESET = "reset"
    LOST_ANSWER = "lost answer"
    # The server rejects the statement or the connection.
    READ_ONLY = "read only"
    SHUTDOWN = "shutdown"
    TOO_MANY = "too many connections"
    EXPIRED = "token expired"
    # The server does not answer.
    SILENT = "silent"


ERRORS = {
    Fault.CONFLICT: ("40001", "change conflicts with another transaction, please retry: (OC000)"),
    Fault.SCHEMA_CHANGED: ("40001", "schema has been updated by another transaction, please retry: (OC001)"),
    Fault.READ_ONLY: ("25006", "cannot execute in a read-only transaction"),
    Fault.SHUTDOWN: ("57P01", "terminating connection due to administrator command"),
    Fault.TOO_MANY: ("53300", "too many connections"),
    Fault.EXPIRED: ("28000", "access denied: token expired"),
}
AT_CONNECT = frozenset((Fault.TOO_MANY, Fault.EXPIRED))
ENDS_CONNECTION = frozenset((Fault.SHUTDOWN, Fault.TOO_MANY, Fault.EXPIRED))


@dataclass(frozen=True)
class Statement:
    """A statement that passes the proxy. ``sql`` is ``CONNECT`` for a new connection."""

    sql: str
    in_transaction: bool


Plan = Callable[[Statement], Fault]


class FaultyDatabase:
    """The proxy, as a context manager. ``plan`` chooses the fault of every statement."""

    def __init__(self, port: int) -> None:
        self._backend = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: set[socket.socket] = set()
        self.port = self._listener.getsockname()[1]
        self.plan: Plan = lambda _: Fault.NONE
        self.injected: list[Fault] = []

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.refuse()

    def refuse(self):
        """Refuse new connections and break the open ones."""
        with suppress(OSError):
            # Closing does not wake a thread that waits in accept.
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.break_all()

    def break_all(self):
        """Break every open connection, as the replacement of a server does."""
        for connection in list(self._sockets):
            _reset(connection)

    def choose_fault(self, statement):
        """Return the fault of a statement and record it."""
        fault = self.plan(statement)
        if fault is not Fault.NONE:
            self.injected.append(fault)
        return fault

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server = socket.create_connection(("127.0.0.1", self._backend))
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sockets |= {client, server}
        try:
            _Session(self, client, server).run()
        except (OSError, EOFError):
            pass
        finally:
            self._sockets -= {client, server}
            for connection in (client, server):
                with suppress(OSError):
                    connection.close()


class _Session:
    """The connection of one client."""

    def __init__(self, proxy, client, server):
        self._proxy, self._client, self._server = proxy, client, server
        self._in_transaction = False
        self._parsed = ""

    def run(self):
        self._server.sendall(self._startup())
        fault = self._proxy.choose_fault(Statement("CONNECT", in_transaction=False))
        if fault in AT_CONNECT:
            self._client.sendall(_error(fault))
            return
        self._pass_answer()
        while True:
            batch, sql = self._request()
            fault = self._proxy.choose_fault(Statement(sql, self._in_transaction)) if sql else Fault.NONE
            self._handle(batch, sql, fault)

    def _startup(self):
        length = self._read(self._client, 4)
        return length + self._read(self._client, struct.unpack("!I", length)[0] - 4)

    def _request(self):
        """Return the client's messages up to the point where it waits for an answer, and the SQL if any is executed."""
        batch, sql = b"", ""
        while True:
            kind, body = self._message(self._client)
            batch += kind + struct.pack("!I", len(body) + 4) + body
            if kind == b"Q":
                return batch, body.rstrip(b"\0").decode()
            if kind == b"P":
                self._parsed = body.split(b"\0")[1].decode()
            if kind == b"E":
                sql = self._parsed
            if kind == b"S":
                return batch, sql
            if kind == b"X":
                raise EOFError

    def _handle(self, batch, sql, fault):
        if fault is Fault.NONE:
            self._server.sendall(batch)
            self._pass_answer()
        elif fault is Fault.RESET:
            _reset(self._client)
            raise EOFError
        elif fault is Fault.LOST_ANSWER:
            self._server.sendall(batch)
            self._answer()
            _reset(self._client)
            raise EOFError
        elif fault is Fault.SILENT:
            time.sleep(1.5)
            raise EOFError
        else:
            self._refuse(sql, fault)

    def _refuse(self, sql, fault):
        if sql == "COMMIT":
            self._server.sendall(b"Q" + struct.pack("!I", 13) + b"ROLLBACK\0")
            self._answer()
        if fault in ENDS_CONNECTION:
            self._client.sendall(_error(fault))
            raise EOFError
        status = b"E" if self._in_transaction else b"I"
        self._client.sendall(_error(fault) + b"Z" + struct.pack("!I", 5) + status)

    def _pass_answer(self):
        self._client.sendall(self._answer())

    def _answer(self):
        """Return the server's messages up to the point where it waits for a request."""
        answer = b""
        while True:
            kind, body = self._message(self._server)
            answer += kind + struct.pack("!I", len(body) + 4) + body
            if kind == b"Z":
                self._in_transaction = body != b"I"
                return answer

    def _message(self, sender):
        kind = self._read(sender, 1)
        return kind, self._read(sender, struct.unpack("!I", self._read(sender, 4))[0] - 4)

    def _read(self, sender, size):
        data = b""
        while len(data) < size:
            part = sender.recv(size - len(data))
            if not part:
                raise EOFError
            data += part
        return data


def _error(fault):
    code, message = ERRORS[fault]
    body = b"".join(key + value.encode() + b"\0" for key, value in ((b"S", "ERROR"), (b"V", "ERROR"), (b"C", code)))
    body += b"M" + message.encode() + b"\0\0"
    return b"E" + struct.pack("!I", len(body) + 4) + body


def _reset(connection):
    """Break a connection at once and discard its buffers."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        connection.close()
