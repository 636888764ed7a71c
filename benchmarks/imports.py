"""Imports: how fast each format is read."""

from __future__ import annotations

from benchmarks import reading
from benchmarks.stage import NewClient
from benchmarks.table import Table


def measure(table: Table, _new_client: NewClient) -> None:
    """Add the rows of reading."""
    reading.measure(table)
