"""Find the topic words of a chat: the nouns it talks about.

Words are read without a morphological analyser. A topic word is a token of two Hangul syllables or more that is not a
verb form, an adverb or a filler word. Some particles (조사) are certain. Others may belong to the word, such as 이 in
고양이 and 사람이; the counts of its forms decide. The lists are in ``data/nouns.json``, which describes its fields.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from chalicelib import data_files
from chalicelib.data_files import Data
from chalicelib.domain import SpeechLevel
from chalicelib.korean.endings import ending_of
from chalicelib.korean.hangul import NO_FINAL, final_of
from chalicelib.korean.verbs import is_verb_form
from chalicelib.korean.word_list import WordList

_TOKEN = re.compile(r"(?<![가-힣\w/.@])[가-힣]{2,12}(?![가-힣\w@])")
_MIN_LENGTH = 2
# Reading an enum member from its class is slow in Python 3.11.
_NEUTRAL = SpeechLevel.NEUTRAL
# It follows a vowel or ㄹ: 카페로 and 서울로, but 집으로.
_RO = "로"


class _Affixes:
    """Beginnings or ends of words. Each is tried from the longest to the shortest."""

    def __init__(self, words: WordList) -> None:
        self._words = frozenset(words)
        self._by_first: dict[str, list[str]] = {}
        self._by_last: dict[str, list[str]] = {}
        for word in sorted(words, key=len, reverse=True):
            self._by_first.setdefault(word[0], []).append(word)
            self._by_last.setdefault(word[-1], []).append(word)

    def __contains__(self, word: str) -> bool:
        return word in self._words

    def remove_prefix(self, word: str) -> list[str]:
        """Return the word without each affix that it begins with."""
        return [word[len(affix) :] for affix in self._by_first.get(word[:1], ()) if word.startswith(affix)]

    def remove_suffix(self, word: str) -> list[str]:
        """Return the word without each affix that it ends with."""
        return [word[: -len(affix)] for affix in self._by_last.get(word[-1:], ()) if word.endswith(affix)]


class _NounsFile(Data, frozen=True):
    """``data/nouns.json``, which describes its fields."""

    about: tuple[str, ...]
    sure_particles: WordList
    possible_particles: WordList
    after_final: WordList
    after_vowel: WordList
    determiners: WordList
    dependent: WordList
    numerals: WordList
    counters: WordList
    attached: WordList
    nouns: WordList
    stop_words: WordList


@dataclass(frozen=True)
class _Lists:
    sure_particles: _Affixes
    possible_particles: frozenset[str]
    after_final: frozenset[str]
    after_vowel: frozenset[str]
    determiners: _Affixes
    dependent: _Affixes
    attached: _Affixes
    numerals: frozenset[str]
    counters: frozenset[str]
    nouns: frozenset[str]
    stop_words: frozenset[str]


@cache
def _lists() -> _Lists:
    data = data_files.load(Path(__file__).parent / "data" / "nouns.json", _NounsFile)
    return _Lists(
        sure_particles=_Affixes(data.sure_particles),
        possible_particles=frozenset(data.possible_particles),
        after_final=frozenset(data.after_final),
        after_vowel=frozenset(data.after_vowel),
        determiners=_Affixes(data.determiners),
        dependent=_Affixes(data.dependent),
        attached=_Affixes(data.attached),
        numerals=frozenset(data.numerals),
        counters=frozenset(data.counters),
        nouns=frozenset(data.nouns),
        stop_words=frozenset(data.stop_words),
    )


def topic_forms(text: str) -> list[str]:
    """Return the topic words of a message in order, as written: possible particles are still attached."""
    return [form for form in map(_topic_form, _TOKEN.findall(text)) if form]


def merge_forms(forms: Mapping[str, int]) -> Counter[str]:
    """Return the counts of words, given the counts of their forms: 영화, 영화가 and 영화도 are one word.

    A possible particle is removed if the shorter form occurs more often than the longer one.
    """
    shorter = {form: _without_possible_particle(form) for form in forms}
    support: Counter[str] = Counter(forms)
    for form, short in shorter.items():
        if short != form:
            support[short] += forms[form]
    words: Counter[str] = Counter()
    for form, short in shorter.items():
        words[short if support[short] > support[form] else form] += forms[form]
    return Counter({word: count for word, count in words.items() if word not in _lists().stop_words})


@lru_cache(maxsize=65_536)
def _topic_form(token: str) -> str | None:
    """Return a token as a topic word without its sure particle, None if it is not a topic."""
    lists = _lists()
    if token in lists.nouns:
        return token
    if token in lists.stop_words:
        return None
    form = _without_sure_particle(token)
    noun = _listed_noun(form)
    if noun is not None:
        return None if noun in lists.stop_words else noun
    if form in lists.stop_words or lists.attached.remove_suffix(form) or _is_not_noun(token):
        return None
    # The rest may be a verb (보여주|는) or one syllable with another particle (집에서|는).
    return None if form != token and _is_not_noun(form) else form


def _listed_noun(form: str) -> str | None:
    """Return the listed noun in a form that also has a particle, a determiner (이가격) or a dependent noun (여자분)."""
    lists = _lists()
    short = _without_possible_particle(form)
    for word in (form, short) if short != form else (form,):
        for noun in (word, *lists.determiners.remove_prefix(word), *lists.dependent.remove_suffix(word)):
            if noun in lists.nouns or noun in lists.stop_words:
                return noun
    return None


def may_have_particle(word: str) -> bool:
    """Return whether the particle that a word seems to end with can be one: in 영화가, but not in 작가 and 들어가."""
    lists = _lists()
    if word in lists.nouns or word in lists.stop_words:
        return False
    return not is_verbal(word) or _listed_noun(_without_sure_particle(word)) in lists.nouns


# Cached because a word needs it twice: for its topic and for its function morphemes.
@lru_cache(maxsize=65_536)
def is_verbal(word: str) -> bool:
    """Return whether a word is, or ends in, a form of a verb or an adjective, or has another sentence ending."""
    ending = ending_of(word)
    return (ending is not None and ending.level is not _NEUTRAL) or is_verb_form(word)


def _is_not_noun(token: str) -> bool:
    return (
        is_verbal(token)
        or _is_syllable_with_particle(token)
        or _is_repeated(token)
        or (token[0] in _lists().numerals and token[1:] in _lists().counters)
    )


def _is_syllable_with_particle(token: str) -> bool:
    """Return whether a token is a noun of one syllable, too short for a topic, with a particle: 말이, 끝까지."""
    rest = token[1:]
    return rest in _lists().sure_particles or rest in _lists().possible_particles


def _is_repeated(token: str) -> bool:
    """Return whether a token repeats itself, as words for sounds and movements do: 살살, 추적추적."""
    half = len(token) // 2
    return token[:half] * 2 == token or token == token[0] * len(token)


def _without_possible_particle(form: str) -> str:
    lists = _lists()
    if form in lists.nouns or len(form) <= _MIN_LENGTH or form[-1] not in lists.possible_particles:
        return form
    particle, final = form[-1], final_of(form[-2])
    if particle == _RO and final == "ㄹ":
        return form[:-1]
    return form if particle in (lists.after_final if final == NO_FINAL else lists.after_vowel) else form[:-1]


def _without_sure_particle(token: str) -> str:
    forms = _lists().sure_particles.remove_suffix(token)
    return next((form for form in forms if len(form) >= _MIN_LENGTH), token)
