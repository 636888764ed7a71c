"""The functions' database role: it reads and writes rows, and is no other."""

import pytest
from pg8000.exceptions import DatabaseError

from chalicelib.repositories.database import connect_to_url
from infrastructure import schema
from infrastructure.aws import Account
from local.postgres import Postgres
from local.processes import free_port
from migrations.runner import migrate
from tests.infrastructure.dsql_grants import TABLE, Grants

ROLES = [f"arn:aws:iam::123456789012:role/love-q-serverless-dev-{name}" for name in ("ApiHandlerRole-1", "Upload-2")]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Postgres(tmp_path_factory.mktemp("postgres"), free_port(), auth="trust")
    server.start()
    owner = connect_to_url(server.superuser_url)
    # As a cluster is before anybody was let in: the one role there is is the administrator's.
    owner.run("DROP DATABASE love_q")
    owner.run("DROP ROLE love_q")
    for statement in TABLE.strip().split(";"):
        owner.run(statement)
    migrate(owner, dsql=False)
    owner.close()
    yield server
    server.discard()


@pytest.fixture(scope="module")
def grants(server):
    with Grants(server.port) as grants:
        yield grants


@pytest.fixture
def admin(grants):
    connection = connect_to_url(f"postgresql://postgres@127.0.0.1:{grants.port}/postgres")
    yield connection
    connection.close()


def test_functions_are_let_in_once(admin, grants):
    for _ in range(2):
        schema.grant(admin, ROLES)
    assert grants.granted == [("love_q", role) for role in ROLES]


@pytest.fixture
def application(server, admin):
    schema.grant(admin, ROLES)
    connection = connect_to_url(f"postgresql://love_q@127.0.0.1:{server.port}/postgres")
    yield connection
    connection.close()


def test_the_applications_role_finds_its_tables_and_writes_rows(application):
    application.run("INSERT INTO usage (user_id, day, credits_used) VALUES ('u', '2026-01-01', 1)")
    assert application.run("SELECT credits_used FROM usage WHERE user_id = 'u'") == [[1]]
    application.run("DELETE FROM usage WHERE user_id = 'u'")


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE love_q.more (id int)", "DROP TABLE love_q.usage", "ALTER TABLE love_q.usage ADD COLUMN more int"],
)
def test_the_applications_role_changes_no_table(application, statement):
    with pytest.raises(DatabaseError) as refused:
        application.run(statement)
    assert refused.value.args[0]["C"] == "42501"


def test_a_plain_postgresql_is_migrated_by_its_own_role(server):
    applied = schema.update(Account("us-east-1"), {"DATABASE_URL": server.superuser_url}, ROLES)
    assert applied == 0
