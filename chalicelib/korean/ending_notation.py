"""Word endings, in the notation of ``data/endings.json``.

- '습니다' matches every word that ends with it.
- '^네' matches the whole word only.
- '_봄' matches the whole word, and only after another word.
- An ending may begin with the sound before it. 'ㄹ게' matches 갈게 and 먹을게 but not 가게: the syllable before 게 must
  end in ㄹ. 'ㅕ서' needs an open syllable (one without a final consonant) with that vowel, '0면' any open syllable.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from chalicelib.korean.hangul import FIRST_SYLLABLE, NO_FINAL, final_of, vowel_of

T = TypeVar("T")

_OPEN_SYLLABLE = "0"


class EndingTable(Generic[T]):
    """Values by word ending. The longest ending that matches a word wins."""

    def __init__(self) -> None:
        self._words: dict[str, T] = {}
        self._words_after_word: dict[str, T] = {}
        self._tails: dict[str, T] = {}
        # By last syllable: the lengths of its endings in syllables, and whether they need a sound before them.
        self._shapes: dict[str, tuple[tuple[int, bool], ...]] = {}

    def __contains__(self, notation: str) -> bool:
        """Return whether the table has exactly this ending, or this whole word."""
        return notation in self._tails or notation in self._words

    def add(self, notation: str, value: T) -> None:
        """Add an ending with its value."""
        if notation.startswith("^"):
            self._words[notation[1:]] = value
        elif notation.startswith("_"):
            self._words_after_word[notation[1:]] = value
        else:
            self._tails[notation] = value
            needs_sound = notation[0] < FIRST_SYLLABLE
            shapes = {*self._shapes.get(notation[-1], ()), (len(notation) - needs_sound, needs_sound)}
            self._shapes[notation[-1]] = tuple(sorted(shapes, reverse=True))

    def last_syllables(self) -> set[str]:
        """Return the last syllables of all endings. A word with another last syllable matches none."""
        return {notation[-1] for notation in (*self._words, *self._tails)}

    def find_after_word(self, word: str) -> T | None:
        """Return the value of a word that counts only after another word: 나도 봄, but not 봄."""
        return self._words_after_word.get(word)

    def find(self, word: str) -> T | None:
        """Return the value of the longest ending that matches."""
        value = self._words.get(word)
        if value is not None:
            return value
        length = len(word)
        for size, needs_sound in self._shapes.get(word[-1], ()):
            if size + needs_sound > length:
                continue
            tail = word[length - size :]
            value = self._find_after_sound(word[length - size - 1], tail) if needs_sound else self._tails.get(tail)
            if value is not None:
                return value
        return None

    def _find_after_sound(self, syllable: str, tail: str) -> T | None:
        final, vowel = final_of(syllable), vowel_of(syllable)
        if final != NO_FINAL:
            return self._tails.get(final + tail)
        if not vowel:
            return None
        value = self._tails.get(vowel + tail)
        return self._tails.get(_OPEN_SYLLABLE + tail) if value is None else value
