"""The structure of Korean names: a surname of one or rarely two syllables, and a given name of usually two."""

from __future__ import annotations

from typing import NamedTuple

from chalicelib.masking.resources import NAMES

_GIVEN_LENGTH = 2
# Given names, including those that are also words.
GIVEN_NAMES = NAMES.given_names | NAMES.given_names_also_words


class Name(NamedTuple):
    """A surname, empty if unknown, and a given name or nickname."""

    surname: str
    given: str


def split_name(name: str) -> Name:
    """Split a full name into surname and given name. Return any other name as a given name."""
    surname, given = name[:-_GIVEN_LENGTH], name[-_GIVEN_LENGTH:]
    if surname in NAMES.surnames or surname in NAMES.two_syllable_surnames:
        return Name(surname, given)
    return Name("", name)


def sounds_like_given_name(word: str) -> bool:
    """Return whether a word is two syllables that are common as the first and the second of a given name."""
    return len(word) == _GIVEN_LENGTH and word[0] in NAMES.first_syllables and word[1] in NAMES.second_syllables


def is_name(word: str) -> bool:
    """Return whether a word is probably a name, judged without context."""
    given = split_name(word).given
    return word not in NAMES.not_names and (given in GIVEN_NAMES or sounds_like_given_name(given))
