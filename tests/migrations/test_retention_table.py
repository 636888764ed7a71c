"""`docs/retention.md` names every column there is, once."""

from collections import Counter

from chalicelib.repositories.database import connect_to_url
from tests.support.retention_table import documented

UNTIL = {"the user erases it", "7 days", "35 days", "1 day", "for good"}


def test_every_column_is_in_the_retention_table_once(database_url):
    connection = connect_to_url(database_url)
    rows = connection.run(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'love_q'"
    )
    connection.close()
    columns = Counter((table, column) for table, column, _ in documented())
    assert columns == Counter((table, column) for table, column in rows)


def test_every_column_says_until_when():
    assert {until for _, _, until in documented()} == UNTIL
