"""Chat lines to learn from: those written down, and those a grammar makes."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

DATA = Path(__file__).parent / "data"
OPPOSITE = {"positive": "negative", "negative": "positive"}
_PLEASANT = ("affection", "joy", "excitement", "amusement", "gratitude")
_SPACES = re.compile(r"\s+")
_SLOT = re.compile(r"\{(\w+)\}")


class ChatLine(NamedTuple):
    """A line, what it says (positive, negative, neutral or mixed), and the category of the feeling."""

    sentiment: str
    category: str
    text: str


def written(path: Path = DATA / "chat_lines.tsv") -> list[ChatLine]:
    """The lines of a file: sentiment, category, text, separated by tabs."""
    rows = path.read_text("utf-8").splitlines()
    return [ChatLine(*row.split("\t")) for row in rows if row]


def signs() -> list[ChatLine]:
    """The emoji, emoticons and short cries of the grammar."""
    found = _grammar()["signs"].items()
    return [
        ChatLine("positive" if category in _PLEASANT else "negative", category, sign)
        for category, listed in found
        for sign in listed
    ]


def denials() -> list[ChatLine]:
    """Every predicate of the grammar denied in few words: 안 좋아, 좋지 않아 …."""
    grammar = _grammar()
    predicates = [(side, forms) for side in OPPOSITE for forms in grammar[side]]
    return [
        ChatLine(OPPOSITE[side], "disappointment" if side == "positive" else "joy", _filled(pattern, forms))
        for side, forms in predicates
        for pattern in grammar["denied in short"]
    ]


def generated(count: int, seed: int) -> list[ChatLine]:
    """Lines of the grammar: half of them say nothing, a fifth are asked or denied, the rest say a feeling."""
    grammar, chance = _grammar(), random.Random(seed)
    kinds = chance.choices([_plain, _said, _asked, _denied], [10, 6, 2, 2], k=count)
    return [kind(grammar, chance) for kind in kinds]


def _grammar() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / "chat_grammar.json").read_text("utf-8"))
    return found


def _plain(grammar: Mapping[str, Any], chance: random.Random) -> ChatLine:
    return _line(grammar, chance, "neutral", "neutral", "plain", chance.choice(grammar["acts"]))


def _asked(grammar: Mapping[str, Any], chance: random.Random) -> ChatLine:
    return _line(grammar, chance, "neutral", "neutral", "asked", _predicate(grammar, chance)[1])


def _said(grammar: Mapping[str, Any], chance: random.Random) -> ChatLine:
    side, predicate = _predicate(grammar, chance)
    return _line(grammar, chance, side, predicate["category"], "said", predicate)


def _denied(grammar: Mapping[str, Any], chance: random.Random) -> ChatLine:
    side, predicate = _predicate(grammar, chance)
    category = "disappointment" if side == "positive" else "joy"
    return _line(grammar, chance, OPPOSITE[side], category, "denied", predicate)


def _predicate(grammar: Mapping[str, Any], chance: random.Random) -> tuple[str, dict[str, str]]:
    side = chance.choice(("positive", "negative"))
    return side, chance.choice(grammar[side])


def _line(  # noqa: PLR0913, PLR0917 (all that a line is made of)
    grammar: Mapping[str, Any],
    chance: random.Random,
    sentiment: str,
    category: str,
    kind: str,
    forms: Mapping[str, str],
) -> ChatLine:
    parts = {name: chance.choice(listed) for name, listed in sorted(grammar["parts"].items())}
    parts["tail"] = parts["pal" if sentiment == "positive" else "sob"]
    return ChatLine(sentiment, category, _filled(chance.choice(grammar[kind]), {**parts, **forms}))


def _filled(pattern: str, parts: Mapping[str, str]) -> str:
    return _SPACES.sub(" ", _SLOT.sub(lambda slot: parts[slot[1]], pattern)).strip()
