"""An improved draft keeps its content."""

from __future__ import annotations

import pytest

from chalicelib.analysis import speech
from chalicelib.coaching.local_coach import coach
from chalicelib.domain import SpeechLevel
from tests.coaching.chats import briefing_of

POLITE = {SpeechLevel.HASIPSIO, SpeechLevel.HAEYO}


def improve(draft: str, voice: str = "laughing", line: str = "P 응") -> list[str]:
    answer = coach(briefing_of({"lines": [line], "relationship": "썸", "voice": voice, "draft": draft}))
    return [response.message for response in answer.responses]


@pytest.mark.parametrize(
    "draft", ["오늘 고생했어", "이번 주말에 같이 영화 볼래?", "미안해 내가 늦었지", "고마워ㅋㅋ", "나 떡볶이 먹고 싶다"]
)
def test_a_draft_keeps_its_content(draft):
    safe, balanced, bold = improve(draft)
    assert safe == draft
    assert balanced.startswith(draft)
    assert bold.startswith(draft)
    assert len({safe, balanced, bold}) == 3


@pytest.mark.parametrize(
    ("draft", "polite"),
    [
        ("그럼 토요일에 보자", "그럼 토요일에 봐요"),
        ("나도 그렇게 생각해ㅎㅎ", "저도 그렇게 생각해요ㅎㅎ"),
        ("그거 내가 제일 좋아하는 거야", "그거 제가 제일 좋아하는 거예요"),
        ("뭐 하고 있어?", "뭐 하고 있어요?"),
        ("너무 좋다! 고마워", "너무 좋아요! 고마워요"),
    ],
)
def test_a_casual_draft_of_a_polite_user_becomes_polite(draft, polite):
    assert improve(draft, "polite")[0] == polite


@pytest.mark.parametrize(
    ("draft", "casual"),
    [
        ("저는 괜찮아요", "나는 괜찮아"),
        ("오늘 뭐 하세요?", "오늘 뭐 해?"),
        ("조심히 가세요ㅎㅎ", "조심히 가ㅎㅎ"),
        ("정말 감사합니다", "정말 고마워"),
    ],
)
def test_a_polite_draft_of_a_casual_user_becomes_casual(draft, casual):
    assert improve(draft, "laughing")[0] == casual


def test_spelling_and_harsh_words_are_corrected():
    assert improve("내가 이따 할께!!!")[0] == "내가 이따 할게!"
    assert "왜" not in improve("왜 답장 안 해??")[0]


def test_every_degree_keeps_the_users_speech_level():
    for draft in ("이번 주에 볼래?", "미안", "보고 싶다", "밥 먹었어?"):
        for message in improve(draft, "polite"):
            assert speech.level_of(message) in POLITE | {SpeechLevel.NEUTRAL}


def test_a_draft_in_reply_to_bad_news_has_no_laughter():
    assert not any(speech.has_laughter(text) for text in improve("괜찮아?ㅋㅋ", line="P 할머니가 돌아가셨어"))
