"""The topic words of a chat: what was talked about, not how.

A light reading without a morphological analyser: tokens of two Hangul
syllables or more, without verb forms and filler words. Some particles (조사)
are sure to be ones; others, such as 이 in 고양이 and in 사람이, may belong to the
word, and all the forms seen decide. The lists are in ``data/words.json``.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

TOKEN = re.compile(r"(?<![가-힣\w/.@])[가-힣]{2,12}(?![가-힣\w@])")
SHORTEST = 2
LONGEST_PARTICLE = 3


@dataclass(frozen=True)
class _Lists:
    sure_particles: frozenset[str]
    possible_particles: frozenset[str]
    verbal_endings: tuple[str, ...]
    stop_words: frozenset[str]


@cache
def _lists() -> _Lists:
    lists = json.loads((Path(__file__).parent / "data" / "words.json").read_text(encoding="utf-8"))
    return _Lists(
        frozenset(lists["sure_particles"]),
        frozenset(lists["possible_particles"]),
        tuple(lists["verbal_endings"]),
        frozenset(lists["stop_words"]),
    )


def topic_forms(text: str) -> list[str]:
    """The topic words of a message as they stand there, in order, possible particles included."""
    return [form for form in map(_form, TOKEN.findall(text)) if form]


def joined(forms: Mapping[str, int]) -> Counter[str]:
    """Counts of words from counts of their forms: 영화, 영화가 and 영화도 are one word.

    A possible particle is taken off where more was said of the shorter form.
    """
    possible = _lists().possible_particles
    shorter = {form: _without(form, possible) for form in forms}
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
    if token in lists.stop_words or token.endswith(lists.verbal_endings):
        return None
    form = _without(token, lists.sure_particles)
    return None if form in lists.stop_words else form


def _without(token: str, particles: frozenset[str]) -> str:
    for length in range(min(LONGEST_PARTICLE, len(token) - SHORTEST), 0, -1):
        if token[-length:] in particles:
            return token[:-length]
    return token
