"""Particles that depend on the last sound of the word before them (은/는, 이/가, 으로/로)."""

from __future__ import annotations

_SYLLABLES = range(ord("가"), ord("힣") + 1)
_FINALS = 28
_RIEUL = 8


def with_particle(word: str, pair: str) -> str:
    """Return the word with its particle, chosen from a pair such as ``은/는`` by the word's last sound."""
    after_final, after_vowel = pair.split("/")
    code = ord(word[-1])
    final = (code - _SYLLABLES.start) % _FINALS if code in _SYLLABLES else 0
    # 으로 is the one particle that a final ㄹ does not ask for: 서울로, 집으로.
    takes_final = final != 0 and not (after_final == "으로" and final == _RIEUL)
    return word + (after_final if takes_final else after_vowel)
