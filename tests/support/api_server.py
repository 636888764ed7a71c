"""The API as `make run` serves it: a process of its own, asked over HTTP."""

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
    """Serve the stage of this session, but for what the environment says otherwise; gives the port."""
    port = free_port()
    command = [sys.executable, "-m", "local.api", str(port)]
    # The session's stage is named by variables alone, not by a file of a stack's.
    variables = {**os.environ, "ENVIRONMENT_FILE": "", **environment}
    api = Child("api", command, folder / "api.log", PROJECT, variables)
    api.start()
    try:
        api.wait_ready(lambda: not port_is_free(port), seconds=30)
        yield port
    finally:
        api.stop()


class RemoteClient(Client):
    """One user's client over HTTP, each request on a connection of its own."""

    def __init__(self, port, issuer, user_id=None):
        self.user_id = user_id or str(uuid.uuid4())
        self.token = issuer.token(self.user_id)
        self._http = _Http(port)


class _Http:
    """Asks as Chalice's test client does."""

    def __init__(self, port):
        self._port = port

    def request(self, method, path, headers, body):
        with closing(http.client.HTTPConnection(LOOPBACK, self._port, timeout=60)) as connection:
            connection.request(method, path, body or None, headers)
            reply = connection.getresponse()
            return SimpleNamespace(status_code=reply.status, headers=dict(reply.getheaders()), body=reply.read())
