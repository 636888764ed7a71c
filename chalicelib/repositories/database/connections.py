"""Open database connections and classify the errors of the driver.

The server is Aurora DSQL (an IAM token as the password, verified TLS) or, by URL, a plain PostgreSQL. Under snapshot
isolation both report a conflict as SQLSTATE 40001.
"""

from __future__ import annotations

import socket
import ssl
from datetime import datetime
from urllib.parse import unquote, urlsplit

from pg8000.native import Connection

from chalicelib.errors import Unavailable
from chalicelib.settings import Settings

SOCKET_TIMEOUT_S = 10
_PORT = 5432
_SERIALIZATION_FAILURE = "40001"
# SQLSTATE prefixes of a server that is temporarily unable to serve requests: connection failures (08), authorisation
# (28, an expired IAM token), insufficient resources (53), operator intervention (57), system errors (58), a read-only
# standby (25006) and internal errors (XX).
_UNAVAILABLE_SQLSTATES = ("08", "28", "53", "57", "58", "25006", "XX")
# Object ids of PostgreSQL's types.
_TIMESTAMPTZ_OID, _UUID_OID = 1184, 2950


def open_connection(config: Settings) -> Connection:
    """Open a connection to the database of the settings.

    Raises:
        Unavailable: The settings name no database.
    """
    if config.database_url:
        connection = connect_to_url(config.database_url)
    elif config.dsql_endpoint:
        connection = connect_to_dsql(config.dsql_endpoint, config.dsql_user, config.aws_region)
    else:
        raise Unavailable("database_unavailable")
    # The driver would parse timestamps with strptime, which takes twenty times as long.
    connection.register_in_adapter(_TIMESTAMPTZ_OID, datetime.fromisoformat)
    # Ids are texts everywhere outside the database.
    connection.register_in_adapter(_UUID_OID, str)
    return connection


def connect_to_url(url: str) -> Connection:
    """Open a connection to a plain PostgreSQL at ``postgresql://user:password@host:port/database``."""
    parts = urlsplit(url)
    return Connection(
        unquote(parts.username or ""),
        password=unquote(parts.password) if parts.password else None,
        sock=_connect_socket(parts.hostname or "127.0.0.1", parts.port or _PORT),
        database=parts.path.lstrip("/"),
        ssl_context=False,
        application_name="love-q",
    )


def connect_to_dsql(endpoint: str, user: str, region: str) -> Connection:
    """Open a connection to Aurora DSQL with a new IAM token, over TLS with verified certificates.

    pg8000 verifies certificates only if it gets an SSL context. The default context checks the chain and the host name.
    It also sends the server name, by which DSQL selects the cluster.
    """
    import boto3  # noqa: PLC0415 (loading it takes 155 ms, which a health check must not pay)

    client = boto3.client("dsql", region_name=region)
    # botocore adds these methods at run time, so the type stubs lack them.
    if user == "admin":
        token = client.generate_db_connect_admin_auth_token(endpoint, region)  # type: ignore[attr-defined]
    else:
        token = client.generate_db_connect_auth_token(endpoint, region)  # type: ignore[attr-defined]
    return Connection(
        user,
        password=token,
        host=endpoint,
        sock=_connect_socket(endpoint, _PORT),
        database="postgres",
        ssl_context=ssl.create_default_context(),
        application_name="love-q",
    )


def sqlstate(error: BaseException) -> str | None:
    """Return the five-character SQLSTATE of a driver error, None if it has no SQLSTATE.

    For an error of the server, the first argument is a dictionary of the server's fields. For an error of the driver
    itself, it is a message.
    """
    fields = error.args[0] if error.args else None
    return fields.get("C") if isinstance(fields, dict) else None


def is_conflict(error: BaseException) -> bool:
    """Return whether the transaction conflicted with another one. A retry can succeed."""
    return sqlstate(error) == _SERIALIZATION_FAILURE


def is_unavailable(error: BaseException) -> bool:
    """Return whether the server is temporarily unable to serve requests."""
    return (sqlstate(error) or "").startswith(_UNAVAILABLE_SQLSTATES)


def _connect_socket(host: str, port: int) -> socket.socket:
    """Open a TCP connection that sends each write at once.

    The driver writes a large statement in pieces. With Nagle's algorithm, the last piece waits until the server has
    acknowledged the others, and the server delays an acknowledgement by up to 40 ms.
    """
    connection = socket.create_connection((host, port), SOCKET_TIMEOUT_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return connection
