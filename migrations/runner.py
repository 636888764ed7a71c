"""Applies the migrations, one statement and so one transaction at a time.

It may be interrupted anywhere: what was applied is recorded statement by
statement, and a statement that was applied but not yet recorded may be applied
again, because each one says IF NOT EXISTS.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pg8000.native import Connection

from chalicelib.repositories.database import connect_to_url

FOLDER = Path(__file__).parent
ASYNC_INDEX = re.compile(r"\ACREATE (UNIQUE )?INDEX ASYNC ", re.IGNORECASE)


class ChangedMigration(Exception):
    """A statement that was applied has been edited since; write a new migration instead."""


@dataclass(frozen=True)
class Statement:
    """One statement of a migration. ``number`` counts from 1 within ``migration``."""

    migration: str
    number: int
    sql: str

    @property
    def checksum(self) -> str:
        """What tells an edited statement from the one that was applied."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def statements(folder: Path = FOLDER) -> Iterator[Statement]:
    """Every statement of every migration, in order. A statement ends with ``;`` at the end of a line."""
    for path in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql")):
        text = re.sub(r"^--.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        parts = [part.strip() for part in re.split(r";\s*$", text, flags=re.MULTILINE)]
        yield from (Statement(path.stem, number, sql) for number, sql in enumerate(filter(None, parts), start=1))


def migrate(connection: Connection, *, dsql: bool, folder: Path = FOLDER) -> int:
    """Apply what has not been applied yet and return how many statements that were.

    ``dsql`` says whether the server builds indexes in the background
    (``CREATE INDEX ASYNC``, waited for here); PostgreSQL builds them at once.

    Raises:
        ChangedMigration: an applied statement differs from its file.
        pg8000.exceptions.DatabaseError: the server refused a statement.
    """
    known = _applied(connection)
    count = 0
    for statement in statements(folder):
        checksum = known.get((statement.migration, statement.number))
        if checksum is None:
            _apply(connection, statement, dsql=dsql)
            count += 1
        elif checksum != statement.checksum:
            raise ChangedMigration(f"{statement.migration}, statement {statement.number}")
    return count


def _applied(connection: Connection) -> dict[tuple[str, int], str]:
    connection.run("CREATE SCHEMA IF NOT EXISTS love_q")
    connection.run(
        "CREATE TABLE IF NOT EXISTS love_q.schema_migrations ("
        "migration text NOT NULL, number integer NOT NULL, checksum text NOT NULL, "
        "applied_at timestamptz NOT NULL, PRIMARY KEY (migration, number))"
    )
    rows = connection.run("SELECT migration, number, checksum FROM love_q.schema_migrations")
    return {(migration, number): checksum for migration, number, checksum in rows}


def _apply(connection: Connection, statement: Statement, *, dsql: bool) -> None:
    if not ASYNC_INDEX.match(statement.sql):
        connection.run(statement.sql)
    elif dsql:
        _build_index(connection, statement.sql)
    else:
        connection.run(ASYNC_INDEX.sub(r"CREATE \1INDEX ", statement.sql))
    connection.run(
        "INSERT INTO love_q.schema_migrations (migration, number, checksum, applied_at) "
        "VALUES (:migration, :number, :checksum, now()) ON CONFLICT DO NOTHING",
        migration=statement.migration,
        number=statement.number,
        checksum=statement.checksum,
    )


def _build_index(connection: Connection, sql: str) -> None:
    rows = connection.run(sql)
    if rows:  # no job when the index was there already
        connection.run("SELECT sys.wait_for_job(:job_id)", job_id=rows[0][0])


def main() -> None:
    """Migrate the plain PostgreSQL whose URL is the first argument."""
    connection = connect_to_url(sys.argv[1])
    try:
        print(f"{migrate(connection, dsql=False)} statements applied")
    finally:
        connection.close()


if __name__ == "__main__":
    main()
