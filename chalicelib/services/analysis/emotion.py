"""The feeling of a message, from a lexicon of Korean chat.

The words are in ``data/emotion_lexicon.json``, which says how it is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from chalicelib.domain import Emotions

# What a message without any feeling weighs: one mild word against it makes half.
_NEUTRAL_WEIGHT = 1.0
# A negated word says less than its opposite: 안 좋아 is milder than 싫어.
_NEGATED = 0.7
_PARTS = 1000


class Shares(NamedTuple):
    """The four sentiments of messages in thousandths, so that sums of them stay exact."""

    positive: int
    negative: int
    neutral: int
    mixed: int


_NEUTRAL = Shares(0, 0, _PARTS, 0)


class _Stem(NamedTuple):
    text: str
    weight: float
    negatable: bool
    tears: bool


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """The stems by their first letter and their second, the longest first, and what negates them."""

    stems: Mapping[str, Mapping[str, tuple[_Stem, ...]]]
    negators: frozenset[str]
    before: tuple[str, ...]
    after: re.Pattern[str]


@dataclass(slots=True)
class EmotionCounts:
    """Sums of the shares of messages; mergeable and exact."""

    messages: int = 0
    positive: int = 0
    negative: int = 0
    neutral: int = 0
    mixed: int = 0

    def add(self, shares: Shares, times: int = 1) -> None:
        """Count a message that was said so often."""
        self.messages += times
        self.positive += times * shares.positive
        self.negative += times * shares.negative
        self.neutral += times * shares.neutral
        self.mixed += times * shares.mixed

    def merge(self, other: EmotionCounts) -> None:
        """Add everything ``other`` counted."""
        self.messages += other.messages
        self.positive += other.positive
        self.negative += other.negative
        self.neutral += other.neutral
        self.mixed += other.mixed

    def emotions(self) -> Emotions:
        """Return the mean of the messages' shares; all neutral when there is none."""
        if not self.messages:
            return _emotions(_NEUTRAL, _PARTS)
        return _emotions(Shares(self.positive, self.negative, self.neutral, self.mixed), self.messages * _PARTS)

    def to_document(self) -> dict[str, int]:
        """Return the sums as plain JSON."""
        return {
            "messages": self.messages,
            "positive": self.positive,
            "negative": self.negative,
            "neutral": self.neutral,
            "mixed": self.mixed,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, int]) -> EmotionCounts:
        """Read what ``to_document`` wrote."""
        return cls(**document)


def emotions_of(text: str) -> Emotions:
    """Return how positive, negative, neutral and mixed a message is; the four add up to 1.

    With p and n the weights of its positive and negative words and b the
    smaller of them, the four are p - b/2, n - b/2, 1 and b, divided by p + n + 1.
    """
    return _emotions(shares_of(text), _PARTS)


def shares_of(text: str) -> Shares:
    """Return ``emotions_of`` in whole thousandths that add up to 1,000."""
    found = _stems_in(text)
    if not found:
        return _NEUTRAL
    positive, negative = _weigh(text, found)
    both = min(positive, negative)
    scale = _PARTS / (positive + negative + _NEUTRAL_WEIGHT)
    up, down, mixed = int((positive - both / 2) * scale), int((negative - both / 2) * scale), int(both * scale)
    return Shares(up, down, _PARTS - up - down - mixed, mixed)


def _weigh(text: str, found: list[tuple[_Stem, int]]) -> tuple[float, float]:
    positive = negative = tears = 0.0
    for stem, start in found:
        weight = stem.weight
        if stem.negatable and _is_negated(text, start, start + len(stem.text)):
            weight *= -_NEGATED
        if stem.tears:
            tears = 1.0
        elif weight > 0:
            positive += weight
        else:
            negative -= weight
    return positive, negative if positive else negative + tears


def _stems_in(text: str) -> list[tuple[_Stem, int]]:
    """Find the stems of a text and where they begin, from left to right, the longest at each place."""
    stems = _lexicon().stems
    found, end = [], 0
    for start in [at for at, letter in enumerate(text) if letter in stems]:
        seconds = stems[text[start]]
        for stem in seconds.get(text[start + 1 : start + 2]) or seconds.get("", ()):
            if start >= end and text.startswith(stem.text, start):
                found.append((stem, start))
                end = start + len(stem.text)
    return found


def _is_negated(text: str, start: int, end: int) -> bool:
    lexicon = _lexicon()
    if text.endswith(lexicon.before, 0, start) and text[:start].rsplit(maxsplit=1)[-1] in lexicon.negators:
        return True
    # Little can follow the last word of a message, and most stems are in it.
    return len(text) - end > 1 and lexicon.after.match(text, end) is not None


def _emotions(shares: Shares, whole: int) -> Emotions:
    return Emotions(
        positive=shares.positive / whole,
        negative=shares.negative / whole,
        neutral=shares.neutral / whole,
        mixed=shares.mixed / whole,
    )


@cache
def _lexicon() -> _Lexicon:
    data = json.loads((Path(__file__).parent / "data" / "emotion_lexicon.json").read_text("utf-8"))
    negators = frozenset(_listed(data["negators_before"]))
    return _Lexicon(
        stems=_by_two_letters(_stems(data)),
        negators=negators,
        before=tuple(negator + space for negator in sorted(negators) for space in ("", " ")),
        after=re.compile(rf"(?=.{{0,3}}[않없못마말안아줄커])[가-힣]?(?:{_any_of(_listed(data['negators_after']))})"),
    )


def _stems(data: Mapping[str, Any]) -> list[_Stem]:
    weights = dict.fromkeys(_listed(data["neither"]), 0.0)
    for sign, side in ((1.0, "positive"), (-1.0, "negative")):
        for weight, stems in data[side].items():
            weights.update(dict.fromkeys(_listed(stems), sign * float(weight)))
    tears, not_negated = set(_listed(data["tears"])), set(_listed(data["not_negated"]))
    return [
        _Stem(text, weight, negatable=bool(weight) and text not in tears | not_negated, tears=text in tears)
        for text, weight in weights.items()
    ]


def _by_two_letters(stems: Iterable[_Stem]) -> dict[str, dict[str, tuple[_Stem, ...]]]:
    """Group stems by first and second letter; those of one letter are under "" and end every other group."""
    grouped: dict[str, dict[str, list[_Stem]]] = {}
    for stem in sorted(stems, key=lambda stem: -len(stem.text)):
        grouped.setdefault(stem.text[0], {}).setdefault(stem.text[1:2], []).append(stem)
    return {
        first: {second: (*group, *(seconds.get("", ()) if second else ())) for second, group in seconds.items()}
        for first, seconds in grouped.items()
    }


def _any_of(stems: Iterable[str]) -> str:
    return "|".join(re.escape(stem) for stem in sorted(stems, key=lambda stem: (-len(stem), stem)))


def _listed(stems: str) -> list[str]:
    return stems.split(", ")
