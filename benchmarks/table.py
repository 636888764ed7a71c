"""A Markdown table."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Table:
    """Rows of text under named columns."""

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def add(self, *cells: object, **named_cells: object) -> None:
        """Add a row. Positional cells fill the first columns, named cells the columns of their names.

        Raises:
            KeyError: The table has no column of that name.
        """
        if unknown := named_cells.keys() - set(self.columns):
            raise KeyError(*unknown)
        row = dict(zip(self.columns, cells, strict=False)) | named_cells
        self.rows.append(tuple(str(row.get(column, "")) for column in self.columns))

    def __str__(self) -> str:
        """Return the table with aligned columns."""
        lines = [self.columns, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.columns))]
        head, *body = [
            "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
            for line in lines
        ]
        ruler = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
        return "\n".join([head, ruler, *body])
