"""The coach's data files, read once each, and the Korean that joins words to particles."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any

_DATA = Path(__file__).parent / "data"
_SYLLABLES = range(ord("가"), ord("힣") + 1)
_FINALS = 28
_RIEUL = 8


class Texts(tuple[str, ...]):  # noqa: SLOT001 (it keeps its pattern)
    """A list of texts in a data file; as patterns they are compiled once."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The pattern that finds any of them; none given finds nothing."""
        return any_of(self)


@cache
def load(name: str) -> Any:
    """Return a file of ``data/``, named without its ending. Its lists of texts are ``Texts``."""
    return _with_texts(json.loads((_DATA / f"{name}.json").read_text(encoding="utf-8")))


def _with_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_texts(part) for name, part in value.items()}
    if isinstance(value, list):
        return Texts(value) if value and all(isinstance(part, str) for part in value) else list(map(_with_texts, value))
    return value


@cache
def names(folder: str) -> tuple[str, ...]:
    """Return the names of the data files in a folder of ``data/``, for ``load``."""
    return tuple(sorted(f"{folder}/{path.stem}" for path in (_DATA / folder).glob("*.json")))


@cache
def any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Return one pattern that finds any of those given; none given finds nothing."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns) if patterns else r"(?!)")


def found(patterns: Sequence[str], text: str) -> bool:
    """Whether any of the patterns occurs in the text."""
    if not patterns:
        return False
    pattern = patterns.pattern if isinstance(patterns, Texts) else any_of(tuple(patterns))
    return pattern.search(text) is not None


def with_particle(word: str, pair: str) -> str:
    """Return the word with its particle, chosen from a pair such as ``은/는`` by the word's last sound."""
    after_final, after_vowel = pair.split("/")
    code = ord(word[-1])
    final = (code - _SYLLABLES.start) % _FINALS if code in _SYLLABLES else 0
    # 으로 is the one particle that a final ㄹ does not ask for: 서울로, 집으로.
    takes_final = final != 0 and not (after_final == "으로" and final == _RIEUL)
    return word + (after_final if takes_final else after_vowel)
