"""The regular expressions of the data files, compiled for a fast search for any of several patterns.

Python's engine skips to the places where a match can begin only if every alternative begins with a literal. Therefore
a group at the beginning of a pattern is expanded: ``(?:밥|점심)은`` becomes ``밥은|점심은``. An optional part at the
beginning is dropped, because the position of the match does not matter. The few patterns that still begin with
something else are searched separately.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from msgspec import field

from chalicelib.data_files import Data
from chalicelib.domain import ChatLine

# An escaped character, a character class, a bracket or a bar outside of a class, or any other text.
_PART = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|]|[^\\\[()|]+")
_LITERAL_FIRST = re.compile(r"[가-힣ㄱ-ㅣA-Za-z0-9](?![?*+{])")
_REPETITIONS = ("*", "+", "{")


class Patterns:
    """Alternative patterns. They are compiled at the first search, which keeps cold starts short."""

    def __init__(self, sources: Iterable[str] = ()) -> None:
        """Store regular expressions. Without any, nothing matches."""
        self.sources = tuple(sources)

    @classmethod
    def from_data(cls, value: object) -> Patterns:
        """Decode a JSON list of regular expressions.

        Raises:
            TypeError: The value is not a list of strings.
        """
        if not isinstance(value, list) or not all(isinstance(source, str) for source in value):
            raise TypeError("Expected a list of regular expressions")
        return cls(value)

    def matches(self, text: str) -> bool:
        """Return whether any of the patterns occurs in the text."""
        for search in self._searches:  # noqa: SIM110 (a generator takes longer than most searches)
            if search(text):
                return True
        return False

    @cached_property
    def _searches(self) -> tuple[Callable[[str], re.Match[str] | None], ...]:
        alternatives = list(dict.fromkeys(part for source in self.sources for part in expand(source)))
        literal = [part for part in alternatives if _LITERAL_FIRST.match(part)]
        other = [part for part in alternatives if not _LITERAL_FIRST.match(part)]
        return tuple(re.compile("|".join(parts)).search for parts in (literal, other) if parts)


NO_PATTERNS = Patterns()


class TextRule(Data, frozen=True, kw_only=True):
    """A rule that matches a text in which one of its patterns occurs and none of its exceptions."""

    patterns: Patterns
    exceptions: Patterns = field(name="except")

    def matches(self, text: str) -> bool:
        """Return whether the rule matches a text."""
        return self.patterns.matches(text) and not self.exceptions.matches(text)

    def matching_lines(self, lines: Iterable[ChatLine]) -> Iterator[ChatLine]:
        """Return the lines whose text the rule matches."""
        return (line for line in lines if self.matches(line.text))


def expand(pattern: str) -> Iterator[str]:
    """Yield patterns without a group at their beginning. Together they occur in the same texts as ``pattern``."""
    for alternative in _alternatives(pattern):
        if alternative.startswith(r"\s?"):
            yield from expand(alternative.removeprefix(r"\s?"))
        elif alternative.startswith("(?:"):
            yield from _expand_group(alternative)
        else:
            yield alternative


def _expand_group(pattern: str) -> Iterator[str]:
    inner, rest = _split_first_group(pattern)
    if rest.startswith("?"):
        # The group is optional. ``??`` also makes it lazy, which does not matter here.
        yield from expand(rest.lstrip("?"))
    elif rest.startswith(_REPETITIONS):
        yield pattern
    else:
        for alternative in _alternatives(inner):
            yield from expand(alternative + rest)


def _split_first_group(pattern: str) -> tuple[str, str]:
    """Return the content of the group at the beginning of a pattern, and the rest of the pattern."""
    depth = length = 0
    for part in _PART.findall(pattern):
        depth += _depth_change(part)
        length += len(part)
        if not depth:
            break
    return pattern[len("(?:") : length - 1], pattern[length:]


def _alternatives(pattern: str) -> list[str]:
    """Split a pattern at the ``|`` outside of groups."""
    alternatives, depth = [""], 0
    for part in _PART.findall(pattern):
        depth += _depth_change(part)
        if part == "|" and not depth:
            alternatives.append("")
        else:
            alternatives[-1] += part
    return alternatives


def _depth_change(part: str) -> int:
    return {"(": 1, ")": -1}.get(part, 0)
