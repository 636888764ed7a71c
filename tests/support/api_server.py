"""The local API server of `make run`, in a separate process."""

from __future__ import annotations

import http.client
import os
import sys
import uuid
from contextlib import closing, contextmanager
from types import SimpleNamespace

from local.processes import LOOPBACK, Child, free_port, port_is_free
from tests.support.client import PROJECT, Client


@contextmanager
def served(folder, **environment):
    """Serve the stage of this session, with changes in ``environment``, and yield the port."""
    port = free_port()
    command = [sys.executable, "-m", "local.api", str(port)]
    # No environment file: the session's stage consists of variables.
    variables = {**os.environ, "ENVIRONMENT_FILE": "", **environment}
    api = Child("api", command, folder / "api.log", PROJECT, variables)
    api.start()
    try:
        api.wait_ready(lambda: not port_is_free(port), seconds=30)
        yield port
    finally:
        api.stop()


class RemoteClient(Client):
    """The client of one user over HTTP, with a new connection for each request."""

    def __init__(self, port, issuer, user_id=None):
        self.user_id = user_id or str(uuid.uuid4())
        self.token = issuer.token(self.user_id)
        self._http = _Http(port)


class _Http:
    """Sends requests with the interface of Chalice's test client."""

    def __init__(self, port):
        self._port = port

    def request(self, method, path, headers, body):
        with closing(http.client.HTTPConnection(LOOPBACK, self._port, timeout=60)) as connection:
            connection.request(method, path, body or None, headers)
            reply = connection.getresponse()
            return SimpleNamespace(status_code=reply.status, headers=dict(reply.getheaders()), body=reply.read())
