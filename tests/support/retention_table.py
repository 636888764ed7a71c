"""The table of `docs/retention.md`."""

from __future__ import annotations

import re
from pathlib import Path

_PAGE = Path(__file__).resolve().parents[2] / "docs" / "retention.md"


def documented_columns():
    """Every column of every table in the page's order, with its retention: (table, column, retention)."""
    lines = _PAGE.read_text(encoding="utf-8").split("| table |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    for line in lines:
        table, columns, _, retention = (cell.strip() for cell in line.strip("|").split(" | "))
        for column in re.findall(r"`(\w+)`", columns):
            yield table.strip("`"), column, retention
