"""The features of one message."""

from __future__ import annotations

import pytest

from chalicelib.analysis.message_features import has_emoji, has_honorific, has_laughter


@pytest.mark.parametrize("text", ["ㅋ", "좋아 ㅎㅎ", "ㅇㅋㅋㅋ", "하하하", "크크", "했어욬ㅋㅋ"])
def test_laughter_is_recognised(text):
    assert has_laughter(text)
    assert has_emoji(text)


@pytest.mark.parametrize("text", ["ㅇㅋ", "ㅎㅇ", "하하고 싶다"[1:], "네!", "ㅠㅠ"])
def test_other_jamo_are_not_laughter(text):
    assert not has_laughter(text)


@pytest.mark.parametrize("text", ["😀", "고마워♥", "ㅠㅠ", "^^", "좋아 :)", "ㅜㅜ 미안", "ㅇㅅㅇ", "ㅎㅎ"])
def test_emoji_emoticons_laughter_and_tears_count_as_emoji(text):
    assert has_emoji(text)


@pytest.mark.parametrize("text", ["8:30에 봐", "ㅇㅋ", "네...", "10,000원!", "https://a.kr/:)", "(웃음)"])
def test_plain_signs_are_not_emoji(text):
    assert not has_emoji(text)


@pytest.mark.parametrize(
    "text", ["어머니가 오셨어", "할머니께서 그랬어", "뭐 하세요", "주무셨어?", "드릴게", "선생님 왔어", "언제 오시는데"]
)
def test_honorifics_are_recognised_at_any_level(text):
    assert has_honorific(text)


@pytest.mark.parametrize(
    "text", ["물 마셨어", "몇 시야", "다시 해", "그게 아님", "확실하지", "건드려", "네 좋아요", "하느님"]
)
def test_syllables_that_only_look_honorific_are_not_honorifics(text):
    assert not has_honorific(text)
