"""Which messages are not text: whole-message placeholders become typed events.

The words are in ``placeholders.json``. Only a whole message counts: ``사진``
is a photo, ``사진 보내줘`` is text.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from chalicelib.domain import Kind

# Longer placeholders do not exist, so most messages are never matched.
LONGEST = 2_300


@cache
def _vocabulary() -> tuple[dict[str, Kind], re.Pattern[str]]:
    table = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    exact = {words: Kind(kind) for kind, entry in table.items() for words in entry["exact"]}
    alternatives = [f"(?P<{kind}>{'|'.join(entry['patterns'])})" for kind, entry in table.items() if entry["patterns"]]
    return exact, re.compile("|".join(alternatives))


def kind_of(text: str) -> tuple[Kind, int]:
    """What a message is, and what it counts: photos, seconds of a call, else 1."""
    exact, patterns = _vocabulary()
    if (kind := exact.get(text)) is not None:
        return kind, 1
    match = patterns.fullmatch(text) if len(text) <= LONGEST else None
    if match is None:
        return Kind.TEXT, 1
    found = next(Kind(name) for name, value in match.groupdict().items() if value is not None and "_" not in name)
    return found, _count(match)


def _count(match: re.Match[str]) -> int:
    if photos := match["count_photo"]:
        return int(photos)
    if clock := match["clock_call"]:
        seconds = 0
        for part in clock.split(":"):
            seconds = seconds * 60 + int(part)
        return seconds
    return 1


def is_system(text: str) -> bool:
    """Whether a line without a sender is one of the room's own notices."""
    return kind_of(text)[0] is Kind.SYSTEM
