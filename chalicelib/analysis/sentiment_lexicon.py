"""Weigh the positive and negative words of a message by a lexicon of Korean chat.

The stems are in ``data/sentiment_lexicon.json``, which describes its fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

from chalicelib import data_files
from chalicelib.analysis.stem_list import StemList, any_of
from chalicelib.data_files import Data

Weight = Literal["1", "2", "3"]

# A negated word says less than its opposite: 안 좋아 is milder than 싫어.
_NEGATED_WEIGHT = 0.7
# The second letters of the negators that follow a stem. A look-ahead for one of them makes most searches fail early.
_NEGATOR_LETTERS = "않없못마말안아줄커"


class LexiconFile(Data, frozen=True):
    """``data/sentiment_lexicon.json``, which describes its fields."""

    about: tuple[str, ...]
    positive: dict[Weight, StemList]
    negative: dict[Weight, StemList]
    neither: StemList
    tears: StemList
    negators_before: StemList
    negators_after: StemList
    not_negated: StemList


class _Stem(NamedTuple):
    text: str
    weight: float
    negatable: bool
    is_tears: bool


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """Stems by first and second letter, the longest first, and the negators."""

    stems: Mapping[str, Mapping[str, tuple[_Stem, ...]]]
    negators: frozenset[str]
    negators_before: tuple[str, ...]
    negator_after: re.Pattern[str]


def lexicon_weights(text: str) -> tuple[float, float]:
    """Return the summed weights of the positive and of the negative words of a message. A word weighs 1 to 3."""
    words = text.split()
    if not any(map(_stem_candidates, words)):
        return 0.0, 0.0
    text = " ".join(words)
    stems = _find_stems(text, words)
    return _sum_weights(text, stems) if stems else (0.0, 0.0)


def _sum_weights(text: str, stems: list[tuple[_Stem, int]]) -> tuple[float, float]:
    positive = negative = tears = 0.0
    for stem, start in stems:
        weight = stem.weight
        if stem.negatable and _is_negated(text, start, start + len(stem.text)):
            weight *= -_NEGATED_WEIGHT
        if stem.is_tears:
            tears = 1.0
        elif weight > 0:
            positive += weight
        else:
            negative -= weight
    return positive, negative if positive else negative + tears


def _find_stems(text: str, words: list[str]) -> list[tuple[_Stem, int]]:
    """Return the stems of a text with their positions, from left to right, the longest at each position."""
    matches, word_start, end = [], 0, 0
    for word in words:
        for offset, stems in _stem_candidates(word):
            start = word_start + offset
            if start < end:
                continue
            for stem in stems:
                if text.startswith(stem.text, start):
                    matches.append((stem, start))
                    end = start + len(stem.text)
                    break
        word_start += len(word) + 1
    return matches


# Most words of a chat repeat. The cache holds single words, never a message.
@lru_cache(maxsize=1 << 13)
def _stem_candidates(word: str) -> tuple[tuple[int, tuple[_Stem, ...]], ...]:
    """Return the offsets in a word at which a stem may begin, with the stems that share its first two letters."""
    stems = _lexicon().stems
    pairs = enumerate(zip(word, f"{word[1:]} ", strict=True))
    groups = ((offset, stems.get(first, {}), second) for offset, (first, second) in pairs)
    candidates = ((offset, by_second.get(second) or by_second.get("", ())) for offset, by_second, second in groups)
    return tuple((offset, group) for offset, group in candidates if group)


def _is_negated(text: str, start: int, end: int) -> bool:
    lexicon = _lexicon()
    is_after_negator = text.endswith(lexicon.negators_before, 0, start)
    if is_after_negator and text[:start].rsplit(maxsplit=1)[-1] in lexicon.negators:
        return True
    # A negator needs two letters. Most stems are in the last word, with less than that after them.
    return len(text) - end > 1 and lexicon.negator_after.match(text, end) is not None


@cache
def _lexicon() -> _Lexicon:
    data = load_lexicon()
    negator_after = rf"(?=.{{0,3}}[{_NEGATOR_LETTERS}])[가-힣]?(?:{any_of(data.negators_after)})"
    return _Lexicon(
        stems=_by_two_letters(_stems(data)),
        negators=frozenset(data.negators_before),
        negators_before=tuple(negator + space for negator in sorted(data.negators_before) for space in ("", " ")),
        negator_after=re.compile(negator_after),
    )


@cache
def load_lexicon() -> LexiconFile:
    """Load the data file."""
    return data_files.load(Path(__file__).parent / "data" / "sentiment_lexicon.json", LexiconFile)


def _stems(data: LexiconFile) -> list[_Stem]:
    weights = dict.fromkeys(data.neither, 0.0)
    for sign, stems_by_weight in ((1.0, data.positive), (-1.0, data.negative)):
        for weight, stems in stems_by_weight.items():
            weights.update(dict.fromkeys(stems, sign * float(weight)))
    not_negatable = {*data.tears, *data.not_negated}
    return [
        _Stem(text, weight, negatable=bool(weight) and text not in not_negatable, is_tears=text in data.tears)
        for text, weight in weights.items()
    ]


def _by_two_letters(stems: Iterable[_Stem]) -> dict[str, dict[str, tuple[_Stem, ...]]]:
    """Group stems by first and second letter. Stems of one letter are under "" and at the end of every group."""
    grouped: dict[str, dict[str, list[_Stem]]] = {}
    for stem in sorted(stems, key=lambda stem: -len(stem.text)):
        grouped.setdefault(stem.text[0], {}).setdefault(stem.text[1:2], []).append(stem)
    return {
        first: {second: (*group, *(by_second.get("", ()) if second else ())) for second, group in by_second.items()}
        for first, by_second in grouped.items()
    }
