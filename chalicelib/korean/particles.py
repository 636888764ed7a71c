"""Particles that depend on the last sound of the word before them (은/는, 이/가, 으로/로)."""

from __future__ import annotations

from chalicelib.korean.hangul import NO_FINAL, final_of


def with_particle(word: str, pair: str) -> str:
    """Return the word with its particle, chosen from a pair such as ``은/는`` by the word's last sound."""
    after_final, after_vowel = pair.split("/")
    final = final_of(word[-1])
    # 으로 is the only particle that a final ㄹ does not take: 서울로, but 집으로.
    takes_final = final != NO_FINAL and not (after_final == "으로" and final == "ㄹ")
    return word + (after_final if takes_final else after_vowel)
