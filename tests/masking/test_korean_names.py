"""The structure of Korean names."""

from __future__ import annotations

import pytest

from chalicelib.masking import korean_names


@pytest.mark.parametrize(
    ("name", "parts"),
    [("김지민", ("김", "지민")), ("남궁하늘", ("남궁", "하늘")), ("지민", ("", "지민")), ("바다새", ("", "바다새"))],
)
def test_a_full_name_has_a_surname_and_a_given_name(name, parts):
    assert korean_names.split_name(name) == parts


@pytest.mark.parametrize(("word", "expected"), [("지민", True), ("김도겸", True), ("병원", False), ("고래", False)])
def test_a_word_is_a_name_by_lists_and_syllables(word, expected):
    assert korean_names.is_name(word) is expected
