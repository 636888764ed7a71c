"""Aurora DSQL's `AWS IAM GRANT` in front of a PostgreSQL, on the wire: a row of `sys.iam_pg_role_mappings`."""

import re
import socket
import struct
import threading
from contextlib import suppress

GRANT = re.compile(rb"\AAWS IAM GRANT (\w+) TO '([^']+)'\0\Z")
TABLE = """
CREATE SCHEMA sys; CREATE TABLE sys.iam_pg_role_mappings (arn text PRIMARY KEY, pg_role_name text NOT NULL)
"""


class Grants:
    """A proxy that rewrites that one statement and hands on everything else; ``granted`` is what came by."""

    def __init__(self, backend_port):
        self._backend = backend_port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self.granted = []

    def __enter__(self):
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.close()

    def _serve(self):
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                server = socket.create_connection(("127.0.0.1", self._backend))
                threading.Thread(target=self._answers, args=(server, client), daemon=True).start()
                threading.Thread(target=self._asks, args=(client, server), daemon=True).start()

    def _answers(self, server, client):
        with client, server, suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data)

    def _asks(self, client, server):
        with client.makefile("rb") as source, suppress(OSError, struct.error):
            head = source.read(4)
            server.sendall(head + source.read(struct.unpack("!i", head)[0] - 4))
            while kind := source.read(1):
                (length,) = struct.unpack("!i", source.read(4))
                body = self._rewritten(kind, source.read(length - 4))
                server.sendall(kind + struct.pack("!i", len(body) + 4) + body)
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)

    def _rewritten(self, kind, body):
        found = GRANT.match(body) if kind == b"Q" else None
        if not found:
            return body
        role, arn = (part.decode() for part in found.groups())
        self.granted.append((role, arn))
        return f"INSERT INTO sys.iam_pg_role_mappings VALUES ('{arn}', '{role}')\0".encode()
