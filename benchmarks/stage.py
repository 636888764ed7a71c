"""The environment of the benchmarks of the app: a database, an emulator and a token issuer, new for each run."""

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

# Creates a client of the app for a new user with all consents.
NewClient = Callable[[], Any]


@contextmanager
def stage() -> Iterator[NewClient]:
    """Start the app's environment, which child processes inherit, and yield a function that creates clients."""
    with ExitStack() as parts:
        issuer = _start(parts)
        from chalicelib.repositories.database import connect_to_url, database  # noqa: PLC0415 (they read the environment)
        from migrations.runner import migrate  # noqa: PLC0415 (see above)
        from tests.support.client import Client  # noqa: PLC0415 (see above)

        connection = connect_to_url(os.environ["DATABASE_URL"])
        migrate(connection, dsql=False)
        connection.close()
        parts.callback(lambda: database().close())
        import app  # noqa: PLC0415 (it reads the environment)

        def new_client() -> Any:
            client = Client(app.app, issuer)
            client.give_consents()
            return client

        yield new_client


def _start(parts: ExitStack) -> Any:
    """Start the database, the emulator and the issuer, set their URLs in the environment, and return the issuer."""
    from tests.support.token_issuer import Issuer  # noqa: PLC0415 (loads cryptography)

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
        # As deployed: the gateway verifies tokens before it invokes the function.
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
