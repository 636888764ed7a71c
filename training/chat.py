"""Chat lines to train on: written ones, and those that a grammar generates."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from chalicelib import data_files
from chalicelib.data_files import Data

DATA = Path(__file__).parent / "data"
_OPPOSITE = {"positive": "negative", "negative": "positive"}
_PLEASANT = ("affection", "joy", "excitement", "amusement", "gratitude")
_SPACES = re.compile(r"\s+")
_SLOT = re.compile(r"\{(\w+)\}")


class ChatLine(NamedTuple):
    """A line, its sentiment (positive, negative, neutral or mixed) and its emotion category."""

    sentiment: str
    category: str
    text: str


class _Verb(Data, frozen=True):
    stem: str
    now: str
    past: str
    will: str


class _Predicate(Data, frozen=True):
    category: str
    stem: str
    now: str
    past: str
    will: str
    being: str


class _Grammar(Data, frozen=True):
    """``data/chat_grammar.json``, which describes its fields."""

    about: tuple[str, ...]
    parts: dict[str, tuple[str, ...]]
    acts: tuple[_Verb, ...]
    positive: tuple[_Predicate, ...]
    negative: tuple[_Predicate, ...]
    plain: tuple[str, ...]
    asked: tuple[str, ...]
    affirmed: tuple[str, ...]
    denied: tuple[str, ...]
    short_denials: tuple[str, ...]
    signs: dict[str, tuple[str, ...]]

    def predicates(self, sentiment: str) -> tuple[_Predicate, ...]:
        """Return the predicates of a sentiment."""
        return self.positive if sentiment == "positive" else self.negative


def written_lines(path: Path = DATA / "chat_lines.tsv") -> list[ChatLine]:
    """Return the lines of a file: sentiment, category and text, separated by tabs."""
    rows = path.read_text("utf-8").splitlines()
    return [ChatLine(*row.split("\t")) for row in rows if row]


def signs() -> list[ChatLine]:
    """Return the emoji, emoticons and interjections of the grammar."""
    return [
        ChatLine("positive" if category in _PLEASANT else "negative", category, sign)
        for category, listed in _grammar().signs.items()
        for sign in listed
    ]


def short_denials() -> list[ChatLine]:
    """Return every predicate of the grammar in short denials: 안 좋아, 좋지 않아 …."""
    grammar = _grammar()
    return [
        ChatLine(_OPPOSITE[sentiment], _denied_category(sentiment), _fill(pattern, msgspec.structs.asdict(predicate)))
        for sentiment in _OPPOSITE
        for predicate in grammar.predicates(sentiment)
        for pattern in grammar.short_denials
    ]


def generated_lines(count: int, seed: int) -> list[ChatLine]:
    """Return random lines of the grammar: half are neutral, a fifth ask or deny, the rest express a feeling."""
    rng = random.Random(seed)
    kinds = rng.choices([_plain_line, _affirmed_line, _question, _denial], [10, 6, 2, 2], k=count)
    return [kind(rng) for kind in kinds]


@cache
def _grammar() -> _Grammar:
    return data_files.load(DATA / "chat_grammar.json", _Grammar)


def _plain_line(rng: random.Random) -> ChatLine:
    act = rng.choice(_grammar().acts)
    return ChatLine("neutral", "neutral", _expand("neutral", _grammar().plain, act, rng))


def _question(rng: random.Random) -> ChatLine:
    _, predicate = _random_predicate(rng)
    return ChatLine("neutral", "neutral", _expand("neutral", _grammar().asked, predicate, rng))


def _affirmed_line(rng: random.Random) -> ChatLine:
    sentiment, predicate = _random_predicate(rng)
    return ChatLine(sentiment, predicate.category, _expand(sentiment, _grammar().affirmed, predicate, rng))


def _denial(rng: random.Random) -> ChatLine:
    denied, predicate = _random_predicate(rng)
    sentiment = _OPPOSITE[denied]
    return ChatLine(sentiment, _denied_category(denied), _expand(sentiment, _grammar().denied, predicate, rng))


def _denied_category(sentiment: str) -> str:
    return "disappointment" if sentiment == "positive" else "joy"


def _random_predicate(rng: random.Random) -> tuple[str, _Predicate]:
    sentiment = rng.choice(("positive", "negative"))
    return sentiment, rng.choice(_grammar().predicates(sentiment))


def _expand(sentiment: str, patterns: tuple[str, ...], forms: _Verb | _Predicate, rng: random.Random) -> str:
    parts = {name: rng.choice(listed) for name, listed in sorted(_grammar().parts.items())}
    parts["tail"] = parts["pal" if sentiment == "positive" else "sob"]
    return _fill(rng.choice(patterns), {**parts, **msgspec.structs.asdict(forms)})


def _fill(pattern: str, parts: Mapping[str, str]) -> str:
    return _SPACES.sub(" ", _SLOT.sub(lambda slot: parts[slot[1]], pattern)).strip()
