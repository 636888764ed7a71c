"""How Korean names are built: a surname of one syllable, seldom two, and a given name, mostly of two."""

from __future__ import annotations

from functools import cache

from chalicelib.masking.resources import words

_GIVEN = 2


def split_name(name: str) -> tuple[str, str]:
    """The surname and the given name of a full name; of anything else no surname and the whole."""
    for surnames in ("long_surnames", "surnames"):
        surname, given = name[:-_GIVEN], name[-_GIVEN:]
        if surname in words(surnames):
            return surname, given
    return "", name


@cache
def given_names() -> frozenset[str]:
    """Listed given names, those that are words as well among them."""
    return words("given") | words("words_too")


def sounds_like_given_name(given: str) -> bool:
    """Whether both syllables are such as given names have there."""
    return len(given) == _GIVEN and given[0] in words("firsts") and given[1] in words("seconds")


def is_name(word: str) -> bool:
    """Whether a word alone is rather a name than anything else."""
    _, given = split_name(word)
    return word not in words("not_names") and (given in given_names() or sounds_like_given_name(given))
