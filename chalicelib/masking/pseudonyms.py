"""Invented names that stand for real ones: of a room, always the same, recognisable, and put back.

A pseudonym ends as its name does, with a vowel, with ㄹ or with another consonant, so the particles that fit one fit
the other and none changes: 지민이가, 쿄련이가. All forms of a name share their last two syllables: 지민 쿄련, 김지민
갼쿄련. The syllables are in ``data/pseudonyms.json`` and stand beside each other in no Korean word.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain

from chalicelib.korean.hangul import FIRST_SYLLABLE, LAST_SYLLABLE, NO_FINAL, final_of, with_final, without_final
from chalicelib.masking.resources import load

TOO_MANY = "[이름]"
# How a Latin name ends in Korean, by its last letters: Michelle, Nicole; Tom, Jane, Jack, Bob; all others in a vowel.
_LATIN_RIEUL = re.compile(r"l(?:le|e)?$", re.IGNORECASE)
_LATIN_CONSONANT = re.compile(r"(?:[mn]e?|ng|[aeiou](?:[bckp]|ck))$", re.IGNORECASE)
# How digits are read: 영, 일, 이, 삼 …
_DIGIT_FINALS = {"0": "ㄴ", "1": "ㄹ", "3": "ㄴ", "6": "ㄴ", "7": "ㄹ", "8": "ㄹ"}


class Pseudonyms:
    """The pseudonyms of one room, handed out as they are asked for.

    Which one a name gets follows from the room and the name. Only where two names would get the same does the later
    asked get another.
    """

    def __init__(self, room: str) -> None:
        self._room = room
        self._stems: dict[str, str] = {}
        # What is put back: for a whole pseudonym, and for its stem where it stands in a form that nobody was given.
        self._names: dict[str, str] = {}
        self._given: dict[str, str] = {}

    def of(self, given: str, surname: str = "") -> str:
        """The pseudonym of a given name or nickname, of a full name where a surname is told.

        When all are taken, by more names than a room has people, it is a token that nothing is put back for.
        """
        key = given.casefold()
        if key not in self._stems:
            free = (stem for stem in self._from_hash(_stems(), key) if stem not in self._given)
            self._stems[key] = next(free, "")
        stem = self._stems[key]
        if not stem:
            return TOO_MANY
        self._given.setdefault(stem, given)
        bare = stem[0] + with_final(stem[1], _final_class(given))
        if not surname:
            self._names.setdefault(bare, given)
            return bare
        full = (family + bare for family in self._from_hash(load("pseudonyms")["family"], surname))
        return next(
            (each for each in full if self._names.setdefault(each, surname + given) == surname + given), TOO_MANY
        )

    def restored(self, text: str) -> str:
        """The text with the names of this room's pseudonyms; others stay."""
        return pattern().sub(self._restored, text)

    def _from_hash(self, choices: Sequence[str], name: str) -> Iterator[str]:
        """All of the choices, from the one that the name's hash in this room points to."""
        digest = hashlib.blake2b(f"{self._room}\0{name}".encode(), digest_size=8).digest()
        first = int.from_bytes(digest) % len(choices)
        return chain(choices[first:], choices[:first])

    def _restored(self, match: re.Match[str]) -> str:
        """The name that a pseudonym stands for, also where it stands with another final or family than it was given."""
        written, bare = match.group(), match["bare"]
        known = self._names.get(written) or self._names.get(bare)
        given = self._given.get(bare[0] + without_final(bare[1]))
        if known or given is None:
            return known or written
        final = final_of(bare[1])
        # 바다는 and 바다를 grow together, 바단 and 바달.
        grown = final != NO_FINAL and _final_class(given) == NO_FINAL and FIRST_SYLLABLE <= given[-1] <= LAST_SYLLABLE
        return given[:-1] + with_final(given[-1], final) if grown else given


def _final_class(name: str) -> str:
    """The final consonant that stands for how a name ends: none, ㄹ, or ㄴ for any other."""
    last = name[-1]
    if FIRST_SYLLABLE <= last <= LAST_SYLLABLE:
        final = final_of(last)
        return final if final in {NO_FINAL, "ㄹ"} else "ㄴ"
    if _LATIN_RIEUL.search(name):
        return "ㄹ"
    return "ㄴ" if _LATIN_CONSONANT.search(name) else _DIGIT_FINALS.get(last, NO_FINAL)


@cache
def _stems() -> tuple[str, ...]:
    syllables = load("pseudonyms")
    return tuple(first + second for first in syllables["first"] for second in syllables["second"])


@cache
def pattern() -> re.Pattern[str]:
    """What finds a pseudonym, of any room."""
    syllables = load("pseudonyms")
    ends = "".join(with_final(second, final) for second in syllables["second"] for final in (NO_FINAL, "ㄴ", "ㄹ"))
    return re.compile(f"[{syllables['family']}]?(?P<bare>[{syllables['first']}][{ends}])")
