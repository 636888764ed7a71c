"""A table in Markdown."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Table:
    """Rows of texts under named columns."""

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def add(self, *cells: object, **named: object) -> None:
        """Add a row: its first cells in order, further ones by their columns' names; the rest stays empty."""
        row = dict(zip(self.columns, cells, strict=False)) | named
        self.rows.append(tuple(str(row.get(column, "")) for column in self.columns))

    def __str__(self) -> str:
        """The table, its columns aligned."""
        lines = [self.columns, *self.rows]
        widths = [max(len(line[place]) for line in lines) for place in range(len(self.columns))]
        shown = ["| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |" for line in lines]
        ruler = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
        return "\n".join([shown[0], ruler, *shown[1:]])
