"""The REST API on loopback, by Chalice's own local server: `python -m local.api PORT`."""

import functools
import logging
import os
import sys
import time
from typing import Any

from chalice.deploy.validate import validate_routes
from chalice.local import ChaliceRequestHandler, ThreadedHTTPServer, create_local_server

from local.chalice_stage import load_app
from local.processes import LOOPBACK, die_with_parent

# API Gateway has the whole body before it asks the application. Here a client holds a thread while it sends.
BODY_TIMEOUT_S = float(os.environ.get("BODY_TIMEOUT_S", "10"))


class Handler(ChaliceRequestHandler):
    """Chalice's, which would wait for a body for ever, and take half of one for the whole."""

    # Head and body go out in two writes, and on a kept-alive connection the second waited 40 ms for the first.
    disable_nagle_algorithm = True

    def _parse_payload(self) -> tuple[dict[str, Any], bytes | None]:
        size, body = int(self.headers.get("Content-Length", 0)), bytearray()
        late = time.monotonic() + BODY_TIMEOUT_S
        while len(body) < size:
            # Raised in here, a TimeoutError ends the connection and nothing else.
            self.connection.settimeout(max(late - time.monotonic(), 0.001))
            part = self.rfile.read1(size - len(body))
            if not part:
                raise TimeoutError("The client hung up")
            body += part
        self.connection.settimeout(None)
        return dict(self.headers), bytes(body) or None


def main(port: int) -> None:
    """Serve until ended."""
    die_with_parent()
    # What the chalice command does: logs are seen as they would be in CloudWatch.
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s")
    app, config = load_app()
    # `chalice local` refuses what `chalice deploy` would refuse.
    validate_routes(app.routes)
    # A browser opens several connections at once; those beyond the queue of five waited a second.
    ThreadedHTTPServer.request_queue_size = 128
    local = create_local_server(app, config, LOOPBACK, port)
    local.server.RequestHandlerClass = functools.partial(Handler, app_object=app, config=config)
    local.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
