"""Cut messages into texts for Comprehend, which bills by the character."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

# Comprehend bills at least three units of 100 characters. With at most four bytes per character, a text of this length
# also stays below Comprehend's limit of 5,000 bytes.
MAX_CHARACTERS = 300
# A piece may end this many characters early, so that it ends between two words.
_SLACK = 60


@dataclass(frozen=True, slots=True)
class Window:
    """Consecutive messages of one speaker as one text, with the indexes of the messages that the caller passed."""

    indexes: tuple[int, ...]
    text: str


def windows_latest_first(messages: Sequence[tuple[int, str]]) -> Iterator[Window]:
    """Join the messages of one speaker, each with its index, to texts of at most 300 characters, the latest first.

    A longer message is split between words, or between characters if a word is too long.
    """
    indexes: list[int] = []
    texts: list[str] = []
    for index, text in _latest_first(messages):
        if texts and sum(map(len, texts)) + len(texts) + len(text) > MAX_CHARACTERS:
            yield _window(indexes, texts)
            indexes, texts = [], []
        indexes.append(index)
        texts.append(text)
    if texts:
        yield _window(indexes, texts)


def split_text(text: str) -> list[str]:
    """Split a text into pieces of at most 300 characters and similar length. Joined, they give the text."""
    pieces = []
    while len(text) > MAX_CHARACTERS:
        length = ceil(len(text) / ceil(len(text) / MAX_CHARACTERS))
        cut = text.rfind(" ", length - _SLACK, length) + 1 or length
        pieces.append(text[:cut])
        text = text[cut:]
    return [*pieces, text]


def _latest_first(messages: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    return (
        (index, piece) for index, text in reversed(messages) for piece in reversed(split_text(text)) if piece.strip()
    )


def _window(indexes: Sequence[int], texts: Sequence[str]) -> Window:
    return Window(tuple(sorted(set(indexes))), "\n".join(reversed(texts)))
