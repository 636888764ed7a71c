"""The data files beside this one, read once each."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

_DATA = Path(__file__).parent / "data"


@cache
def load(name: str) -> Any:
    """Return a file of ``data/``, named without its ending."""
    return json.loads((_DATA / f"{name}.json").read_text(encoding="utf-8"))


@cache
def words(name: str) -> frozenset[str]:
    """Return one of the lists in ``names.json``; of a row of syllables each is one."""
    listed = load("names")[name]
    return frozenset(listed.split(", ") if ", " in listed else listed)


def any_of(name: str) -> str:
    """Return a pattern of one of the lists in ``names.json``, the longest words first."""
    return "|".join(sorted(words(name), key=lambda word: (-len(word), word)))
