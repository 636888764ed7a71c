"""Stem lists of the data files, and regular expressions that match them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any


class StemList(tuple[str, ...]):
    """Stems of a data file: one text, separated by a comma and a space, because stems contain spaces."""

    __slots__ = ()

    @classmethod
    def from_data(cls, value: Any) -> StemList:
        """Return the stems of the text."""
        if not isinstance(value, str):
            raise TypeError("expected stems separated by commas")
        return cls(value.split(", "))


def any_of(stems: Iterable[str]) -> str:
    """Return a regular expression that matches any of the stems, the longest first."""
    return "|".join(re.escape(stem) for stem in sorted(stems, key=lambda stem: (-len(stem), stem)))
