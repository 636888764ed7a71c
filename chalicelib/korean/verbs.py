"""Forms of Korean verbs and adjectives, told by their stems.

A light reading: from each stem of ``data/verbs.json`` the few syllables follow
that its forms may begin with (나오: 나오, 나온, 나올, 나와, 나왔), and what
may stand after each. Irregular stems need no label: whatever a final consonant
may turn into is made, regular or not, since what is wrong is no word.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from chalicelib.korean.hangul import NO_FINAL, final_of, vowel_of, with_final, with_vowel

_BRIGHT = "ㅏㅑㅗ"
# -아/어 after an open stem: 오 + 아 = 와, 배우 + 어 = 배워, 보이 + 어 = 보여.
_CONTRACTED = {"ㅗ": "ㅘ", "ㅜ": "ㅝ", "ㅣ": "ㅕ", "ㅚ": "ㅙ"}
_SAME_WITH_EO = "ㅏㅓㅐㅔㅕ"
_ANYTHING = "any"
_MODIFIERS = frozenset("ㄴㄹ")
# After these kinds of beginning a form may end.
_COMPLETE = frozenset(("ㄴ", "ㄹ", "어", _ANYTHING))


@dataclass(frozen=True, slots=True)
class _Verbs:
    """``bases`` are what forms begin with, each with the kinds of what may follow; see the data file.

    ``sizes`` are those of the bases that begin with a syllable: most syllables of most words begin none.
    """

    bases: dict[str, frozenset[str]]
    sizes: dict[str, tuple[int, ...]]
    productive: frozenset[str]
    followers: dict[str, tuple[str, ...]]


def is_verb_form(word: str) -> bool:
    """Tell whether a Hangul word is, or ends in, a form of a verb or an adjective."""
    # In plain loops: every new word of a chat comes here.
    verbs = _verbs()
    bases, sizes = verbs.bases, verbs.sizes
    for start, first in enumerate(word):
        for size in sizes.get(first, ()):
            base = word[start : start + size]
            base_kinds = bases.get(base)
            if base_kinds is None or (start and len(base) == 1 and base not in verbs.productive):
                continue
            if _goes_on(base, base_kinds, word[start + size :]):
                return True
    return False


def _goes_on(base: str, kinds: frozenset[str], rest: str) -> bool:
    if len(base) > 1 and not kinds.isdisjoint(_MODIFIERS):
        # With the noun it modifies written to it, too: 만든영화.
        return True
    if not rest:
        return not kinds.isdisjoint(_COMPLETE)
    followers = _verbs().followers
    return _ANYTHING in kinds or any(rest.startswith(followers[kind]) for kind in kinds)


def closing_forms() -> Iterator[str]:
    """Yield the forms that may end a casual sentence and that no ending tells: 떠나, 나타내, 돌아다님, 챙겨감.

    These are -아/어 that a stem has swallowed and -(으)ㅁ, where they are longer than a syllable.
    """
    for stem in " ".join(_data()["stems"]).split():
        last = stem[-1]
        if len(stem) > 1 and final_of(last) == NO_FINAL:
            yield stem[:-1] + with_final(last, "ㅁ")
            # 하 becomes 해, and 그러 becomes 그래.
            if last not in "하러" and vowel_of(last) in _SAME_WITH_EO:
                yield stem


@cache
def _verbs() -> _Verbs:
    data = _data()
    stems, productive = (" ".join(data[name]).split() for name in ("stems", "productive"))
    bases: dict[str, frozenset[str]] = {}
    for stem in (*stems, *productive):
        for base, kind in _bases(stem):
            bases[base] = bases.get(base, frozenset()) | {kind}
    sizes: dict[str, set[int]] = {}
    for base in bases:
        sizes.setdefault(base[0], set()).add(len(base))
    return _Verbs(
        bases,
        {first: tuple(sorted(found)) for first, found in sizes.items()},
        frozenset(base for stem in productive for base, _ in _bases(stem)),
        {kind: tuple(" ".join(lines).split()) for kind, lines in data["followers"].items()},
    )


def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "verbs.json").read_text("utf-8"))
    return data


def _bases(stem: str) -> Iterator[tuple[str, str]]:
    """What forms of a stem begin with, each with the kind of what follows."""
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
    """The stem as it stands before ㄴ, ㄹ and ㅂ: 나오, 만들 without ㄹ, 먹으, 아까우, 들으, 지으, 그러."""
    before, last, final = stem[:-1], stem[-1], final_of(stem[-1])
    bare = before + with_final(last, NO_FINAL)
    if final in {NO_FINAL, "ㄹ"}:
        yield bare
        return
    yield stem + "으"
    if final == "ㅂ":
        yield bare + "우"
    elif final == "ㄷ":
        yield before + with_final(last, "ㄹ") + "으"
    elif final == "ㅅ":
        yield bare + "으"
    elif final == "ㅎ" and before:
        yield bare


def _infinitives(stem: str) -> Iterator[str]:
    """The stem with -아/어: 봐, 먹어, 써, 몰라, 해, 아까워, 들어, 지어, 그래."""
    before, last, final, vowel = stem[:-1], stem[-1], final_of(stem[-1]), vowel_of(stem[-1])
    if final != NO_FINAL:
        yield from _closed_infinitives(before, last, final, vowel)
    elif last == "하":
        yield before + "해"
    elif vowel == "ㅡ":
        dark = not before or vowel_of(before[-1]) not in _BRIGHT
        yield before + with_vowel(last, "ㅓ" if dark else "ㅏ")
        if last == "르" and before:
            yield before[:-1] + with_final(before[-1], "ㄹ") + ("러" if dark else "라")
    elif vowel in _SAME_WITH_EO:
        yield stem
        yield stem + "어"
    else:
        yield stem + ("아" if vowel in _BRIGHT else "어")
        if vowel in _CONTRACTED:
            yield before + with_vowel(last, _CONTRACTED[vowel])


def _closed_infinitives(before: str, last: str, final: str, vowel: str) -> Iterator[str]:
    ending = "아" if vowel in _BRIGHT else "어"
    bare = before + with_final(last, NO_FINAL)
    yield before + last + ending
    if final == "ㅂ":
        yield bare + "워"
        yield bare + "와"
    elif final == "ㄷ":
        yield before + with_final(last, "ㄹ") + ending
    elif final == "ㅅ":
        yield bare + ending
    elif final == "ㅎ" and before:
        yield before + with_vowel(last, "ㅐ")
