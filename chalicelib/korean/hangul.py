"""Take Hangul syllables apart and put them together."""

from __future__ import annotations

FIRST_SYLLABLE, LAST_SYLLABLE = "가", "힣"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
# Vowels after which a verb takes -아; after any other it takes -어.
BRIGHT_VOWELS = "ㅏㅑㅗ"
NO_FINAL = " "
FINALS = NO_FINAL + "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"

_FIRST_CODE = ord(FIRST_SYLLABLE)


def final_of(syllable: str) -> str:
    """Return the final consonant (받침) of a syllable, ``NO_FINAL`` for a syllable without one and for other signs."""
    if not FIRST_SYLLABLE <= syllable <= LAST_SYLLABLE:
        return NO_FINAL
    return FINALS[(ord(syllable) - _FIRST_CODE) % len(FINALS)]


def vowel_of(syllable: str) -> str:
    """Return the vowel of a Hangul syllable, an empty string for other signs."""
    if not FIRST_SYLLABLE <= syllable <= LAST_SYLLABLE:
        return ""
    return VOWELS[(ord(syllable) - _FIRST_CODE) // len(FINALS) % len(VOWELS)]


def with_final(syllable: str, final: str) -> str:
    """Return the Hangul syllable with another final consonant, or without one for ``NO_FINAL``."""
    code = ord(syllable) - _FIRST_CODE
    return chr(_FIRST_CODE + code - code % len(FINALS) + FINALS.index(final))


def without_final(syllable: str) -> str:
    """Return the character without its final consonant, if it has one."""
    return syllable if final_of(syllable) == NO_FINAL else with_final(syllable, NO_FINAL)


def with_vowel(syllable: str, vowel: str) -> str:
    """Return the Hangul syllable with another vowel and without a final consonant."""
    initial = (ord(syllable) - _FIRST_CODE) // (len(FINALS) * len(VOWELS))
    return chr(_FIRST_CODE + (initial * len(VOWELS) + VOWELS.index(vowel)) * len(FINALS))


def all_syllables() -> list[str]:
    """Return every Hangul syllable, in order."""
    return [chr(code) for code in range(_FIRST_CODE, ord(LAST_SYLLABLE) + 1)]
