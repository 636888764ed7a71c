"""Endings of words, in the notation of ``data/endings.json``.

'습니다' fits every word that ends so, '^네' the whole word only, '_봄' the whole
word after another one. An ending may begin with the sound before it: 'ㄹ게' fits
갈게 and 먹을게 but not 가게, 'ㅕ서' asks for an open syllable with that vowel,
'0면' for any open syllable.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from chalicelib.korean.hangul import FIRST, NO_FINAL, final_of, vowel_of

T = TypeVar("T")

# Any syllable without a final consonant.
_OPEN = "0"


class Endings(Generic[T]):
    """What endings say, by the notation of the data files; the longest that fits a word wins."""

    def __init__(self) -> None:
        self._whole: dict[str, T] = {}
        self._after_others: dict[str, T] = {}
        self._tails: dict[str, T] = {}
        # By last syllable: how many syllables its endings have, and whether they ask for a sound before them.
        self._shapes: dict[str, tuple[tuple[int, bool], ...]] = {}

    def add(self, notation: str, said: T) -> None:
        """Add one ending of the data file."""
        if notation.startswith("^"):
            self._whole[notation[1:]] = said
        elif notation.startswith("_"):
            self._after_others[notation[1:]] = said
        else:
            self._tails[notation] = said
            after_sound = notation[0] < FIRST
            shapes = {*self._shapes.get(notation[-1], ()), (len(notation) - after_sound, after_sound)}
            self._shapes[notation[-1]] = tuple(sorted(shapes, reverse=True))

    def knows(self, notation: str) -> bool:
        """Tell whether this very ending was added, as one or as a whole word."""
        return notation in self._tails or notation in self._whole

    def last_syllables(self) -> set[str]:
        """Return the last syllables of all endings: a word with another one has none of them."""
        return {notation[-1] for notation in (*self._whole, *self._tails)}

    def find_after_others(self, word: str) -> T | None:
        """Return what the word says when it follows another: 나도 봄, but not 봄."""
        return self._after_others.get(word)

    def find(self, word: str) -> T | None:
        """Return what the longest ending that fits says."""
        found = self._whole.get(word)
        if found:
            return found
        length = len(word)
        for size, after_sound in self._shapes.get(word[-1], ()):
            if size + after_sound > length:
                continue
            tail = word[length - size :]
            found = self._after_sound(word[length - size - 1], tail) if after_sound else self._tails.get(tail)
            if found:
                return found
        return None

    def _after_sound(self, before: str, tail: str) -> T | None:
        final, vowel = final_of(before), vowel_of(before)
        if final != NO_FINAL:
            return self._tails.get(final + tail)
        return (self._tails.get(vowel + tail) or self._tails.get(_OPEN + tail)) if vowel else None
