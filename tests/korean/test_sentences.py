"""Sentences of a text."""

from __future__ import annotations

import pytest

from chalicelib.korean.sentences import sentences, sentences_and_separators


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [""]),
        ("뭐해?", ["뭐해?"]),
        ("밥 먹었어? 난 먹었어", ["밥 먹었어?", "난 먹었어"]),
        ("좋아~  그럼 내일 봐!\n잘 자", ["좋아~", "그럼 내일 봐!", "잘 자"]),
        ("3.5점이야", ["3.5점이야"]),
        ("좋아ㅋㅋ 내일 봐", ["좋아ㅋㅋ 내일 봐"]),
    ],
)
def test_a_sentence_ends_at_a_sign_before_a_space(text, expected):
    assert sentences(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("뭐해", ["뭐해"]),
        ("좋아ㅋㅋ 내일 봐", ["좋아", "ㅋㅋ ", "내일 봐"]),
        ("미안ㅠㅠ\n늦을 것 같아...", ["미안", "ㅠㅠ\n", "늦을 것 같아", "...", ""]),
        ("하나\n\n둘", ["하나", "\n\n", "둘"]),
    ],
)
def test_separators_are_kept_so_that_the_parts_add_up_to_the_message(text, expected):
    assert sentences_and_separators(text) == expected
    assert "".join(expected) == text
