"""What the words of a message weigh, positive and negative, by a lexicon of Korean chat.

The words are in ``data/sentiment_lexicon.json``, which says how it is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

# A negated word says less than its opposite: 안 좋아 is milder than 싫어.
_NEGATED = 0.7


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


def weigh(text: str) -> tuple[float, float]:
    """Return what the positive and the negative words of a message weigh together, 1 to 3 each."""
    words = text.split()
    if not any(map(_starts, words)):
        return 0.0, 0.0
    text = " ".join(words)
    found = _stems_in(text, words)
    return _weigh(text, found) if found else (0.0, 0.0)


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


def _stems_in(text: str, words: list[str]) -> list[tuple[_Stem, int]]:
    """Find the stems of a text and where they begin, from left to right, the longest at each place."""
    found, word_start, end = [], 0, 0
    for word in words:
        for at, stems in _starts(word):
            start = word_start + at
            if start < end:
                continue
            for stem in stems:
                if text.startswith(stem.text, start):
                    found.append((stem, start))
                    end = start + len(stem.text)
                    break
        word_start += len(word) + 1
    return found


# Most words of a chat are met again. At most these single words stay in memory, and no message.
@lru_cache(maxsize=1 << 13)
def _starts(word: str) -> tuple[tuple[int, tuple[_Stem, ...]], ...]:
    """Where in a word a stem may begin, and which, by two letters each."""
    stems = _lexicon().stems
    pairs = enumerate(zip(word, f"{word[1:]} ", strict=True))
    groups = ((at, stems.get(first, {}), second) for at, (first, second) in pairs)
    starts = ((at, seconds.get(second) or seconds.get("", ())) for at, seconds, second in groups)
    return tuple((at, group) for at, group in starts if group)


def _is_negated(text: str, start: int, end: int) -> bool:
    lexicon = _lexicon()
    if text.endswith(lexicon.before, 0, start) and text[:start].rsplit(maxsplit=1)[-1] in lexicon.negators:
        return True
    # Little can follow the last word of a message, and most stems are in it.
    return len(text) - end > 1 and lexicon.after.match(text, end) is not None


@cache
def _lexicon() -> _Lexicon:
    data = json.loads((Path(__file__).parent / "data" / "sentiment_lexicon.json").read_text("utf-8"))
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
