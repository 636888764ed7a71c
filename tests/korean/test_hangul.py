"""Hangul syllables."""

from __future__ import annotations

import pytest

from chalicelib.korean.hangul import (
    NO_FINAL,
    all_syllables,
    final_of,
    vowel_of,
    with_final,
    with_vowel,
    without_final,
)


@pytest.mark.parametrize(
    ("syllable", "vowel", "final"),
    [("가", "ㅏ", NO_FINAL), ("값", "ㅏ", "ㅄ"), ("힣", "ㅣ", "ㅎ"), ("a", "", NO_FINAL)],
)
def test_a_syllable_has_a_vowel_and_may_have_a_final(syllable, vowel, final):
    assert (vowel_of(syllable), final_of(syllable)) == (vowel, final)


def test_finals_and_vowels_can_be_replaced():
    assert (with_final("가", "ㄴ"), with_final("간", NO_FINAL)) == ("간", "가")
    assert (without_final("값"), without_final("!")) == ("가", "!")
    assert with_vowel("쓸", "ㅓ") == "써"


def test_every_syllable_can_be_taken_apart_and_put_together():
    syllables = all_syllables()
    assert len(syllables) == 11_172
    assert all(with_final(without_final(each), final_of(each)) == each for each in syllables)
