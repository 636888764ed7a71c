"""The REST API on loopback, by Chalice's own local server: `python -m local.api PORT`."""

import logging
import sys

from local.chalice_stage import load_app
from local.processes import LOOPBACK, die_with_parent


def main(port: int) -> None:
    """Serve until ended."""
    from chalice.deploy.validate import validate_routes  # noqa: PLC0415 - Chalice is heavy to import
    from chalice.local import ChaliceRequestHandler, ThreadedHTTPServer, create_local_server  # noqa: PLC0415

    die_with_parent()
    # What the chalice command does: logs are seen as they would be in CloudWatch.
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s")
    app, config = load_app()
    # `chalice local` refuses what `chalice deploy` would refuse.
    validate_routes(app.routes)
    # Head and body go out in two writes, and on a kept-alive connection the second waited 40 ms for the first.
    ChaliceRequestHandler.disable_nagle_algorithm = True
    # A browser opens several connections at once; those beyond the queue of five waited a second.
    ThreadedHTTPServer.request_queue_size = 128
    create_local_server(app, config, LOOPBACK, port).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
