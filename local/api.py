"""The REST API on loopback, served by Chalice's own local server: `python -m local.api PORT`."""

from __future__ import annotations

import functools
import logging
import os
import sys
import time
from typing import Any

from chalice.deploy.validate import validate_routes
from chalice.local import ChaliceRequestHandler, ThreadedHTTPServer, create_local_server

from local import debugging, swagger_ui
from local.chalice_stage import load_app
from local.parent_watch import end_with_parent
from local.processes import LOOPBACK

# The seconds that a client may take to send a body. API Gateway reads the whole body before it calls the application.
# Here, the client occupies a thread until its body is complete.
BODY_TIMEOUT_S = float(os.environ.get("BODY_TIMEOUT_S", "10"))


class Handler(ChaliceRequestHandler):
    """Chalice's handler with a timeout for bodies and with the page of the API.

    Chalice's own handler waits for a body without limit, and takes a body that breaks off for a complete one.
    """

    # Head and body are sent in two writes. With Nagle's algorithm, the second waits 40 ms on a kept-alive connection.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:  # noqa: N802 (http.server's name)
        """Answer a path of the page of the API, and let the application answer every other one."""
        docs = swagger_ui.file(self.path)
        if docs is None:
            self._generic_handle()
            return
        content_type, content = docs
        self._send_http_response(200, {"Content-Type": content_type}, content)

    def _parse_payload(self) -> tuple[dict[str, Any], bytes | None]:
        size, body = int(self.headers.get("Content-Length", 0)), bytearray()
        deadline = time.monotonic() + BODY_TIMEOUT_S
        while len(body) < size:
            # A TimeoutError raised here closes the connection and has no other effect.
            self.connection.settimeout(max(deadline - time.monotonic(), 0.001))
            part = self.rfile.read1(size - len(body))
            if not part:
                raise TimeoutError("The client closed the connection before the body was complete")
            body += part
        self.connection.settimeout(None)
        return dict(self.headers), bytes(body) or None


def main(port: int) -> None:
    """Serve until the process is stopped."""
    end_with_parent()
    debugging.listen()
    # As the chalice command does: the log shows what CloudWatch would show.
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s")
    app, config = load_app()
    # `chalice local` refuses what `chalice deploy` would refuse.
    validate_routes(app.routes)
    # A browser opens several connections at once. With the default queue of five, the others waited a second.
    ThreadedHTTPServer.request_queue_size = 128
    local = create_local_server(app, config, LOOPBACK, port)
    local.server.RequestHandlerClass = functools.partial(Handler, app_object=app, config=config)
    try:
        local.serve_forever()
    except KeyboardInterrupt:
        # Ctrl-C reaches this process only while it has the terminal, under DEBUG=1.
        return


if __name__ == "__main__":
    main(int(sys.argv[1]))
