"""A part of a text, and what stands there once it is masked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Span(NamedTuple):
    """The characters from ``start`` up to ``end``, and what replaces them."""

    start: int
    end: int
    replacement: str


def replace_spans(text: str, spans: Iterable[Span]) -> str:
    """The text with the spans replaced.

    Spans that overlap are replaced as one, by what replaces the first; of those that begin together the longest.
    """
    parts: list[str] = []
    at = 0
    for start, end, replacement in sorted(spans, key=lambda span: (span.start, -span.end)):
        if start >= at:
            parts += (text[at:start], replacement)
        at = max(at, end)
    return "".join([*parts, text[at:]])
