"""The coach's data files, read once each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from chalicelib.coaching.patterns import Finder
from chalicelib.domain import ChatLine

_DATA = Path(__file__).parent / "data"


class Texts(tuple[str, ...]):  # noqa: SLOT001 (it keeps its finder)
    """A list of texts in a data file; as patterns they are compiled once."""

    @cached_property
    def finder(self) -> Finder:
        """What looks for any of them."""
        return Finder(self)


@cache
def load(name: str) -> Any:
    """Return a file of ``data/``, named without its ending. Its lists of texts are ``Texts``."""
    return _with_texts(json.loads((_DATA / f"{name}.json").read_text(encoding="utf-8")))


def _with_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_texts(part) for name, part in value.items()}
    if isinstance(value, list):
        return Texts(value) if all(isinstance(part, str) for part in value) else list(map(_with_texts, value))
    return value


@cache
def names(folder: str) -> tuple[str, ...]:
    """Return the names of the data files in a folder of ``data/``, for ``load``."""
    return tuple(sorted(f"{folder}/{path.stem}" for path in (_DATA / folder).glob("*.json")))


def matches_any(patterns: Texts | tuple[()], text: str) -> bool:
    """Whether any of the patterns occurs in the text."""
    return isinstance(patterns, Texts) and patterns.finder.finds(text)


def matching_lines(rule: Mapping[str, Any], lines: Iterable[ChatLine]) -> Iterator[ChatLine]:
    """The lines in which one of a rule's ``patterns`` occurs and none of what it names as ``except``."""
    shows, other = rule["patterns"].finder.finds, rule["except"].finder.finds
    return (line for line in lines if shows(line.text) and not other(line.text))
