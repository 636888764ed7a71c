"""Forms of verbs and adjectives."""

from __future__ import annotations

import pytest

from chalicelib.korean.verbs import closing_forms, is_verb_form


@pytest.mark.parametrize(
    "word",
    ["나온", "나왔다", "먹어서", "아까운", "들었고", "지으면", "몰라", "그래서", "공부하는", "맛있는", "만든영화"],
)
def test_a_verb_form_is_recognised_by_its_stem(word):
    assert is_verb_form(word)


@pytest.mark.parametrize("word", ["영화", "친구", "떡볶이", "강아지", "서울"])
def test_a_noun_is_not_a_verb_form(word):
    assert not is_verb_form(word)


def test_closing_forms_have_absorbed_their_ending():
    forms = set(closing_forms())
    assert {"떠나", "나타내", "떠남"} <= forms
    assert "하" not in forms
