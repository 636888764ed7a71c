"""What holds for every answer of the local coach, over the golden conversations."""

from __future__ import annotations

import re

import pytest

from chalicelib.analysis import speech
from chalicelib.coaching import conversation, intents, safety
from chalicelib.coaching.local_coach import coach
from chalicelib.domain import Action, Briefing, Coaching, ResponseType, Role, SpeechLevel
from tests.coaching.chats import CHATS, SENDERS, VOICES, briefing_of

POLITE = {SpeechLevel.HASIPSIO, SpeechLevel.HAEYO}
CASUAL = {SpeechLevel.HAE, SpeechLevel.HAERA}
RISKS = ((1, 2), (2, 3), (3, 5))


@pytest.fixture(params=CHATS, ids=lambda chat: chat["id"])
def chat(request):
    return request.param


def is_polite(chat: dict) -> bool:
    if "voice" in chat:
        return speech.analyse(VOICES[chat["voice"]]).polite
    own = [row.split(":", 1)[1] for row in chat.get("context", "").splitlines() if row.startswith("나:")]
    return speech.analyse(own).polite if own else True


def messages(answer: Coaching) -> list[str]:
    return [response.message for response in answer.responses]


def test_three_replies_from_safe_to_bold(chat):
    answer = coach(briefing_of(chat))
    assert [response.type for response in answer.responses] == list(ResponseType)
    risks = [response.risk_level for response in answer.responses]
    assert risks == sorted(set(risks))
    assert all(low <= risk <= high for risk, (low, high) in zip(risks, RISKS, strict=True))


def test_every_reply_explains_itself(chat):
    for response in coach(briefing_of(chat)).responses:
        for text in (response.explanation, response.advice, response.expected_reaction):
            assert re.search("[가-힣]", text)
            assert not re.search(r"[{}]|\.\.$", text)
        assert 0 <= response.confidence <= 1
        assert 0 <= response.style_fit <= 1


def test_nothing_to_send_when_nothing_should_be_sent(chat):
    answer = coach(briefing_of(chat))
    may_send = answer.recommendation.action is not Action.DO_NOT_CONTACT
    assert all(response.sendable is may_send for response in answer.responses)
    assert all(bool(message) is may_send for message in messages(answer))


def test_the_level_is_the_users(chat):
    allowed = (POLITE if is_polite(chat) else CASUAL) | {SpeechLevel.NEUTRAL}
    for message in filter(None, messages(coach(briefing_of(chat)))):
        levels = {speech.level_of(sentence) for sentence in re.split(r"(?<=[.?!])\s+", message)}
        assert levels <= allowed, message


def test_a_message_is_ready_to_send(chat):
    for message in filter(None, messages(coach(briefing_of(chat)))):
        assert not re.search(r"[{}<>\[\]○_\n]|  |\.\.|\?\.|^\W", message), message
        assert not any(name in message for name in SENDERS.values())
        assert len(message) <= 70


def test_the_length_is_not_far_from_the_users(chat):
    if "voice" in chat and "draft" not in chat:
        me = speech.analyse(VOICES[chat["voice"]])
        for message in messages(coach(briefing_of(chat))):
            assert len(message) <= max(me.length_p90 * 4, 30), message


def test_every_reply_could_be_the_users_own(chat):
    answer = coach(briefing_of(chat))
    if "voice" in chat or "나:" in chat.get("context", ""):
        assert all(response.style_fit >= 0.8 for response in answer.responses if response.sendable)


def test_no_laughter_where_it_hurts(chat):
    if chat.get("intent") in {"tired", "bad_news", "sick", "upset", "crisis", "crisis_me", "plan_change", "worry"}:
        assert not any(speech.has_laughter(message) for message in messages(coach(briefing_of(chat))))


@pytest.mark.parametrize(
    "low", [["P 나 오늘 너무 속상하고 우울해"], ["M 나 오늘 너무 속상하고 우울해", "P 주말에 뭐해?"]]
)
def test_nobody_laughs_while_one_of_the_two_feels_bad(low):
    asked = {"relationship": "썸", "voice": "laughing"}
    assert not any(speech.has_laughter(message) for message in messages(coach(briefing_of(asked | {"lines": low}))))
    glad = ["M 나 오늘 너무 신나고 행복해", "P 주말에 뭐해?"]
    assert any(speech.has_laughter(message) for message in messages(coach(briefing_of(asked | {"lines": glad}))))


def test_the_same_chat_gets_the_same_answer(chat):
    assert coach(briefing_of(chat)) == coach(briefing_of(chat))


def test_different_chats_get_different_replies():
    triples = [tuple(messages(coach(briefing_of(chat)))) for chat in CHATS]
    sendable = [triple for triple in triples if all(triple)]
    assert len(set(sendable)) == len(sendable)
    assert all(len(set(triple)) == 3 for triple in sendable)


def test_what_the_last_words_ask_for(chat):
    if "intent" in chat:
        briefing = briefing_of(chat)
        talk = conversation.read(briefing)
        assert intents.read(talk, briefing, safety.assess(talk, briefing)).name == chat["intent"]


def test_what_to_do(chat):
    answer = coach(briefing_of(chat))
    assert answer.recommendation.action == chat.get("action", answer.recommendation.action)
    assert answer.recommendation.code == chat.get("code", answer.recommendation.code)
    contacts = [line.contact for line in answer.help]
    assert contacts[: len(chat.get("help", []))] == chat.get("help", [])
    assert bool(contacts) == bool(chat.get("help"))


def test_nothing_is_asked_that_was_just_said(chat):
    if "not_asked" in chat:
        assert not any(chat["not_asked"] in message for message in messages(coach(briefing_of(chat))))


def test_evidence_is_in_the_chat(chat):
    briefing = briefing_of(chat)
    partners = {line.message_id: line.text for line in briefing.lines if line.role is Role.PARTNER}
    for trait in coach(briefing).partner_traits:
        assert trait.inferred is not bool(trait.evidence)
        assert all(evidence.quote in partners[evidence.message_id] for evidence in trait.evidence)


def test_the_golden_chats_cover_the_intents():
    covered = set()
    for chat in CHATS:
        briefing = briefing_of(chat)
        talk = conversation.read(briefing)
        covered.add(intents.read(talk, briefing, safety.assess(talk, briefing)).name)
    assert len(covered) >= 50


def test_an_explanation_names_what_it_answers_to():
    chat = next(chat for chat in CHATS if chat["id"] == "tired_polite")
    assert "오늘 야근해서 좀 피곤하네요" in coach(briefing_of(chat)).responses[0].explanation


def test_two_minors_get_no_romance():
    for lines in (["P 나 너 좋아해"], ["P 보고싶어"], ["P 사랑해"], ["P 너는 이상형이 뭐야?"], ["P 잘 자"]):
        briefing = briefing_of({"lines": lines, "relationship": "연인", "my_age": 16, "partner_age": 16})
        text = " ".join(messages(coach(briefing)))
        assert not re.search("사랑|설레|사귀|나도 좋아해|저도 좋아해|좋아하고 있|신경 쓰", text), text


def test_a_bare_briefing_is_answered():
    chat = {"lines": [], "relationship": "기타"}
    answer = coach(briefing_of(chat))
    assert isinstance(briefing_of(chat), Briefing)
    assert all(messages(answer))
    assert answer.interest is None
    assert answer.interest_note
