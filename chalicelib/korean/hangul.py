"""Hangul syllables taken apart and put together."""

from __future__ import annotations

FIRST, LAST = "가", "힣"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
NO_FINAL = " "
FINALS = NO_FINAL + "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"

_FIRST_CODE = ord(FIRST)


def final_of(syllable: str) -> str:
    """Return a syllable's final consonant (받침), a space when it has none."""
    if not FIRST <= syllable <= LAST:
        return NO_FINAL
    return FINALS[(ord(syllable) - _FIRST_CODE) % len(FINALS)]


def vowel_of(syllable: str) -> str:
    """Return a syllable's vowel, empty for anything but a Hangul syllable."""
    if not FIRST <= syllable <= LAST:
        return ""
    return VOWELS[(ord(syllable) - _FIRST_CODE) // len(FINALS) % len(VOWELS)]


def with_final(syllable: str, final: str) -> str:
    """Return the Hangul syllable with another final consonant, ``NO_FINAL`` for none."""
    code = ord(syllable) - _FIRST_CODE
    return chr(_FIRST_CODE + code - code % len(FINALS) + FINALS.index(final))


def without_final(syllable: str) -> str:
    """Return a character without the final consonant it may have."""
    return syllable if final_of(syllable) == NO_FINAL else with_final(syllable, NO_FINAL)


def with_vowel(syllable: str, vowel: str) -> str:
    """Return the Hangul syllable with another vowel and no final consonant."""
    initial = (ord(syllable) - _FIRST_CODE) // (len(FINALS) * len(VOWELS))
    return chr(_FIRST_CODE + (initial * len(VOWELS) + VOWELS.index(vowel)) * len(FINALS))
