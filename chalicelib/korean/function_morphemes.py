"""Recognise the function morphemes (조사·어미) of Korean words, by category.

Words are read one by one, without a morphological analyser: a form of a verb or an adjective has an ending, any other
word may have a particle. ``data/function_morphemes.json`` lists the categories and describes its fields.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from chalicelib import data_files
from chalicelib.data_files import Data
from chalicelib.domain import SpeechLevel
from chalicelib.korean.ending_notation import EndingTable
from chalicelib.korean.endings import ending_of
from chalicelib.korean.hangul import FIRST_SYLLABLE, LAST_SYLLABLE, all_syllables, final_of
from chalicelib.korean.nouns import is_verbal, may_have_particle
from chalicelib.korean.verbs import is_verb_form
from chalicelib.korean.word_list import WordList

# In the data file, this stands for a syllable with the final ㅆ of -았/었.
_PAST = "past"
# The final ㅆ of 있다, -겠- and 재밌다 is not -았/었.
_NOT_PAST = "있겠밌"
_PRONOUN_SIZES = (3, 2, 1)
_STEM_SIZES = (2, 1)


class _Category(Data, frozen=True):
    name: str
    words: WordList = WordList()
    pronouns: WordList = WordList()
    particles: WordList = WordList()
    endings: WordList = WordList()
    stems: WordList = WordList()
    inside: str | None = None
    levels: frozenset[SpeechLevel] = frozenset()
    negators: str = ""


class _MorphemesFile(Data, frozen=True):
    """``data/function_morphemes.json``, which describes its fields."""

    about: tuple[str, ...]
    after_pronouns: WordList
    categories: tuple[_Category, ...]


class _InsidePattern(NamedTuple):
    category: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Tables:
    names: tuple[str, ...]
    words: Mapping[str, tuple[str, ...]]
    pronouns: Mapping[str, str]
    pronoun_syllables: frozenset[str]
    after_pronouns: frozenset[str]
    particles: EndingTable[tuple[str, ...]]
    endings: EndingTable[tuple[str, ...]]
    stems: Mapping[str, str]
    inside: tuple[_InsidePattern, ...]
    any_inside: re.Pattern[str]
    polite: _Category
    negation: _Category


def categories_of(word: str) -> tuple[str, ...]:
    """Return the categories of the function morphemes in a word."""
    tables = _tables()
    categories = tables.words.get(word)
    if categories is not None:
        return categories
    if not FIRST_SYLLABLE <= word[-1] <= LAST_SYLLABLE:
        return ()
    of_particle = tables.particles.find(word) or ()
    if word[0] in tables.pronoun_syllables:
        for size in _PRONOUN_SIZES:
            if word[:size] in tables.pronouns and word[size:] in tables.after_pronouns:
                return tuple(dict.fromkeys((tables.pronouns[word[:size]], *of_particle)))
    if of_particle and may_have_particle(word):
        return of_particle
    of_verb = tuple(dict.fromkeys(_categories_of_verb(word)))
    return of_verb if of_verb and is_verbal(word) else ()


def _categories_of_verb(word: str) -> list[str]:
    tables = _tables()
    categories = list(tables.endings.find(word) or ())
    categories += [tables.stems[word[:size]] for size in _STEM_SIZES if word[:size] in tables.stems]
    if tables.any_inside.search(word):
        categories += [category for category, pattern in tables.inside if pattern.search(word)]
    ending = ending_of(word)
    if ending is not None and ending.level in tables.polite.levels:
        categories.append(tables.polite.name)
    if word[0] in tables.negation.negators and len(word) > 1 and is_verb_form(word[1:]):
        categories.append(tables.negation.name)
    return categories


def category_names() -> tuple[str, ...]:
    """Return the names of all categories."""
    return _tables().names


@cache
def _tables() -> _Tables:
    data = data_files.load(Path(__file__).parent / "data" / "function_morphemes.json", _MorphemesFile)
    categories = data.categories
    pronouns = _first_names({each.name: each.pronouns for each in categories})
    inside = tuple(_InsidePattern(each.name, _inside_pattern(each.inside)) for each in categories if each.inside)
    return _Tables(
        names=tuple(each.name for each in categories),
        words={word: tuple(names) for word, names in _by_word({each.name: each.words for each in categories}).items()},
        pronouns=pronouns,
        pronoun_syllables=frozenset(word[0] for word in pronouns),
        after_pronouns=frozenset(("", *data.after_pronouns)),
        particles=_ending_table({each.name: each.particles for each in categories}),
        endings=_ending_table({each.name: each.endings for each in categories}),
        stems=_first_names({each.name: each.stems for each in categories}),
        inside=inside,
        any_inside=re.compile("|".join(each.pattern.pattern for each in inside)),
        polite=next(each for each in categories if each.levels),
        negation=next(each for each in categories if each.negators),
    )


def _inside_pattern(inside: str) -> re.Pattern[str]:
    if inside != _PAST:
        return re.compile(inside)
    past = (syllable for syllable in all_syllables() if final_of(syllable) == "ㅆ" and syllable not in _NOT_PAST)
    return re.compile(f"[{''.join(past)}]")


def _by_word(words_by_name: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for name, words in words_by_name.items():
        for word in words:
            names.setdefault(word, []).append(name)
    return names


def _first_names(words_by_name: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {word: names[0] for word, names in _by_word(words_by_name).items()}


def _ending_table(words_by_name: Mapping[str, Sequence[str]]) -> EndingTable[tuple[str, ...]]:
    table: EndingTable[tuple[str, ...]] = EndingTable()
    for notation, names in _by_word(words_by_name).items():
        table.add(notation, tuple(names))
    return table
