"""Splitting Korean text into sentences."""

from __future__ import annotations

import re

_SPACE_AFTER_END = re.compile(r"(?<=[.?!~])\s+")
# In chat, laughter, tears and signs end a sentence too.
_SEPARATOR = re.compile(r"((?:\s*[ㅋㅎㅠㅜ~!?.…^;]+\s*)|\n+)")


def sentences(text: str) -> list[str]:
    """Split a text after the sign that ends a sentence. A sentence keeps its sign; the space between two is dropped."""
    return _SPACE_AFTER_END.split(text)


def sentences_and_separators(text: str) -> list[str]:
    """Split a chat message at signs, laughter, tears and line breaks, and keep those.

    The parts alternate between sentence and separator, and joined they give the text. A sentence at either end may be
    empty.
    """
    return _SEPARATOR.split(text)
