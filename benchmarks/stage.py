"""What benchmarks of the app stand on: a database, an emulator and an issuer of tokens, all of this run alone."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from local.emulator import Emulator
from local.postgres import Postgres
from local.processes import free_port
from local.resources import BUCKET, Resources

# A client of the app, of a new user who has given all consents.
NewClient = Callable[[], Any]


@contextmanager
def stage() -> Iterator[NewClient]:
    """The app on its parts. Programs that are started meanwhile inherit its environment."""
    with ExitStack() as parts:
        issuer = _parts(parts)
        from chalicelib.repositories.database import connect_to_url, database  # noqa: PLC0415 (after the environment)
        from migrations.runner import migrate  # noqa: PLC0415
        from tests.support.client import Client  # noqa: PLC0415

        connection = connect_to_url(os.environ["DATABASE_URL"])
        migrate(connection, dsql=False)
        connection.close()
        parts.callback(lambda: database().close())
        import app  # noqa: PLC0415

        def new_client() -> Any:
            client = Client(app.app, issuer)
            client.give_consents()
            return client

        yield new_client


def _parts(parts: ExitStack) -> Any:
    """Start what the app needs, and say in the environment where it is; returns the issuer."""
    from tests.support.token_issuer import Issuer  # noqa: PLC0415

    home = Path(parts.enter_context(tempfile.TemporaryDirectory()))
    postgres, emulator = Postgres(home / "postgres", free_port()), Emulator(home / "emulator", free_port())
    parts.callback(postgres.discard)
    parts.callback(emulator.stop)
    postgres.start()
    emulator.start()
    emulator.wait_ready()
    Resources(emulator.url).make_bucket()
    issuer = parts.enter_context(Issuer())
    os.environ |= {
        "STAGE": "bench",
        "LOG_LEVEL": "ERROR",
        # As deployed: the gateway verifies tokens, before the request is ours.
        "AUTHORIZER": "cognito",
        "DATABASE_URL": postgres.url,
        "AWS_EMULATOR_URL": emulator.url,
        "UPLOAD_BUCKET": BUCKET,
        "COGNITO_CLIENT_ID": issuer.client_id,
        "COGNITO_ISSUER": issuer.url,
        "REQUESTS_A_MINUTE": "1000000",
        "DAILY_CREDITS": "1000000",
    }
    return issuer
