"""The linear models of sentiment and emotion category: n-grams of a text, their weights, and the model file.

The n-grams of a text are those of one to five characters of each word, including its borders, and those of three to
five characters across the space between two words. ``data/sentiment_model.md`` describes the training data. The file
format is written by ``training/model_file.py``.
"""

from __future__ import annotations

import gzip
import re
import struct
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import NamedTuple

import msgspec

from chalicelib.data_files import Data
from chalicelib.korean.endings import without_urls

MODEL_PATH = Path(__file__).parent / "data" / "sentiment_model.gz"
MAX_NGRAM_LENGTH = 5
# A weight is a byte: 0 to 255 stand for -128 to 127. An n-gram's packed number holds a count of 1 and its weights side
# by side, each in a lane of eight bytes. One addition then adds to the sums of all heads, for texts of any length.
ZERO_WEIGHT = 128
# The lanes of the sentiment model: the number of known n-grams, and four heads.
_SENTIMENT_LANES = struct.Struct("<5Q")
_LANE_BYTES = 8
_MAX_WORD_LENGTH = 32

# Joins 안 좋아 and 좋지 않아 to one word, as they are often written.
_SPACE_AT_NEGATION = re.compile(r"(?<!\S)([안못]) (?=[가-힣])|(?<=지) (?=[않안못마말])")
# Variants of one sign; the last two only change how an emoji is displayed.
_VARIANTS = str.maketrans({"ㅜ": "ㅠ", "\ufe0f": None, "\u200d": None})
_LONG_RUN = re.compile(r"(.)\1{2,}")
# The slices of a word with its borders, by its length. A border by itself is not an n-gram.
_SLICES = tuple(
    [slice(at, at + 1) for at in range(1, size - 1)]
    + [slice(at, at + n) for n in range(2, MAX_NGRAM_LENGTH + 1) for at in range(size - n + 1)]
    for size in range(_MAX_WORD_LENGTH + 3)
)


class Constants(NamedTuple):
    """The constants that turn sums of weights into probabilities; ``sentiment`` has the formula.

    A constant without a second part is a bias, any other the factor of the input that its second part names.

    - ``film_like``: the logit that a text resembles a film review and not a chat.
    - ``lean``: the shared estimate of good against bad, from the sums of the heads talk and film.
    - ``talk``, ``film``: the logit that a feeling is a good one, in a chat and in a film review.
    - ``feels``: the logit that a text expresses a feeling. ``known`` is the logarithm of the number of n-grams that the
      model knows, ``good`` the size of the logit of a good feeling.
    """

    film_like: float
    film_like_register: float
    lean: float
    lean_talk: float
    lean_film_like: float
    lean_film: float
    talk: float
    talk_lean: float
    talk_lexicon: float
    film: float
    film_lean: float
    feels: float
    feels_feeling: float
    feels_good: float
    feels_lexicon: float
    feels_film_like: float
    feels_known: float


class _Header(Data, frozen=True):
    """The first line of the model file. ``sizes`` has the bytes of the n-grams and of the weights of each table."""

    constants: dict[str, float]
    categories: dict[str, float]
    scale: float
    sizes: tuple[tuple[int, int], ...]


class SentimentModel(NamedTuple):
    """The constants, and the packed number of each n-gram."""

    constants: Constants
    weights: Mapping[str, int]


class CategoryModel(NamedTuple):
    """The bias of each category, the scale of all weights, and the packed number of each n-gram."""

    biases: Mapping[str, float]
    scale: float
    weights: Mapping[str, int]


# A named tuple would add 0.3 µs to each of a chat's messages.
def ngram_sums(text: str) -> tuple[int, int, int, int, int]:
    """Return how many n-grams of a text the sentiment model knows, and the sums of their weights for its four heads.

    The heads are talk, film, register and feeling; ``data/sentiment_model.md`` describes them.
    """
    total, left = 0, ""
    for packed, first, last in map(_word_sums, _words(text)):
        total += packed + _border_sums(left + first) if left else packed
        left = last
    count, talk, film, register, feeling = _SENTIMENT_LANES.unpack(total.to_bytes(_SENTIMENT_LANES.size, "little"))
    zero = ZERO_WEIGHT * count
    return count, talk - zero, film - zero, register - zero, feeling - zero


