"""Parts of a text and their replacements."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Span(NamedTuple):
    """The characters from ``start`` to ``end`` (exclusive) and their replacement."""

    start: int
    end: int
    replacement: str


def replace_spans(text: str, spans: Iterable[Span]) -> str:
    """Replace the spans in a text.

    Overlapping spans are replaced as one, by the replacement of the span that begins first, or of the longest span if
    several begin first.
    """
    parts: list[str] = []
    position = 0
    for start, end, replacement in sorted(spans, key=lambda span: (span.start, -span.end)):
        if start >= position:
            parts += (text[position:start], replacement)
        position = max(position, end)
    return "".join([*parts, text[position:]])
