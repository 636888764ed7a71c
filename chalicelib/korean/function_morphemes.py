"""Function morphemes of Korean (조사·어미) in words, by category.

A light reading, word by word: a form of a verb or adjective has an ending, any
other word may have a particle. The categories are in
``data/function_morphemes.json``, which says how it is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from chalicelib.korean.ending_notation import Endings
from chalicelib.korean.endings import ending_of
from chalicelib.korean.hangul import FIRST, LAST, final_of
from chalicelib.korean.nouns import is_verbal, may_have_particle
from chalicelib.korean.verbs import is_verb_form

# In the data file: a syllable that ends in ㅆ, but for 있다, -겠- and 재밌다.
_PAST = "past"
_NO_PAST = "있겠밌"
_PRONOUN_SIZES = (3, 2, 1)
_STEM_SIZES = (2, 1)


class _Inside(NamedTuple):
    category: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Tables:
    names: tuple[str, ...]
    words: Mapping[str, tuple[str, ...]]
    pronouns: Mapping[str, str]
    pronoun_syllables: frozenset[str]
    after_pronouns: frozenset[str]
    particles: Endings[tuple[str, ...]]
    endings: Endings[tuple[str, ...]]
    stems: Mapping[str, str]
    inside: tuple[_Inside, ...]
    any_inside: re.Pattern[str]
    polite: tuple[str, frozenset[str]]
    negation: tuple[str, str]


def functions_of(word: str) -> tuple[str, ...]:
    """Return the categories of the function morphemes in a word."""
    tables = _tables()
    listed = tables.words.get(word)
    if listed is not None:
        return listed
    if not FIRST <= word[-1] <= LAST:
        return ()
    particles = tables.particles.find(word) or ()
    if word[0] in tables.pronoun_syllables:
        for size in _PRONOUN_SIZES:
            if word[:size] in tables.pronouns and word[size:] in tables.after_pronouns:
                return tuple(dict.fromkeys((tables.pronouns[word[:size]], *particles)))
    if particles and may_have_particle(word):
        return particles
    found = tuple(dict.fromkeys(_of_verb(word)))
    return found if found and is_verbal(word) else ()


def _of_verb(word: str) -> list[str]:
    tables = _tables()
    found = list(tables.endings.find(word) or ())
    found += [tables.stems[word[:size]] for size in _STEM_SIZES if word[:size] in tables.stems]
    if tables.any_inside.search(word):
        found += [category for category, pattern in tables.inside if pattern.search(word)]
    ending, (category, levels) = ending_of(word), tables.polite
    if ending is not None and ending.level in levels:
        found.append(category)
    category, negators = tables.negation
    if word[0] in negators and len(word) > 1 and is_verb_form(word[1:]):
        found.append(category)
    return found


def categories() -> tuple[str, ...]:
    """Return the names of all categories."""
    return _tables().names


@cache
def _tables() -> _Tables:
    data = json.loads((Path(__file__).parent / "data" / "function_morphemes.json").read_text("utf-8"))
    listed = data["categories"]
    pronouns = {word: names[0] for word, names in _by_word(listed, "pronouns").items()}
    inside = tuple(_Inside(each["name"], _pattern(each["inside"])) for each in listed if "inside" in each)
    return _Tables(
        names=tuple(category["name"] for category in listed),
        words={word: tuple(names) for word, names in _by_word(listed, "words").items()},
        pronouns=pronouns,
        pronoun_syllables=frozenset(word[0] for word in pronouns),
        after_pronouns=frozenset(("", *" ".join(data["after_pronouns"]).split())),
        particles=_endings(listed, "particles"),
        endings=_endings(listed, "endings"),
        stems={stem: names[0] for stem, names in _by_word(listed, "stems").items()},
        inside=inside,
        any_inside=re.compile("|".join(each.pattern.pattern for each in inside)),
        polite=next((each["name"], frozenset(each["levels"])) for each in listed if "levels" in each),
        negation=next((each["name"], each["negators"]) for each in listed if "negators" in each),
    )


def _pattern(inside: str) -> re.Pattern[str]:
    if inside != _PAST:
        return re.compile(inside)
    syllables = map(chr, range(ord(FIRST), ord(LAST) + 1))
    past = (syllable for syllable in syllables if final_of(syllable) == "ㅆ" and syllable not in _NO_PAST)
    return re.compile(f"[{''.join(past)}]")


def _by_word(categories: list[dict[str, Any]], kind: str) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for category in categories:
        for word in " ".join(category.get(kind, [])).split():
            names.setdefault(word, []).append(category["name"])
    return names


def _endings(categories: list[dict[str, Any]], kind: str) -> Endings[tuple[str, ...]]:
    endings: Endings[tuple[str, ...]] = Endings()
    for notation, names in _by_word(categories, kind).items():
        endings.add(notation, tuple(names))
    return endings
