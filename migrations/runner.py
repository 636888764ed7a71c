"""Apply the migrations, one statement per transaction.

A run can be interrupted at any point. Each statement is recorded after it was applied. A statement that was applied but
not recorded is applied again, which changes nothing because each statement says IF NOT EXISTS or IF EXISTS.
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
_ASYNC_INDEX = re.compile(r"\ACREATE (UNIQUE )?INDEX ASYNC ", re.IGNORECASE)


class ChangedMigration(Exception):
    """An applied statement was edited. A change needs a new migration."""


@dataclass(frozen=True)
class Statement:
    """One statement of a migration. ``number`` counts from 1 within ``migration``."""

    migration: str
    number: int
    sql: str

    @property
    def checksum(self) -> str:
        """The hash that detects an edited statement. It does not cover comment lines."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def statements(folder: Path = FOLDER) -> Iterator[Statement]:
    """Yield every statement of every migration, in order. A statement ends with ``;`` at the end of a line."""
    for path in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql")):
        text = re.sub(r"^--.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        parts = [part.strip() for part in re.split(r";\s*$", text, flags=re.MULTILINE)]
        yield from (Statement(path.stem, number, sql) for number, sql in enumerate(filter(None, parts), start=1))


def migrate(connection: Connection, *, dsql: bool, folder: Path = FOLDER) -> int:
    """Apply the statements that have not been applied yet. Return their number.

    Args:
        connection: A connection that may change tables.
        dsql: The server is Aurora DSQL, which builds indexes in the background (``CREATE INDEX ASYNC``), so that the
            run waits for each index. PostgreSQL builds an index synchronously.
        folder: The folder of the migrations.

    Raises:
        ChangedMigration: An applied statement differs from its file.
        pg8000.exceptions.DatabaseError: The server refused a statement.
    """
    applied = _applied_checksums(connection)
    count = 0
    for statement in statements(folder):
        checksum = applied.get((statement.migration, statement.number))
        if checksum is None:
            _apply(connection, statement, dsql=dsql)
            count += 1
        elif checksum != statement.checksum:
            raise ChangedMigration(f"{statement.migration}, statement {statement.number}")
    return count


def _applied_checksums(connection: Connection) -> dict[tuple[str, int], str]:
    connection.run("CREATE SCHEMA IF NOT EXISTS love_q")
    connection.run(
        "CREATE TABLE IF NOT EXISTS love_q.schema_migrations ("
        "migration text NOT NULL, number integer NOT NULL, checksum text NOT NULL, "
        "applied_at timestamptz NOT NULL, PRIMARY KEY (migration, number))"
    )
    rows = connection.run("SELECT migration, number, checksum FROM love_q.schema_migrations")
    return {(migration, number): checksum for migration, number, checksum in rows}


def _apply(connection: Connection, statement: Statement, *, dsql: bool) -> None:
    if not _ASYNC_INDEX.match(statement.sql):
        connection.run(statement.sql)
    elif dsql:
        _build_index(connection, statement.sql)
    else:
        connection.run(_ASYNC_INDEX.sub(r"CREATE \1INDEX ", statement.sql))
    connection.run(
        "INSERT INTO love_q.schema_migrations (migration, number, checksum, applied_at) "
        "VALUES (:migration, :number, :checksum, now()) ON CONFLICT DO NOTHING",
        migration=statement.migration,
        number=statement.number,
        checksum=statement.checksum,
    )


def _build_index(connection: Connection, sql: str) -> None:
    rows = connection.run(sql)
    if rows:  # there is no job if the index already exists
        connection.run("SELECT sys.wait_for_job(:job_id)", job_id=rows[0][0])


def main() -> None:
    """Migrate the plain PostgreSQL at the URL in the first argument."""
    connection = connect_to_url(sys.argv[1])
    try:
        print(f"{migrate(connection, dsql=False)} statements applied")
    finally:
        connection.close()


if __name__ == "__main__":
    main()
