"""Migrations are plain SQL that Aurora DSQL accepts. A run resumes at the statement at which it was interrupted."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from pg8000.exceptions import DatabaseError

from chalicelib.repositories.database import connect_to_url
from migrations import runner

DSQL_LINT = Path(sys.executable).parent / "dsql-lint"
TABLES = {
    "users",
    "user_profiles",
    "partner_profiles",
    "chat_rooms",
    "messages",
    "files",
    "request_counts",
    "idempotency_keys",
    "comprehend_results",
    "spending",
    "erasure_receipts",
    "analyses",
    "conversations",
    "usage",
    "schema_migrations",
}


@pytest.fixture
def connect_empty(postgres):
    """Return a function that opens connections to an empty database."""
    connections = []
    url = postgres.superuser_url

    def connect(name):
        connection = connect_to_url(url.removesuffix("postgres") + name)
        connections.append(connection)
        return connection

    owner = connect("postgres")
    owner.run("DROP DATABASE IF EXISTS migrated")
    owner.run("CREATE DATABASE migrated")
    yield lambda: connect("migrated")
    for connection in connections[1:]:
        connection.close()
    owner.run("DROP DATABASE migrated WITH (FORCE)")
    owner.close()


def test_every_migration_passes_the_dsql_linter():
    files = sorted(str(path) for path in runner.FOLDER.glob("*.sql"))
    assert files
    result = subprocess.run([DSQL_LINT, *files], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_every_table_is_created_under_the_rules_of_dsql(database_url):
    connection = connect_to_url(database_url)
    rows = connection.run("SELECT table_name FROM information_schema.tables WHERE table_schema = 'love_q'")
    connection.close()
    assert {name for (name,) in rows} == TABLES


def test_every_statement_can_be_run_again():
    for statement in runner.statements():
        assert " IF NOT EXISTS " in statement.sql or statement.sql.startswith("DROP TABLE IF EXISTS "), statement


def test_every_table_with_rows_of_users_has_the_column_user_id():
    for statement in runner.statements():
        is_shared = any(table in statement.sql for table in ("erasure_receipts", "spending"))
        if statement.sql.startswith("CREATE TABLE") and not is_shared:
            assert re.search(r"^    user_id text ", statement.sql, re.MULTILINE), statement


class Interruption(Exception):
    """The simulated end of the process."""


class InterruptedConnection:
    """A connection that fails at the statement after ``statements`` statements, before or ``after`` it is applied."""

    def __init__(self, connection, statements, *, after):
        self.connection = connection
        self.statements_left = statements
        self.after = after

    def run(self, sql, **values):
        self.statements_left -= 1
        if self.statements_left < 0 and not self.after:
            raise Interruption
        result = self.connection.run(sql, **values)
        if self.statements_left < 0:
            raise Interruption
        return result


def test_an_interrupted_run_resumes_at_any_statement(connect_empty):
    connection = connect_empty()
    interruptions = 0
    for attempt in range(1, 200):
        try:
            runner.migrate(InterruptedConnection(connection, attempt % 4 + 3, after=attempt % 2 == 0), dsql=False)
        except Interruption:
            interruptions += 1
        else:
            break
    assert interruptions > len(list(runner.statements())) / 4
    assert runner.migrate(connection, dsql=False) == 0


def test_a_second_run_applies_nothing(connect_empty):
    connection = connect_empty()
    assert runner.migrate(connection, dsql=False) == len(list(runner.statements()))
    assert runner.migrate(connection, dsql=False) == 0


def test_an_edited_migration_is_refused(connect_empty, tmp_path):
    path = tmp_path / "0001_things.sql"
    path.write_text("CREATE TABLE IF NOT EXISTS love_q.things (user_id text PRIMARY KEY);\n")
    connection = connect_empty()
    runner.migrate(connection, dsql=False, folder=tmp_path)
    path.write_text("CREATE TABLE IF NOT EXISTS love_q.things (user_id text PRIMARY KEY, more text);\n")
    with pytest.raises(runner.ChangedMigration, match="0001_things, statement 1"):
        runner.migrate(connection, dsql=False, folder=tmp_path)


def test_a_refused_statement_is_not_recorded(connect_empty, tmp_path):
    path = tmp_path / "0001_things.sql"
    path.write_text("CREATE TABLE IF NOT EXISTS love_q.things (user_id nonsense);\n")
    connection = connect_empty()
    with pytest.raises(DatabaseError):
        runner.migrate(connection, dsql=False, folder=tmp_path)
    path.write_text("CREATE TABLE IF NOT EXISTS love_q.things (user_id text);\n")
    assert runner.migrate(connection, dsql=False, folder=tmp_path) == 1
