"""Invented names that replace real names: constant within a room, recognisable and reversible.

A pseudonym has the same class of final consonant as its name (none, ㄹ or any other), so the particles after the name
fit the pseudonym and stay unchanged: 지민이가, 쿄련이가. All forms of a name share the last two syllables of their
pseudonyms: 지민 쿄련, 김지민 갼쿄련. No two of the syllables in ``data/pseudonyms.json`` are adjacent in a Korean word.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from itertools import chain

from chalicelib.korean.hangul import FIRST_SYLLABLE, LAST_SYLLABLE, NO_FINAL, final_of, with_final, without_final
from chalicelib.masking.resources import PSEUDONYM_SYLLABLES as SYLLABLES

# Replaces a name if all pseudonyms of the room are taken. It is never restored.
NAME_TOKEN = "[이름]"  # noqa: S105 (a placeholder, not a secret)
# Pseudonyms without final consonant and without family syllable.
_STEMS = tuple(first + second for first in SYLLABLES.first_syllables for second in SYLLABLES.second_syllables)
_SECOND_WITH_FINALS = "".join(
    with_final(second, final) for second in SYLLABLES.second_syllables for final in (NO_FINAL, "ㄴ", "ㄹ")
)
# Matches a pseudonym of any room.
PATTERN = re.compile(f"[{SYLLABLES.family_syllables}]?(?P<bare>[{SYLLABLES.first_syllables}][{_SECOND_WITH_FINALS}])")
# Latin names whose Korean pronunciation ends in ㄹ (Michelle, Nicole) or in another consonant (Tom, Jane, Jack, Bob).
# All other Latin names end in a vowel.
_LATIN_RIEUL = re.compile(r"l(?:le|e)?$", re.IGNORECASE)
_LATIN_CONSONANT = re.compile(r"(?:[mn]e?|ng|[aeiou](?:[bckp]|ck))$", re.IGNORECASE)
# Digits whose Korean pronunciation ends in a consonant: 영, 일, 삼, 육, 칠, 팔.
_DIGIT_FINALS = {"0": "ㄴ", "1": "ㄹ", "3": "ㄴ", "6": "ㄴ", "7": "ㄹ", "8": "ㄹ"}


class Pseudonyms:
    """The pseudonyms of one room.

    The pseudonym of a name is derived from the room and the name. If it is already taken by another name, the name
    that was requested later gets the next free one.
    """

    def __init__(self, room: str) -> None:
        self._room = room
        self._stems_by_name: dict[str, str] = {}
        self._names_by_stem: dict[str, str] = {}
        self._names_by_pseudonym: dict[str, str] = {}

    def of(self, given: str, surname: str = "") -> str:
        """Return the pseudonym of a given name or nickname, or of a full name if ``surname`` is set.

        Return ``NAME_TOKEN`` if all pseudonyms are taken, which takes more names than a room has participants.
        """
        stem = self._stem_of(given)
        if not stem:
            return NAME_TOKEN
        self._names_by_stem.setdefault(stem, given)
        bare = stem[0] + with_final(stem[1], _final_class(given))
        if not surname:
            self._names_by_pseudonym.setdefault(bare, given)
            return bare
        name = surname + given
        candidates = (family + bare for family in self._from_hash(SYLLABLES.family_syllables, surname))
        free_pseudonyms = (each for each in candidates if self._names_by_pseudonym.setdefault(each, name) == name)
        return next(free_pseudonyms, NAME_TOKEN)

    def restore(self, text: str) -> str:
        """Replace the pseudonyms of this room by their names. Leave other pseudonyms."""
        return PATTERN.sub(self._restore_match, text)

    def _stem_of(self, given: str) -> str:
        """Return the stem of a name's pseudonym. Empty if all stems are taken."""
        key = given.casefold()
        if key not in self._stems_by_name:
            free_stems = (stem for stem in self._from_hash(_STEMS, key) if stem not in self._names_by_stem)
            self._stems_by_name[key] = next(free_stems, "")
        return self._stems_by_name[key]

    def _from_hash(self, choices: Sequence[str], name: str) -> Iterator[str]:
        """Return all choices in rotation, beginning at the one that the hash of the room and the name selects."""
        digest = hashlib.blake2b(f"{self._room}\0{name}".encode(), digest_size=8).digest()
        first = int.from_bytes(digest) % len(choices)
        return chain(choices[first:], choices[:first])

    def _restore_match(self, match: re.Match[str]) -> str:
        """Return the name of a pseudonym, even if a model changed its final consonant or its family syllable."""
        pseudonym, bare = match.group(), match["bare"]
        name = self._names_by_pseudonym.get(pseudonym) or self._names_by_pseudonym.get(bare)
        given = self._names_by_stem.get(bare[0] + without_final(bare[1]))
        if name or given is None:
            return name or pseudonym
        final = final_of(bare[1])
        # A particle was contracted into the name: 바다는 is written 바단, 바다를 is written 바달.
        ends_in_vowel = FIRST_SYLLABLE <= given[-1] <= LAST_SYLLABLE and _final_class(given) == NO_FINAL
        is_contracted = final != NO_FINAL and ends_in_vowel
        return given[:-1] + with_final(given[-1], final) if is_contracted else given


def _final_class(name: str) -> str:
    """Return the class of a name's final consonant: ``NO_FINAL``, ㄹ, or ㄴ for any other."""
    last = name[-1]
    if FIRST_SYLLABLE <= last <= LAST_SYLLABLE:
        final = final_of(last)
        return final if final in {NO_FINAL, "ㄹ"} else "ㄴ"
    if _LATIN_RIEUL.search(name):
        return "ㄹ"
    return "ㄴ" if _LATIN_CONSONANT.search(name) else _DIGIT_FINALS.get(last, NO_FINAL)
