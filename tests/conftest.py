"""The parts that tests share. All are real, listen on loopback and end with the session."""

from __future__ import annotations

import io
import logging
import os
from collections import Counter
from pathlib import Path

import pytest

from chalicelib import observability
from chalicelib.repositories.database import connect_to_url, database
from chalicelib.settings import settings
from local.emulator import Emulator
from local.postgres import Postgres
from local.processes import free_port
from local.resources import Resources
from migrations.runner import migrate
from tests.support.client import Client
from tests.support.dsql_rules import DsqlRules
from tests.support.token_issuer import Issuer

SAMPLES = Path(__file__).resolve().parent.parent / "local" / "samples"


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """A PostgreSQL 16 server of this session."""
    server = Postgres(tmp_path_factory.mktemp("postgres"), free_port(), auth="trust")
    server.start()
    yield server
    server.discard()


@pytest.fixture(scope="session")
def database_url(postgres):
    """The URL of a migrated database, behind a proxy that refuses what Aurora DSQL refuses."""
    owner = connect_to_url(postgres.superuser_url)
    owner.run("ALTER ROLE postgres SET search_path = love_q")
    owner.close()
    with DsqlRules(postgres.port) as rules:
        connection = connect_to_url(rules.url())
        migrate(connection, dsql=True)
        connection.close()
        yield rules.url()


@pytest.fixture(scope="session")
def emulator(tmp_path_factory):
    """S3 with its notifications, and Cognito."""
    server = Emulator(tmp_path_factory.mktemp("emulator"), free_port())
    server.start()
    server.wait_ready()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def issuer():
    """An issuer of ID tokens. The tests hold its keys, so they can make invalid tokens too."""
    with Issuer() as issuer:
        yield issuer


@pytest.fixture(scope="session")
def stage(database_url, emulator, issuer):
    """The settings of a stage that uses these parts."""
    resources = Resources(emulator.url)
    resources.make_bucket()
    os.environ |= {
        "STAGE": "test",
        "AUTHORIZER": "none",
        "DATABASE_URL": database_url,
        "AWS_EMULATOR_URL": emulator.url,
        "UPLOAD_BUCKET": resources.environment["UPLOAD_BUCKET"],
        "COGNITO_CLIENT_ID": issuer.client_id,
        "COGNITO_ISSUER": issuer.url,
    }
    settings.cache_clear()
    yield settings()
    database().close()


@pytest.fixture(scope="session")
def app(stage):
    """The Chalice app as it is deployed."""
    import app

    return app.app


@pytest.fixture
def unspent(stage):
    """Reset today's spending on Bedrock and Comprehend, before the test and after it."""
    database().across_users(lambda tx: tx.execute("DELETE FROM spending"))
    yield
    database().across_users(lambda tx: tx.execute("DELETE FROM spending"))


@pytest.fixture
def stranger(app, issuer):
    """A client of a new user who has given no consent."""
    return Client(app, issuer)


@pytest.fixture
def client(stranger):
    """A client of a new user who has given every consent."""
    stranger.give_consents()
    return stranger


@pytest.fixture(scope="session")
def sample():
    """A function that returns the bytes of a bundled sample export."""

    def read(name):
        return (SAMPLES / name).read_bytes()

    return read


@pytest.fixture
def logs(app):
    """A function that returns the log of this test up to now."""
    logger = logging.getLogger("love-q")
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(observability.logger().registered_formatter)
    logger.addHandler(handler)
    yield stream.getvalue
    logger.removeHandler(handler)


def pytest_terminal_summary(terminalreporter):
    """Say which checks were skipped and why: a skipped check looks like a passed one in the dots."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.stats.get("skipped", ())
    )
    for reason, count in reasons.items():
        checks = "check" if count == 1 else "checks"
        terminalreporter.write_line(f"{count} {checks} skipped: {reason}", yellow=True, bold=True)
