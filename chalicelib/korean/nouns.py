"""The topic words of a chat: what was talked about, not how.

A light reading without a morphological analyser: tokens of two Hangul
syllables or more, without forms of verbs, adverbs and filler words. Some
particles (조사) are sure to be ones; others, such as 이 in 고양이 and in 사람이,
may belong to the word, and all the forms seen decide. The lists are in
``data/nouns.json``, which says how it is read.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from chalicelib.domain import SpeechLevel
from chalicelib.korean.endings import ending_of
from chalicelib.korean.hangul import NO_FINAL, final_of
from chalicelib.korean.verbs import is_verb_form

TOKEN = re.compile(r"(?<![가-힣\w/.@])[가-힣]{2,12}(?![가-힣\w@])")
SHORTEST = 2
NEUTRAL = SpeechLevel.NEUTRAL
# 카페로 and 서울로, but 집으로.
AFTER_VOWEL_OR_L = "로"


class _Affixes:
    """What a word may begin or end with; at each end the longest first."""

    def __init__(self, words: list[str]) -> None:
        self._words = frozenset(words)
        self._by_first: dict[str, list[str]] = {}
        self._by_last: dict[str, list[str]] = {}
        for word in sorted(words, key=len, reverse=True):
            self._by_first.setdefault(word[0], []).append(word)
            self._by_last.setdefault(word[-1], []).append(word)

    def __contains__(self, word: str) -> bool:
        return word in self._words

    def without_beginning(self, word: str) -> list[str]:
        """Return the word without each that it begins with."""
        return [word[len(each) :] for each in self._by_first.get(word[:1], ()) if word.startswith(each)]

    def without_end(self, word: str) -> list[str]:
        """Return the word without each that it ends with."""
        return [word[: -len(each)] for each in self._by_last.get(word[-1:], ()) if word.endswith(each)]


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
    data = json.loads((Path(__file__).parent / "data" / "nouns.json").read_text(encoding="utf-8"))
    lists = {name: " ".join(lines).split() for name, lines in data.items()}
    return _Lists(
        sure_particles=_Affixes(lists["sure_particles"]),
        possible_particles=frozenset(lists["possible_particles"]),
        after_final=frozenset(lists["after_final"]),
        after_vowel=frozenset(lists["after_vowel"]),
        determiners=_Affixes(lists["determiners"]),
        dependent=_Affixes(lists["dependent"]),
        attached=_Affixes(lists["attached"]),
        numerals=frozenset(lists["numerals"]),
        counters=frozenset(lists["counters"]),
        nouns=frozenset(lists["nouns"]),
        stop_words=frozenset(lists["stop_words"]),
    )


def topic_forms(text: str) -> list[str]:
    """The topic words of a message as they stand there, in order, possible particles included."""
    return [form for form in map(_form, TOKEN.findall(text)) if form]


def joined(forms: Mapping[str, int]) -> Counter[str]:
    """Counts of words from counts of their forms: 영화, 영화가 and 영화도 are one word.

    A possible particle is taken off where more was said of the shorter form.
    """
    shorter = {form: _without_possible(form) for form in forms}
    support: Counter[str] = Counter(forms)
    for form, short in shorter.items():
        if short != form:
            support[short] += forms[form]
    words: Counter[str] = Counter()
    for form, short in shorter.items():
        words[short if support[short] > support[form] else form] += forms[form]
    return Counter({word: count for word, count in words.items() if word not in _lists().stop_words})


@lru_cache(maxsize=65_536)
def _form(token: str) -> str | None:
    lists = _lists()
    if token in lists.nouns:
        return token
    if token in lists.stop_words:
        return None
    form = _without_sure(token)
    noun = _known_noun(form)
    if noun is not None:
        return None if noun in lists.stop_words else noun
    if form in lists.stop_words or lists.attached.without_end(form) or _is_no_noun(token):
        return None
    # What is left may be a verb (보여주|는) or one syllable with another particle (집에서|는).
    return None if form != token and _is_no_noun(form) else form


def _known_noun(form: str) -> str | None:
    """The known noun in a form that has a particle, a determiner (이가격) or something dependent (여자분) with it."""
    lists = _lists()
    short = _without_possible(form)
    for word in (form, short) if short != form else (form,):
        for noun in (word, *lists.determiners.without_beginning(word), *lists.dependent.without_end(word)):
            if noun in lists.nouns or noun in lists.stop_words:
                return noun
    return None


def may_have_particle(word: str) -> bool:
    """Tell whether what looks like a particle at the end of a word can be one: 영화가, but not 작가 and 들어가."""
    lists = _lists()
    if word in lists.nouns or word in lists.stop_words:
        return False
    return not is_verbal(word) or _known_noun(_without_sure(word)) in lists.nouns


# Asked for a word's topic and for its function morphemes.
@lru_cache(maxsize=65_536)
def is_verbal(word: str) -> bool:
    """Tell whether a word is, or ends in, a form of a verb or an adjective, or ends a sentence otherwise."""
    ending = ending_of(word)
    return (ending is not None and ending.level is not NEUTRAL) or is_verb_form(word)


def _is_no_noun(token: str) -> bool:
    return (
        is_verbal(token)
        or _is_a_syllable_with_a_particle(token)
        or _is_repeated(token)
        or (token[0] in _lists().numerals and token[1:] in _lists().counters)
    )


def _is_a_syllable_with_a_particle(token: str) -> bool:
    """Such as 말이 and 끝까지: their nouns are too short to be a topic."""
    rest = token[1:]
    return rest in _lists().sure_particles or rest in _lists().possible_particles


def _is_repeated(token: str) -> bool:
    """Such as 살살 and 추적추적: how something sounds or moves."""
    half = len(token) // 2
    return token[:half] * 2 == token or token == token[0] * len(token)


def _without_possible(form: str) -> str:
    lists = _lists()
    if form in lists.nouns or len(form) <= SHORTEST or form[-1] not in lists.possible_particles:
        return form
    particle, final = form[-1], final_of(form[-2])
    if particle == AFTER_VOWEL_OR_L and final == "ㄹ":
        return form[:-1]
    return form if particle in (lists.after_final if final == NO_FINAL else lists.after_vowel) else form[:-1]


def _without_sure(token: str) -> str:
    left = _lists().sure_particles.without_end(token)
    return next((form for form in left if len(form) >= SHORTEST), token)
