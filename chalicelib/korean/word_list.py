"""Word lists of the data files."""

from __future__ import annotations

from typing import Any


class WordList(tuple[str, ...]):
    """Words of a data file: a list of rows, each with words separated by spaces."""

    __slots__ = ()

    @classmethod
    def from_data(cls, value: Any) -> WordList:
        """Return the words of all rows."""
        if not isinstance(value, list):
            raise TypeError("expected a list of rows of words")
        return cls(" ".join(value).split())