def category_scores(text: str) -> dict[str, float]:
    """Return the logit of each emotion category for a text."""
    biases, scale, weights = category_model()
    total = sum(weights.get(ngram, 0) for ngram in ngrams_of(text))
    count, *sums = _unpack(total, 1 + len(biases))
    factor = scale * (count or 1) ** -0.5
    return {
        name: bias + factor * (lane - ZERO_WEIGHT * count)
        for (name, bias), lane in zip(biases.items(), sums, strict=True)
    }


def ngrams_of(text: str) -> list[str]:
    """Return every n-gram of a text, whether the model knows it or not."""
    words = _words(text)
    ngrams = [ngram for word in words for ngram in _word_ngrams(word)]
    return ngrams + [ngram for border in _borders(words) for ngram in _border_ngrams(border)]


def _words(text: str) -> list[str]:
    """Return the words of a text without URLs. Negations are joined to the negated word, long words are cut."""
    text = without_urls(text)
    if "안 " in text or "못 " in text or "지 " in text:
        text = _SPACE_AT_NEGATION.sub(r"\1", text)
    words = text.split()
    if len(text) <= _MAX_WORD_LENGTH:
        return words
    return [word[at : at + _MAX_WORD_LENGTH] for word in words for at in range(0, len(word), _MAX_WORD_LENGTH)]


def _borders(words: Sequence[str]) -> list[str]:
    """Return the last two letters of each word with the first two of the next."""
    return [f"{left[-2:]} {right[:2]}" for left, right in pairwise(words)]


@cache
def sentiment_model() -> SentimentModel:
    """Return the sentiment model, which the first call reads from the file."""
    header, weights = _read_table(0)
    return SentimentModel(Constants(**header.constants), weights)


@cache
def category_model() -> CategoryModel:
    """Return the model of emotion categories, which the first call reads from the file."""
    header, weights = _read_table(1)
    return CategoryModel(header.categories, header.scale, weights)


def _read_table(index: int) -> tuple[_Header, dict[str, int]]:
    header_line, _, body = gzip.decompress(MODEL_PATH.read_bytes()).partition(b"\n")
    header = msgspec.json.decode(header_line, type=_Header)
    offsets = list(accumulate((size for sizes in header.sizes for size in sizes), initial=0))
    start, middle, end = offsets[2 * index : 2 * index + 3]
    ngrams = body[start:middle].decode().split("\n")
    return header, dict(zip(ngrams, _pack(body[middle:end], len(ngrams)), strict=True))


def _pack(weights: bytes, count: int) -> list[int]:
    """Return the packed number of each n-gram, given the weights head by head."""
    size = _LANE_BYTES * (len(weights) // count + 1)
    rows = bytearray(count * size)
    rows[::size] = b"\x01" * count
    for head, start in enumerate(range(0, len(weights), count), 1):
        rows[_LANE_BYTES * head :: size] = weights[start : start + count]
    return [int.from_bytes(row, "little") for (row,) in struct.iter_unpack(f"{size}s", rows)]


def _unpack(total: int, count: int) -> tuple[int, ...]:
    """Return the lanes of a packed number."""
    return struct.unpack(f"<{count}Q", total.to_bytes(_LANE_BYTES * count, "little"))


# Most words of a chat repeat. The caches hold single words and borders, never a message.
@lru_cache(maxsize=1 << 15)
def _word_sums(word: str) -> tuple[int, str, str]:
    """Return the packed sums of a word, its first two letters, and its last two with the space after them."""
    return sum(filter(None, map(sentiment_model().weights.get, _word_ngrams(word)))), word[:2], f"{word[-2:]} "


@lru_cache(maxsize=1 << 15)
def _border_sums(border: str) -> int:
    return sum(filter(None, map(sentiment_model().weights.get, _border_ngrams(border))))


def _word_ngrams(word: str) -> list[str]:
    bordered = f" {_normalise(word)} "
    return [bordered[part] for part in _SLICES[len(bordered)]]


def _border_ngrams(border: str) -> list[str]:
    left, _, right = _normalise(border).partition(" ")
    around = f"{f' {left}'[-2:]} {f'{right} '[:2]}"
    return [around[1:4], around[:4], around[1:], around]


def _normalise(text: str) -> str:
    return _LONG_RUN.sub(r"\1\1", text.lower().translate(_VARIANTS))[:_MAX_WORD_LENGTH]
