"""Mentions of participants are found by the names in their display names."""

from __future__ import annotations

import pytest

from chalicelib.masking.masker import Masker, find_masked_parts


def test_a_word_is_a_name_only_if_a_participant_has_that_name():
    texts = ["하늘이 맑다", "바다가 보고 싶어", "나라가 크다", "이슬이 맺혔네", "한결 낫다"]
    names = ("하늘", "바다", "나라", "이슬", "한결")
    assert [Masker("room", ()).mask(text) for text in texts] == texts
    masked = [Masker("room", names).mask(text) for text in texts]
    assert not any(name in text for name, text in zip(names, masked, strict=True))


@pytest.mark.parametrize("text", ["하늘색 옷", "지우개 줘", "국민지원금", "우리나라", "이슬비 온다"])
def test_a_name_within_another_word_is_not_masked(text):
    assert Masker("room", ("하늘", "지우", "민지", "나라", "이슬")).mask(text) == text


@pytest.mark.parametrize(
    ("display_name", "mention"),
    [
        ("🐰지민이🐰", "지민아"),
        ("김지민 대리님", "지민씨"),
        ("지민쌤", "지민이"),
        ("Jimin Kim", "jimin아"),
        ("남궁하늘", "하늘이가"),
        ("이준", "준아"),
        ("솔", "솔이가"),
        ("花子", "花子ちゃん"),
        ("Анна", "Анна왔어"),
        ("귀요미♥", "귀요미가"),
        ("춤추는 고래", "춤추는 고래님"),
        ("지민99", "지민이"),
        ("서연 (디자인)", "서연아"),
    ],
)
def test_a_mention_is_masked_by_the_names_in_the_display_name(display_name, mention):
    masked = Masker("room", [display_name]).mask(mention)
    assert find_masked_parts(masked)
    assert not masked.startswith(mention[:2])
    assert Masker("room", [display_name]).unmask(masked).lower() == mention.lower()


@pytest.mark.parametrize(
    "display_name", ["엄마", "우리 자기♥", "오빠", "팀장님", "(알 수 없음)", "🐰", "ㅋㅋ", "나", ".", ""]
)
def test_a_display_name_without_a_name_masks_nothing(display_name):
    text = "엄마가 우리 오빠랑 자기 얘기하다가 팀장님 나 왔어 ㅋㅋ 🐰 . 알 수 없음"
    assert Masker("room", [display_name]).mask(text) == text
