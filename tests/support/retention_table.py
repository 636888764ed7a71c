"""The table of `docs/retention.md`."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "retention.md"


def documented():
    """Every table's columns in the page's order, with until when each is kept: (table, column, until)."""
    lines = PAGE.read_text(encoding="utf-8").split("| table |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    for line in lines:
        table, columns, _, until = (cell.strip() for cell in line.strip("|").split(" | "))
        for column in re.findall(r"`(\w+)`", columns):
            yield table.strip("`"), column, until
