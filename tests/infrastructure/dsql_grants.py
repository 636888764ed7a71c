"""A proxy that adds Aurora DSQL's `AWS IAM GRANT` to a PostgreSQL: it inserts a row into `sys.iam_pg_role_mappings`."""

from __future__ import annotations

import re
import socket
import struct
import threading
from contextlib import suppress

GRANT = re.compile(rb"\AAWS IAM GRANT (\w+) TO '([^']+)'\0\Z")
TABLE = """
CREATE SCHEMA sys; CREATE TABLE sys.iam_pg_role_mappings (arn text PRIMARY KEY, pg_role_name text NOT NULL)
"""


class GrantProxy:
    """Rewrites `AWS IAM GRANT` and forwards everything else. ``granted`` lists the grants as (role, ARN)."""

    def __init__(self, backend_port):
        self._backend = backend_port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self.granted = []

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.close()

    def _accept(self):
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                server = socket.create_connection(("127.0.0.1", self._backend))
                threading.Thread(target=self._forward_responses, args=(server, client), daemon=True).start()
                threading.Thread(target=self._forward_requests, args=(client, server), daemon=True).start()

    def _forward_responses(self, server, client):
        with client, server, suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data)

    def _forward_requests(self, client, server):
        with client.makefile("rb") as source, suppress(OSError, struct.error):
            length = source.read(4)
            server.sendall(length + source.read(struct.unpack("!i", length)[0] - 4))
            while message_type := source.read(1):
                (length,) = struct.unpack("!i", source.read(4))
                body = self._rewrite(message_type, source.read(length - 4))
                server.sendall(message_type + struct.pack("!i", len(body) + 4) + body)
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)

    def _rewrite(self, message_type, body):
        match = GRANT.match(body) if message_type == b"Q" else None
        if not match:
            return body
        role, arn = (part.decode() for part in match.groups())
        self.granted.append((role, arn))
        return f"INSERT INTO sys.iam_pg_role_mappings VALUES ('{arn}', '{role}')\0".encode()
