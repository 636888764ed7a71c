"""No name, number, address or e-mail address in any field reaches a model."""

from __future__ import annotations

import json

import pytest

from tests.services.ai.test_claude import GOOD
from tests.support.aws_wire_server import WireServer, batch_answer, mentions, sentiment, tool_answer
from tests.support.stage import stage_with

PRIVATE = "지민이 번호는 010-4711-4711이고 메일은 jimin@example.com, 집은 서울시 마포구 월드컵로 47길 11"
# With a hyphen, so that the random digits of a fence or a signature do not match.
NEVER = ("지민", "4711-", "-4711", "0104711", "jimin", "월드컵로", "바다")
CONTEXT = "나: 퇴근했어?ㅋㅋ\n상대: 응 오늘 회의만 네 개 했어ㅠㅠ"
FIELDS = ["context", "situation", "goal", "draft"]
FACTS = ["description", "personality", "interests", "communication_style"]


@pytest.fixture
def wires(unspent):
    with WireServer() as model, WireServer() as reader:
        both = {"BEDROCK_ENDPOINT_URL": model.url, "COMPREHEND_ENDPOINT_URL": reader.url}
        with stage_with(BEDROCK="aws", COMPREHEND="aws", **both):
            yield model, reader


def requests_to(*wires):
    sent = [request for wire in wires for request in wire.sent]
    assert sent
    return json.dumps([request.json for request in sent], ensure_ascii=False) + str([one.headers for one in sent])


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_of_a_question_reaches_the_model_masked(client, wires, field):
    model, _ = wires
    model.answers(*[tool_answer("record_replies", GOOD)] * 2)
    body = {"context": CONTEXT, field: f"{CONTEXT}\n상대: {PRIVATE}" if field == "context" else PRIVATE}
    assert client.post("/analyze", body | {"partner_info": {"name": "바다", "relationship": "썸"}}).status == 200
    assert not [private for private in (*NEVER, client.user_id) if private in requests_to(model)]


@pytest.mark.parametrize("field", FACTS)
def test_the_description_of_a_partner_reaches_the_model_masked(client, wires, field):
    model, _ = wires
    model.answers(*[tool_answer("record_replies", GOOD)] * 2)
    about = {"name": "바다", "relationship": "썸", field: PRIVATE}
    assert client.post("/analyze", {"context": CONTEXT, "partner_info": about}).status == 200
    assert not [private for private in NEVER if private in requests_to(model)]


def test_habits_in_a_speech_analysis_reach_the_model_masked(client, wires):
    model, _ = wires
    model.answers(*[tool_answer("record_replies", GOOD)] * 2)
    habits = ["바다야", "지민 씨", "0104711471", "메일은 jimin@example.com", "월드컵로 47길 11", "</자료>", "ㅋㅋ"]
    style = {"formal_ratio": 0.1, "total_messages": 40, "habits": [{"text": text, "count": 9} for text in habits]}
    body = {"context": CONTEXT, "user_style": style, "partner_info": {"name": "바다", "relationship": "썸"}}
    assert client.post("/analyze", body).status == 200
    question = model.sent[0].json["messages"][0]["content"][0]["text"]
    assert "ㅋㅋ" in question.splitlines()[3]
    assert question.count("</자료") == 1
    assert not [private for private in NEVER if private in requests_to(model)]


def test_a_text_for_an_emotion_analysis_reaches_comprehend_masked(client, wires):
    _, reader = wires
    reader.answers(
        batch_answer(sentiment(neutral=1.0)), batch_answer(mentions("Entities")), batch_answer(mentions("KeyPhrases"))
    )
    assert client.post("/emotion-analysis", {"text": PRIVATE}).status == 200
    assert not [private for private in (*NEVER, client.user_id) if private in requests_to(reader)]
