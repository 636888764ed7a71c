"""Topics of the partner's messages."""

from __future__ import annotations

import pytest

from chalicelib.coaching import topics
from chalicelib.coaching.topics import TopicKind


@pytest.mark.parametrize("text", ["빵 먹었어", "빵을 먹었어", "나 빵", "빵인데"])
def test_a_short_topic_is_found_at_the_end_of_a_word_or_before_a_particle(text):
    assert topics.find(text)[TopicKind.FOOD] == "빵"


@pytest.mark.parametrize("text", ["빵빵하게 쉬었어", "식빵 굽는 중"])
def test_a_short_topic_is_not_found_within_another_word(text):
    assert TopicKind.FOOD not in topics.find(text)


def test_a_longer_topic_is_preferred():
    assert topics.find("코인노래방 갈래")[TopicKind.GO] == "코인노래방"


def test_the_first_topic_of_the_listed_kinds_is_a_topic_of_any_kind():
    assert topics.find("영화 보고 떡볶이 먹자") == {
        TopicKind.FOOD: "떡볶이",
        TopicKind.GO: "영화",
        TopicKind.ANY: "영화",
    }


def test_the_words_of_several_kinds_are_joined():
    assert {"떡볶이", "영화"} <= topics.words_of((TopicKind.FOOD, TopicKind.GO))
    assert "영화" not in topics.words_of((TopicKind.FOOD,))
