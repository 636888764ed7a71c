"""What a service that is paid by the character is shown of what somebody said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

# What the least that Comprehend bills pays for: three units of 100 characters. At four bytes each they stay below the
# 5,000 bytes that a document may have.
CHARACTERS = 300
# How far before its end a piece may break, so that no word is torn.
_SLACK = 60


@dataclass(frozen=True, slots=True)
class Window:
    """Consecutive messages of one speaker as one text; ``places`` are theirs in what was given."""

    places: tuple[int, ...]
    text: str


def windows(said: Sequence[tuple[int, str]]) -> Iterator[Window]:
    """Join messages of one speaker, each with its place, to texts of at most 300 characters; the latest first.

    A message that is longer is split between words, or between characters where there is no word's end.
    """
    places: list[int] = []
    texts: list[str] = []
    for place, text in _latest_first(said):
        if texts and sum(map(len, texts)) + len(texts) + len(text) > CHARACTERS:
            yield _window(places, texts)
            places, texts = [], []
        places.append(place)
        texts.append(text)
    if texts:
        yield _window(places, texts)


def pieces(text: str) -> list[str]:
    """A text in pieces of at most 300 characters, none much shorter than another. They add up to it."""
    found = []
    while len(text) > CHARACTERS:
        length = ceil(len(text) / ceil(len(text) / CHARACTERS))
        cut = text.rfind(" ", length - _SLACK, length) + 1 or length
        found.append(text[:cut])
        text = text[cut:]
    return [*found, text]


def _latest_first(said: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    return ((place, piece) for place, text in reversed(said) for piece in reversed(pieces(text)) if piece.strip())


def _window(places: Sequence[int], texts: Sequence[str]) -> Window:
    return Window(tuple(sorted(set(places))), "\n".join(reversed(texts)))
