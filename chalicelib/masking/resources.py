"""The data files of masking, decoded into types."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from chalicelib.data_files import Data, load

_DATA = Path(__file__).parent / "data"

Check = Literal["none", "birth", "luhn", "account", "place", "handle"]


class WordSet(frozenset[str]):
    """A list of words, separated by a comma and a space in the data file."""

    __slots__ = ()

    @classmethod
    def from_data(cls, value: object) -> WordSet:
        """Decode the JSON value."""
        if not isinstance(value, str):
            raise TypeError("Expected words, separated by a comma and a space")
        return cls(value.split(", "))

    def to_pattern(self) -> str:
        """Return a pattern that matches one of the words, the longest first."""
        return "|".join(sorted(self, key=lambda word: (-len(word), word)))


class Syllables(frozenset[str]):
    """A set of syllables, written as one string in the data file."""

    __slots__ = ()

    @classmethod
    def from_data(cls, value: object) -> Syllables:
        """Decode the JSON value."""
        if not isinstance(value, str):
            raise TypeError("Expected a string of syllables")
        return cls(value)


class Names(Data, frozen=True):
    """``names.json``: word lists that identify Korean names."""

    about: str
    surnames: WordSet
    two_syllable_surnames: WordSet
    given_names: WordSet
    given_names_also_words: WordSet
    first_syllables: Syllables
    second_syllables: Syllables
    titles: WordSet
    weak_titles: WordSet
    particles: WordSet
    not_names: WordSet
    compounds: WordSet
    words_before_name: WordSet
    not_display_names: WordSet


class IdentifierKind(Data, frozen=True):
    """A kind of identifier: its patterns and the token that replaces a match."""

    name: str
    token: str
    source: str
    patterns: tuple[str, ...]
    check: Check = "none"


class Identifiers(Data, frozen=True):
    """``identifiers.json``: patterns of identifiers, and words that only look like one."""

    about: str
    parts: dict[str, str]
    kinds: tuple[IdentifierKind, ...]
    not_roads: WordSet
    not_lots: WordSet
    not_handles: WordSet


class PseudonymSyllables(Data, frozen=True):
    """``pseudonyms.json``: the syllables of pseudonyms, in a fixed order."""

    about: str
    first_syllables: str
    second_syllables: str
    family_syllables: str


NAMES = load(_DATA / "names.json", Names)
IDENTIFIERS = load(_DATA / "identifiers.json", Identifiers)
PSEUDONYM_SYLLABLES = load(_DATA / "pseudonyms.json", PseudonymSyllables)
