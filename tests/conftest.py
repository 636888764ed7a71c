"""The parts the tests stand on: all real, all on loopback, all ended with the session."""

import io
import logging
import os
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
    """A PostgreSQL 16 of this session's own."""
    server = Postgres(tmp_path_factory.mktemp("postgres"), free_port(), auth="trust")
    server.start()
    yield server
    server.discard()


@pytest.fixture(scope="session")
def database_url(postgres):
    """A migrated database, behind the check that refuses what Aurora DSQL refuses."""
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
    """S3, its notifications and Cognito."""
    server = Emulator(tmp_path_factory.mktemp("emulator"), free_port())
    server.start()
    server.wait_ready()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def issuer():
    """An issuer of ID tokens whose keys the tests hold, so that they can make bad ones."""
    with Issuer() as issuer:
        yield issuer


@pytest.fixture(scope="session")
def stage(database_url, emulator, issuer):
    """The environment of a stage that stands on these parts."""
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
    """A day on which nothing was spent on Bedrock and Comprehend yet."""
    database().across_users(lambda tx: tx.execute("DELETE FROM spending"))
    yield
    database().across_users(lambda tx: tx.execute("DELETE FROM spending"))


@pytest.fixture
def stranger(app, issuer):
    """A client of a user nobody has seen before."""
    return Client(app, issuer)


@pytest.fixture
def client(stranger):
    """A client of a new user who has given all consents."""
    stranger.give_consents()
    return stranger


@pytest.fixture(scope="session")
def sample():
    """Reads a bundled sample export by its name."""

    def read(name):
        return (SAMPLES / name).read_bytes()

    return read


@pytest.fixture
def logs(app):
    """What has been logged in this test so far."""
    logger = logging.getLogger("love-q")
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(observability.logger().registered_formatter)
    logger.addHandler(handler)
    yield stream.getvalue
    logger.removeHandler(handler)
