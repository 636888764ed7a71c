"""The notation of word endings."""

from __future__ import annotations

import pytest

from chalicelib.korean.ending_notation import EndingTable


def table(*notations):
    endings = EndingTable()
    for notation in notations:
        endings.add(notation, notation)
    return endings


@pytest.mark.parametrize(
    ("notation", "matching", "other"),
    [
        ("습니다", "좋습니다", "좋네"),
        ("^네", "네", "좋네"),
        ("ㄹ게", "갈게", "가게"),
        ("ㄹ게", "먹을게", "게"),
        ("ㅕ서", "마셔서", "먹어서"),
        ("0면", "가면", "먹면"),
    ],
)
def test_an_ending_matches_by_its_notation(notation, matching, other):
    assert table(notation).find(matching) == notation
    assert table(notation).find(other) is None


def test_the_longest_ending_wins():
    assert table("네요", "요", "ㅏ네요").find("가네요") == "ㅏ네요"
    assert table("요", "네요").find("하네요") == "네요"


def test_some_words_count_only_after_another_word():
    assert table("_봄").find("봄") is None
    assert table("_봄").find_after_word("봄") == "_봄"


def test_a_value_may_be_false():
    endings = EndingTable()
    endings.add("그니까", value=False)
    endings.add("니까", value=True)
    assert endings.find("그니까") is False
