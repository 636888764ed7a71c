"""The topic words of a chat."""

from __future__ import annotations

import pytest

from chalicelib.korean.nouns import may_have_particle, merge_forms, topic_forms


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("영화까지 보고 떡볶이를 먹었어", ["영화", "떡볶이"]),
        ("고양이가 카페를 좋아해", ["고양이", "카페"]),
        ("이가격에 한달 동안", ["가격"]),
        ("살살 추적추적 그냥 진짜", []),
        ("https://a.kr/영화 @영화", []),
    ],
)
def test_topic_words_are_nouns_without_sure_particles(text, forms):
    assert topic_forms(text) == forms


def test_forms_of_a_word_are_counted_together():
    assert merge_forms({"치과": 3, "치과가": 1, "치과도": 2}) == {"치과": 6}
    assert merge_forms({"거미가": 2}) == {"거미가": 2}


@pytest.mark.parametrize(("word", "expected"), [("영화가", True), ("작가", False), ("들어가", False)])
def test_the_end_of_a_noun_or_a_verb_is_not_a_particle(word, expected):
    assert may_have_particle(word) is expected
