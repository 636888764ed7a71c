"""Keyset pagination: select the rows after the last row of the previous page."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

# A row's time and id, by which lists are ordered.
SortKey = tuple[datetime, str]


class Keyset(NamedTuple):
    """A condition in SQL, and the values that it binds."""

    condition: str
    values: dict[str, Any]


def keyset(time_column: str, id_column: str, after: SortKey | None) -> Keyset:
    """Return the condition for the rows after ``after`` in a list ordered by time and then by id, both descending.

    Without ``after``, the condition is true for every row.
    """
    if after is None:
        return Keyset("true", {})
    after_time, after_id = after
    return Keyset(
        f"({time_column}, {id_column}) < (cast(:after_time AS timestamptz), cast(:after_id AS uuid))",
        {"after_time": after_time, "after_id": after_id},
    )
