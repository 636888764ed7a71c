"""The functions' database role may read and write rows, and nothing else."""

from __future__ import annotations

import pytest
from pg8000.exceptions import DatabaseError

from chalicelib.repositories.database import connect_to_url
from infrastructure import schema
from infrastructure.aws import Account
from local.postgres import Postgres
from local.processes import free_port
from migrations.runner import migrate
from tests.infrastructure.dsql_grants import TABLE, GrantProxy

ROLES = [f"arn:aws:iam::123456789012:role/love-q-serverless-dev-{name}" for name in ("ApiHandlerRole-1", "Upload-2")]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Postgres(tmp_path_factory.mktemp("postgres"), free_port(), auth="trust")
    server.start()
    owner = connect_to_url(server.superuser_url)
    # The state of a new cluster: the administrator's role is the only one.
    owner.run("DROP DATABASE love_q")
    owner.run("DROP ROLE love_q")
    for statement in TABLE.strip().split(";"):
        owner.run(statement)
    migrate(owner, dsql=False)
    owner.close()
    yield server
    server.discard()


@pytest.fixture(scope="module")
def proxy(server):
    with GrantProxy(server.port) as proxy:
        yield proxy


@pytest.fixture
def admin(proxy):
    connection = connect_to_url(f"postgresql://postgres@127.0.0.1:{proxy.port}/postgres")
    yield connection
    connection.close()


def test_each_function_is_granted_access_once(admin, proxy):
    for _ in range(2):
        schema.grant(admin, ROLES)
    assert proxy.granted == [("love_q", role) for role in ROLES]


@pytest.fixture
def application(server, admin):
    schema.grant(admin, ROLES)
    connection = connect_to_url(f"postgresql://love_q@127.0.0.1:{server.port}/postgres")
    yield connection
    connection.close()


def test_the_applications_role_finds_the_tables_and_writes_rows(application):
    application.run("INSERT INTO usage (user_id, day, credits_used) VALUES ('u', '2026-01-01', 1)")
    assert application.run("SELECT credits_used FROM usage WHERE user_id = 'u'") == [[1]]
    application.run("DELETE FROM usage WHERE user_id = 'u'")


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE love_q.more (id int)", "DROP TABLE love_q.usage", "ALTER TABLE love_q.usage ADD COLUMN more int"],
)
def test_the_applications_role_cannot_change_tables(application, statement):
    with pytest.raises(DatabaseError) as refused:
        application.run(statement)
    assert refused.value.args[0]["C"] == "42501"


def test_a_database_url_is_migrated_with_its_own_role(server):
    applied = schema.update(Account("us-east-1"), {"DATABASE_URL": server.superuser_url}, ROLES)
    assert applied == 0
