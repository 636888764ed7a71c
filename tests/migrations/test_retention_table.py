"""The table in `docs/retention.md` lists every column of the database once, with its retention."""

from __future__ import annotations

from collections import Counter

from chalicelib.repositories.database import connect_to_url
from tests.support.retention_table import documented_columns

RETENTIONS = {"the user erases it", "7 days", "35 days", "1 day", "for good"}


def test_every_column_is_listed_once(database_url):
    connection = connect_to_url(database_url)
    rows = connection.run(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'love_q'"
    )
    connection.close()
    columns = Counter((table, column) for table, column, _ in documented_columns())
    assert columns == Counter((table, column) for table, column in rows)


def test_every_column_has_one_of_the_retentions():
    assert {retention for _, _, retention in documented_columns()} == RETENTIONS
