"""A person's speech in figures."""

from __future__ import annotations

import pytest

from chalicelib.analysis.speech import analyse
from chalicelib.domain import SpeechLevel


def test_two_of_the_levels_are_polite():
    assert [level for level in SpeechLevel if level.is_polite] == [SpeechLevel.HASIPSIO, SpeechLevel.HAEYO]


@pytest.mark.parametrize(
    ("texts", "has_level", "polite"),
    [(["네 좋아요"], True, True), (["좋아", "ㅋㅋ"], True, False), (["ㅋㅋ", "사진"], False, False)],
)
def test_speech_has_a_level_when_any_message_has_one(texts, has_level, polite):
    speech = analyse(texts)
    assert (speech.has_level, speech.is_polite) == (has_level, polite)
