"""Whether any of many patterns occurs in a text.

Python's engine jumps to where a match may begin only if every alternative begins with a letter. So what a pattern
begins with is written out, ``(?:밥|점심)은`` as ``밥은|점심은``; what may be missing there is left out, for nobody asks
where something was found; and the few that still begin with anything else are looked for apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_SIGN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|]|[^\\\[()|]+")
_LETTER_FIRST = re.compile(r"[가-힣ㄱ-ㅣA-Za-z0-9](?![?*+{])")
_REPEATED = ("*", "+", "{")


class Finder:
    """Looks for any of some patterns; none finds nothing."""

    def __init__(self, patterns: Sequence[str]) -> None:
        alternatives = list(dict.fromkeys(one for pattern in patterns for one in written_out(pattern)))
        letters = [one for one in alternatives if _LETTER_FIRST.match(one)]
        others = [one for one in alternatives if not _LETTER_FIRST.match(one)]
        self._searches = tuple(re.compile("|".join(part)).search for part in (letters, others) if part)

    def finds(self, text: str) -> bool:
        """Whether any of the patterns occurs in the text."""
        for search in self._searches:  # noqa: SIM110 (a generator would take longer than most searches)
            if search(text):
                return True
        return False


def written_out(pattern: str) -> Iterator[str]:
    """Patterns of which one occurs wherever the given one does; groups they begin with are multiplied out."""
    for alternative in _alternatives(pattern):
        if alternative.startswith(r"\s?"):
            yield from written_out(alternative.removeprefix(r"\s?"))
        elif alternative.startswith("(?:"):
            yield from _without_group(alternative)
        else:
            yield alternative


def _without_group(pattern: str) -> Iterator[str]:
    inner, rest = _first_group(pattern)
    if rest.startswith("?"):
        yield from written_out(rest.lstrip("?"))
    elif rest.startswith(_REPEATED):
        yield pattern
    else:
        for one in _alternatives(inner):
            yield from written_out(one + rest)


def _first_group(pattern: str) -> tuple[str, str]:
    """What the group holds that a pattern begins with, and what follows it."""
    depth = length = 0
    for sign in _SIGN.findall(pattern):
        depth += (sign == "(") - (sign == ")")
        length += len(sign)
        if not depth:
            break
    return pattern[len("(?:") : length - 1], pattern[length:]


def _alternatives(pattern: str) -> list[str]:
    parts, depth = [""], 0
    for sign in _SIGN.findall(pattern):
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return parts
