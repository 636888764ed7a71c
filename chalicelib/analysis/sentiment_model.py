"""The linear model behind ``emotion``: how a text is cut into n-grams, what they weigh, and the file they are in.

A text's n-grams are those of one to five characters of each word, its borders included, and those of three to five
characters that lie across the space between two words. ``data/sentiment_model.md`` says what they were learned from.
"""

from __future__ import annotations

import gzip
import json
import re
import struct
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, NamedTuple

from chalicelib.korean.endings import without_urls

PATH = Path(__file__).parent / "data" / "sentiment_model.gz"
LONGEST = 5
# A weight is a byte, 0 to 255 for -128 to 127. An n-gram's number holds 1 and its weights side by side, each in eight
# bytes, so that one addition adds to the sums of all heads, whatever the length of the text.
ZERO = 128
# How many n-grams were known, and the four heads.
_LANES = struct.Struct("<5Q")
_LANE_BYTES = 8
_LONGEST_WORD = 32

# 안 좋아 and 좋지 않아 are one word to the model, as they often are to those who write.
_APART = re.compile(r"(?<!\S)([안못]) (?=[가-힣])|(?<=지) (?=[않안못마말])")
_ALIKE = str.maketrans({"ㅜ": "ㅠ", "\ufe0f": None, "\u200d": None})
_RUN = re.compile(r"(.)\1{2,}")
# Of a word with its borders, by its length; a border alone is none.
_PLACES = tuple(
    [slice(at, at + 1) for at in range(1, size - 1)]
    + [slice(at, at + n) for n in range(2, LONGEST + 1) for at in range(size - n + 1)]
    for size in range(_LONGEST_WORD + 3)
)


class Constants(NamedTuple):
    """What turns sums into probabilities, as ``emotion`` says."""

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


class Model(NamedTuple):
    """The constants, and each n-gram's number."""

    constants: Constants
    weights: Mapping[str, int]


class Categories(NamedTuple):
    """What each category's score begins with, what its weights are times, and each n-gram's number."""

    biases: Mapping[str, float]
    scale: float
    weights: Mapping[str, int]


def sums_of(text: str) -> tuple[int, int, int, int, int]:
    """How many n-grams of a text the model knows, and the sums of their weights for talk, film, register, feeling."""
    whole, before = 0, ""
    for number, first, last in map(_of_word, words_of(text)):
        whole += number + _of_border(before + first) if before else number
        before = last
    known, talk, film, register, feeling = _LANES.unpack(whole.to_bytes(_LANES.size, "little"))
    zero = ZERO * known
    return known, talk - zero, film - zero, register - zero, feeling - zero


def category_scores(text: str) -> dict[str, float]:
    """How much a text says each category of feeling, as logits."""
    biases, scale, weights = categories()
    whole = sum(weights.get(gram, 0) for gram in grams_of(text))
    known, *sums = _lanes(whole, 1 + len(biases))
    root = scale * (known or 1) ** -0.5
    return {
        name: bias + root * (total - ZERO * known) for (name, bias), total in zip(biases.items(), sums, strict=True)
    }


def grams_of(text: str) -> list[str]:
    """Every n-gram of a text, known or not."""
    words = words_of(text)
    grams = [gram for word in words for gram in _grams_of_word(word)]
    return grams + [gram for border in borders_of(words) for gram in _grams_of_border(border)]


def words_of(text: str) -> list[str]:
    """The words of a text: without addresses, negations joined to what they negate, long ones cut."""
    text = without_urls(text)
    if "안 " in text or "못 " in text or "지 " in text:
        text = _APART.sub(r"\1", text)
    words = text.split()
    if len(text) <= _LONGEST_WORD:
        return words
    return [word[at : at + _LONGEST_WORD] for word in words for at in range(0, len(word), _LONGEST_WORD)]


def borders_of(words: Sequence[str]) -> list[str]:
    """Where words meet: two letters of each."""
    return [f"{left[-2:]} {right[:2]}" for left, right in pairwise(words)]


@cache
def model() -> Model:
    """The shipped model of sentiments, read when first asked for."""
    document, weights = _read(0)
    return Model(Constants(**document["constants"]), weights)


@cache
def categories() -> Categories:
    """The shipped model of categories, read when first asked for."""
    document, weights = _read(1)
    return Categories(document["categories"], document["scale"], weights)


def packed(document: Mapping[str, Any], tables: Sequence[Mapping[str, bytes]]) -> bytes:
    """The model as one file: a line of JSON, and of each table its n-grams in order, a line each, and the weights.

    Args:
        document: ``constants``, ``categories`` with their biases, ``scale``.
        tables: Of sentiments and of categories: a byte of each head for each n-gram.
    """
    sizes, parts = [], []
    for table in tables:
        grams = sorted(table)
        text = "\n".join(grams).encode()
        rows = [table[gram] for gram in grams]
        parts += [text, *map(bytes, zip(*rows, strict=True))]
        sizes.append([len(text), len(grams) * len(rows[0])])
    header = json.dumps({**document, "sizes": sizes})
    return gzip.compress(b"".join([header.encode(), b"\n", *parts]), mtime=0)


def _read(place: int) -> tuple[dict[str, Any], dict[str, int]]:
    header, _, body = gzip.decompress(PATH.read_bytes()).partition(b"\n")
    document = json.loads(header)
    ends = list(accumulate((size for sizes in document["sizes"] for size in sizes), initial=0))
    start, middle, end = ends[2 * place : 2 * place + 3]
    grams = body[start:middle].decode().split("\n")
    return document, dict(zip(grams, _numbers(body[middle:end], len(grams)), strict=True))


def _numbers(weights: bytes, count: int) -> list[int]:
    """Each n-gram's number from its weights, which stand head by head."""
    size = _LANE_BYTES * (len(weights) // count + 1)
    woven = bytearray(count * size)
    woven[::size] = b"\x01" * count
    for head, start in enumerate(range(0, len(weights), count), 1):
        woven[_LANE_BYTES * head :: size] = weights[start : start + count]
    return [int.from_bytes(row, "little") for (row,) in struct.iter_unpack(f"{size}s", woven)]


def _lanes(whole: int, count: int) -> tuple[int, ...]:
    """The sums that stand side by side in a number."""
    return struct.unpack(f"<{count}Q", whole.to_bytes(_LANE_BYTES * count, "little"))


# Most words of a chat are met again. At most these single words and borders stay in memory, and no message.
@lru_cache(maxsize=1 << 15)
def _of_word(word: str) -> tuple[int, str, str]:
    """The sums of a word, its first two letters, and its last two as a border begins with them."""
    return sum(filter(None, map(model().weights.get, _grams_of_word(word)))), word[:2], f"{word[-2:]} "


@lru_cache(maxsize=1 << 15)
def _of_border(border: str) -> int:
    return sum(filter(None, map(model().weights.get, _grams_of_border(border))))


def _grams_of_word(word: str) -> list[str]:
    between = f" {_plain(word)} "
    return [between[place] for place in _PLACES[len(between)]]


def _grams_of_border(border: str) -> list[str]:
    left, _, right = _plain(border).partition(" ")
    around = f"{f' {left}'[-2:]} {f'{right} '[:2]}"
    return [around[1:4], around[:4], around[1:], around]


def _plain(text: str) -> str:
    return _RUN.sub(r"\1\1", text.lower().translate(_ALIKE))[:_LONGEST_WORD]
