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


@dataclass(frozen=True)
class _Lists:
    sure_particles: tuple[str, ...]
    possible_particles: tuple[str, ...]
    verbal_endings: tuple[str, ...]
    stop_words: frozenset[str]


@cache
def _lists() -> _Lists:
    lists = json.loads((Path(__file__).parent / "data" / "words.json").read_text(encoding="utf-8"))
    longest_first = sorted(lists["sure_particles"], key=len, reverse=True)
    return _Lists(
        tuple(longest_first),
        tuple(lists["possible_particles"]),
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
    support: Counter[str] = Counter()
    for form, count in forms.items():
        for word in _readings(form):
            support[word] += count
    words: Counter[str] = Counter()
    for form, count in forms.items():
        words[max(_readings(form), key=lambda word: (support[word], len(word)))] += count
    return Counter({word: count for word, count in words.items() if word not in _lists().stop_words})


@lru_cache(maxsize=65_536)
def _form(token: str) -> str | None:
    lists = _lists()
    if token in lists.stop_words or token.endswith(lists.verbal_endings):
        return None
    form = _without(token, lists.sure_particles)
    return None if form in lists.stop_words else form


def _readings(form: str) -> tuple[str, ...]:
    shorter = _without(form, _lists().possible_particles)
    return (form,) if shorter == form else (form, shorter)


def _without(token: str, particles: tuple[str, ...]) -> str:
    particle = next((p for p in particles if token.endswith(p) and len(token) - len(p) >= SHORTEST), "")
    return token.removesuffix(particle)
