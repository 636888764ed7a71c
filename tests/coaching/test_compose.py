"""The three replies to each golden conversation."""

from __future__ import annotations

import re
from functools import cache

import pytest

from chalicelib.analysis import speech
from chalicelib.coaching import local_coach
from chalicelib.domain import Action, Coaching, ReplyType, SpeechLevel
from tests.coaching.chats import CHATS, SENDERS, VOICES, briefing_of

POLITE = {SpeechLevel.HASIPSIO, SpeechLevel.HAEYO}
CASUAL = {SpeechLevel.HAE, SpeechLevel.HAERA}
RISKS = ((1, 2), (2, 3), (3, 5))
BY_ID = {chat["id"]: chat for chat in CHATS}


@pytest.fixture(params=CHATS, ids=lambda chat: chat["id"])
def chat(request):
    return request.param


@cache
def golden_answer(chat_id: str) -> Coaching:
    return local_coach.coach(briefing_of(BY_ID[chat_id]))


@pytest.fixture
def answer(chat) -> Coaching:
    return golden_answer(chat["id"])


def coach(**chat) -> Coaching:
    return local_coach.coach(briefing_of(chat))


def is_polite(chat: dict) -> bool:
    if "voice" in chat:
        return speech.analyse(VOICES[chat["voice"]]).is_polite
    user_texts = [row.split(":", 1)[1] for row in chat.get("context", "").splitlines() if row.startswith("나:")]
    return speech.analyse(user_texts).is_polite if user_texts else True


def messages(answer: Coaching) -> list[str]:
    return [response.message for response in answer.responses]


def test_the_three_replies_become_bolder(answer):
    assert [response.type for response in answer.responses] == list(ReplyType)
    risks = [response.risk_level for response in answer.responses]
    assert risks == sorted(set(risks))
    assert all(low <= risk <= high for risk, (low, high) in zip(risks, RISKS, strict=True))


def test_every_reply_has_an_explanation_advice_and_an_expected_reaction(answer):
    for response in answer.responses:
        for text in (response.explanation, response.advice, response.expected_reaction):
            assert re.search("[가-힣]", text)
            assert not re.search(r"[{}]|\.\.$", text)
        assert 0 <= response.confidence <= 1
        assert 0 <= response.style_fit <= 1


def test_replies_have_messages_only_if_the_user_may_write(answer):
    may_send = answer.recommendation.action is not Action.DO_NOT_CONTACT
    assert all(response.sendable is may_send for response in answer.responses)
    assert all(bool(message) is may_send for message in messages(answer))


def test_a_reply_has_the_users_speech_level(chat, answer):
    allowed = (POLITE if is_polite(chat) else CASUAL) | {SpeechLevel.NEUTRAL}
    for message in filter(None, messages(answer)):
        levels = {speech.level_of(sentence) for sentence in re.split(r"(?<=[.?!])\s+", message)}
        assert levels <= allowed, message


def test_a_reply_can_be_sent_as_it_is(answer):
    for message in filter(None, messages(answer)):
        assert not re.search(r"[{}<>\[\]○_\n]|  |\.\.|\?\.|^\W", message), message
        assert not any(name in message for name in SENDERS.values())
        assert len(message) <= 70


def test_a_reply_is_about_as_long_as_the_users_messages(chat, answer):
    if "voice" in chat and "draft" not in chat:
        user_speech = speech.analyse(VOICES[chat["voice"]])
        for message in messages(answer):
            assert len(message) <= max(user_speech.length_p90 * 4, 30), message


def test_every_reply_fits_the_users_style(chat, answer):
    if "voice" in chat or "나:" in chat.get("context", ""):
        assert all(response.style_fit >= 0.8 for response in answer.responses if response.sendable)


def test_a_reply_to_a_sad_intent_has_no_laughter(chat, answer):
    if chat.get("intent") in {"tired", "bad_news", "sick", "upset", "crisis", "crisis_me", "plan_change", "worry"}:
        assert not any(map(speech.has_laughter, messages(answer)))


@pytest.mark.parametrize(
    "lines", [["P 나 오늘 너무 속상하고 우울해"], ["M 나 오늘 너무 속상하고 우울해", "P 주말에 뭐해?"]]
)
def test_no_reply_has_laughter_while_either_person_is_sad(lines):
    assert not any(map(speech.has_laughter, messages(coach(lines=lines, relationship="썸", voice="laughing"))))
    happy = ["M 나 오늘 너무 신나고 행복해", "P 주말에 뭐해?"]
    assert any(map(speech.has_laughter, messages(coach(lines=happy, relationship="썸", voice="laughing"))))


def test_different_chats_get_different_replies():
    replies = [tuple(messages(golden_answer(chat["id"]))) for chat in CHATS]
    sendable = [three for three in replies if all(three)]
    assert len(set(sendable)) == len(sendable)
    assert all(len(set(three)) == 3 for three in sendable)


def test_a_reply_does_not_ask_a_question_that_the_partner_has_just_answered(chat, answer):
    if "not_asked" in chat:
        assert not any(chat["not_asked"] in message for message in messages(answer))


def test_an_explanation_quotes_the_message_that_it_answers():
    assert "오늘 야근해서 좀 피곤하네요" in golden_answer("tired_polite").responses[0].explanation


@pytest.mark.parametrize("line", ["P 나 너 좋아해", "P 보고싶어", "P 사랑해", "P 너는 이상형이 뭐야?", "P 잘 자"])
def test_replies_between_two_minors_are_not_romantic(line):
    answer = coach(lines=[line], relationship="연인", my_age=16, partner_age=16)
    text = " ".join(messages(answer))
    assert not re.search("사랑|설레|사귀|나도 좋아해|저도 좋아해|좋아하고 있|신경 쓰", text), text
