"""Recognise forms of Korean verbs and adjectives by their stems, without a morphological analyser.

Each stem of ``data/verbs.json`` yields the few syllables that its forms may begin with (나오: 나오, 나온, 나올, 나와,
나왔). The file also lists the syllables that may follow each. Irregular stems need no label: every change that a final
consonant may undergo is generated, regular or not, because a wrong form is not a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from chalicelib import data_files
from chalicelib.data_files import Data
from chalicelib.korean.hangul import BRIGHT_VOWELS, NO_FINAL, final_of, vowel_of, with_final, with_vowel
from chalicelib.korean.word_list import WordList

# -아/어 after an open stem: 오 + 아 = 와, 배우 + 어 = 배워, 보이 + 어 = 보여.
_CONTRACTIONS = {"ㅗ": "ㅘ", "ㅜ": "ㅝ", "ㅣ": "ㅕ", "ㅚ": "ㅙ"}
# Vowels that absorb -아/어: 가 + 아 = 가, 보내 + 어 = 보내.
_ABSORBING_VOWELS = "ㅏㅓㅐㅔㅕ"
_ANYTHING = "any"
_MODIFIERS = frozenset("ㄴㄹ")
# A form may end after a base of these kinds.
_COMPLETE_KINDS = frozenset(("ㄴ", "ㄹ", "어", _ANYTHING))


class _VerbsFile(Data, frozen=True):
    """``data/verbs.json``, which describes its fields."""

    about: tuple[str, ...]
    productive: WordList
    followers: dict[str, WordList]
    stems: WordList


@dataclass(frozen=True, slots=True)
class _Verbs:
    """Bases are what forms begin with, each with the kinds of its followers.

    ``sizes`` has the lengths of the bases by first syllable. It keeps the search short, because no base begins with
    most of the syllables.
    """

    bases: dict[str, frozenset[str]]
    sizes: dict[str, tuple[int, ...]]
    productive: frozenset[str]
    followers: dict[str, WordList]


def is_verb_form(word: str) -> bool:
    """Return whether a Hangul word is, or ends in, a form of a verb or an adjective."""
    # Plain loops, because this runs for every new word of a chat.
    verbs = _verbs()
    bases, sizes = verbs.bases, verbs.sizes
    for start, first in enumerate(word):
        for size in sizes.get(first, ()):
            base = word[start : start + size]
            base_kinds = bases.get(base)
            if base_kinds is None or (start and len(base) == 1 and base not in verbs.productive):
                continue
            if _is_completed_by(base, base_kinds, word[start + size :]):
                return True
    return False


def _is_completed_by(base: str, kinds: frozenset[str], rest: str) -> bool:
    if len(base) > 1 and not kinds.isdisjoint(_MODIFIERS):
        # The noun that it modifies may follow without a space: 만든영화.
        return True
    if not rest:
        return not kinds.isdisjoint(_COMPLETE_KINDS)
    followers = _verbs().followers
    return _ANYTHING in kinds or any(rest.startswith(followers[kind]) for kind in kinds)


def closing_forms() -> Iterator[str]:
    """Yield the forms that may end a casual sentence but have no ending of their own: 떠나, 나타내, 돌아다님, 챙겨감.

    These are forms in which the stem has absorbed -아/어, and forms with -(으)ㅁ, of at least two syllables.
    """
    for stem in _data().stems:
        last = stem[-1]
        if len(stem) > 1 and final_of(last) == NO_FINAL:
            yield stem[:-1] + with_final(last, "ㅁ")
            # 하 becomes 해, and 그러 becomes 그래.
            if last not in "하러" and vowel_of(last) in _ABSORBING_VOWELS:
                yield stem


@cache
def _verbs() -> _Verbs:
    data = _data()
    bases: dict[str, frozenset[str]] = {}
    for stem in (*data.stems, *data.productive):
        for base, kind in _bases(stem):
            bases[base] = bases.get(base, frozenset()) | {kind}
    sizes: dict[str, set[int]] = {}
    for base in bases:
        sizes.setdefault(base[0], set()).add(len(base))
    return _Verbs(
        bases,
        {first: tuple(sorted(lengths)) for first, lengths in sizes.items()},
        frozenset(base for stem in data.productive for base, _ in _bases(stem)),
        data.followers,
    )


@cache
def _data() -> _VerbsFile:
    return data_files.load(Path(__file__).parent / "data" / "verbs.json", _VerbsFile)


def _bases(stem: str) -> Iterator[tuple[str, str]]:
    """Yield the syllables that forms of a stem begin with, each with the kind of its followers."""
    yield stem, "stem"
    for open_stem in _open_stems(stem):
        last = open_stem[-1]
        yield open_stem, "open"
        yield open_stem[:-1] + with_final(last, "ㄴ"), "ㄴ"
        yield open_stem[:-1] + with_final(last, "ㄹ"), "ㄹ"
        yield open_stem[:-1] + with_final(last, "ㅂ"), "ㅂ"
        yield open_stem[:-1] + with_final(last, "ㅁ"), "ㅁ"
    for infinitive in _infinitives(stem):
        yield infinitive, "어"
        yield infinitive[:-1] + with_final(infinitive[-1], "ㅆ"), _ANYTHING


def _open_stems(stem: str) -> Iterator[str]:
    """Yield the stem as it is before ㄴ, ㄹ and ㅂ: 나오, 만드, 먹으, 아까우, 들으, 지으, 그러."""
    start, last, final = stem[:-1], stem[-1], final_of(stem[-1])
    bare = start + with_final(last, NO_FINAL)
    if final in {NO_FINAL, "ㄹ"}:
        yield bare
        return
    yield stem + "으"
    if final == "ㅂ":
        yield bare + "우"
    elif final == "ㄷ":
        yield start + with_final(last, "ㄹ") + "으"
    elif final == "ㅅ":
        yield bare + "으"
    elif final == "ㅎ" and start:
        yield bare


def _infinitives(stem: str) -> Iterator[str]:
    """Yield the stem with -아/어: 봐, 먹어, 써, 몰라, 해, 아까워, 들어, 지어, 그래."""
    start, last, final, vowel = stem[:-1], stem[-1], final_of(stem[-1]), vowel_of(stem[-1])
    if final != NO_FINAL:
        yield from _closed_infinitives(start, last, final, vowel)
    elif last == "하":
        yield start + "해"
    elif vowel == "ㅡ":
        dark = not start or vowel_of(start[-1]) not in BRIGHT_VOWELS
        yield start + with_vowel(last, "ㅓ" if dark else "ㅏ")
        if last == "르" and start:
            yield start[:-1] + with_final(start[-1], "ㄹ") + ("러" if dark else "라")
    elif vowel in _ABSORBING_VOWELS:
        yield stem
        yield stem + "어"
    else:
        yield stem + ("아" if vowel in BRIGHT_VOWELS else "어")
        if vowel in _CONTRACTIONS:
            yield start + with_vowel(last, _CONTRACTIONS[vowel])


def _closed_infinitives(start: str, last: str, final: str, vowel: str) -> Iterator[str]:
    ending = "아" if vowel in BRIGHT_VOWELS else "어"
    bare = start + with_final(last, NO_FINAL)
    yield start + last + ending
    if final == "ㅂ":
        yield bare + "워"
        yield bare + "와"
    elif final == "ㄷ":
        yield start + with_final(last, "ㄹ") + ending
    elif final == "ㅅ":
        yield bare + ending
    elif final == "ㅎ" and start:
        yield start + with_vowel(last, "ㅐ")
