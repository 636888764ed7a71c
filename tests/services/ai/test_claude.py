"""The calls to Claude, by the real client to a server that sends prepared answers."""

from __future__ import annotations

import json

import pytest

from chalicelib import deadline
from chalicelib.domain import Action, ReplyType
from chalicelib.masking.masker import Masker
from chalicelib.services.ai import claude
from chalicelib.services.ai.runtime import runtime
from chalicelib.settings import settings
from tests.coaching.chats import SENDERS
from tests.coaching.llm.model_answers import (
    ATTACKS,
    CHAT,
    GOOD,
    OTHER_TEXTS,
    case_and_answer,
    with_message,
    with_other_text,
)
from tests.support.aws_wire_server import Answer, WireServer, converse_answer, error_answer, tool_answer
from tests.support.stage import stage_with


@pytest.fixture
def wire():
    with WireServer() as wire, stage_with(BEDROCK_ENDPOINT_URL=wire.url):
        yield wire


def ask(chat=None):
    return claude.ask(*case_and_answer(chat or CHAT), {}, Masker("room", tuple(SENDERS.values())), {"user": "abc"})


def test_the_models_answer_replaces_the_local_replies(wire):
    wire.answers(tool_answer("record_replies", GOOD))
    run = ask()
    assert [each.message for each in run.coaching.responses] == [each["message"] for each in GOOD["responses"]]
    assert [each.type for each in run.coaching.responses] == list(ReplyType)
    assert all(each.style_fit >= 0.8 for each in run.coaching.responses)
    assert (run.engine, run.degraded, run.failure, len(wire.sent)) == ("bedrock", False, None, 1)
    assert run.usage.cost_usd == pytest.approx(1000 * 0.11e-6 + 200 * 0.55e-6)
    assert run.coaching.partner_summary == GOOD["partner"]["summary"]


def test_an_answer_in_a_text_after_reasoning_is_decoded(wire):
    reasoning = {"reasoningContent": {"reasoningText": {"text": "{}"}}}
    wire.answers(converse_answer(reasoning, {"text": "답은 이래요.\n" + json.dumps(GOOD, ensure_ascii=False)}))
    assert ask().coaching.responses[0].message == GOOD["responses"][0]["message"]


def test_a_trait_whose_quote_is_not_in_its_line_is_dropped(wire):
    wire.answers(tool_answer("record_replies", GOOD))
    traits = ask().coaching.partner_traits
    assert [trait.name for trait in traits] == ["솔직함"]
    assert [(each.message_id, each.quote) for each in traits[0].evidence] == [("m2", "나 오늘 너무 힘들었어ㅠㅠ")]


def test_a_quote_contains_the_original_words_and_no_masked_ones(wire):
    traits = [
        {
            "name": "이름",
            "description": "이름을 불러요.",
            "line": 2,
            "quote": Masker("room", SENDERS.values()).mask("하늘이가"),
        },
        {"name": "번호", "description": "번호를 말해요.", "line": 3, "quote": "[전화번호]로 전화해"},
    ]
    partner = GOOD["partner"] | {"traits": traits}
    wire.answers(*[tool_answer("record_replies", GOOD | {"partner": partner})] * 2)
    traits = ask().coaching.partner_traits
    assert [each.quote for trait in traits for each in trait.evidence] == ["하늘이가"]


def test_no_name_and_no_number_is_sent(wire):
    wire.answers(tool_answer("record_replies", GOOD))
    ask(CHAT | {"description": "바다는 ab@example.com을 쓴다", "draft": "바다야 힘내"})
    request = json.dumps(json.loads(wire.sent[0].raw), ensure_ascii=False)
    assert not any(text in request for text in (*SENDERS.values(), "010-0000-1234", "ab@example.com"))


def test_names_are_restored_in_the_answer(wire):
    pseudonym = Masker("room", tuple(SENDERS.values())).mask("바다야 힘내")
    wire.answers(tool_answer("record_replies", with_message(pseudonym)))
    assert ask().coaching.responses[0].message == "바다야 힘내"


@pytest.mark.parametrize(
    ("model", "choice", "temperature", "more"),
    [
        ("us.anthropic.claude-haiku-5-5", {"tool": {"name": "record_replies"}}, False, "additionalModelRequestFields"),
        ("global.anthropic.claude-haiku-4-5-20251001-v1:0", {"tool": {"name": "record_replies"}}, True, None),
        ("us.anthropic.claude-sonnet-5-5", {"auto": {}}, False, "outputConfig"),
        ("us.anthropic.claude-sonnet-4-6", {"tool": {"name": "record_replies"}}, True, None),
        ("us.anthropic.claude-opus-9", {"auto": {}}, False, None),
    ],
)
def test_a_request_has_only_the_parameters_that_the_model_accepts(wire, monkeypatch, model, choice, temperature, more):
    monkeypatch.setenv("BEDROCK_MODEL_ID", model)
    settings.cache_clear()
    wire.answers(tool_answer("record_replies", GOOD))
    assert not ask().degraded
    request = wire.sent[0].json
    assert request["toolConfig"]["toolChoice"] == choice
    assert [tool["toolSpec"]["name"] for tool in request["toolConfig"]["tools"]] == ["record_replies"]
    assert ("temperature" in request["inferenceConfig"]) is temperature
    assert more is None or more in request
    assert request["requestMetadata"] == {"user": "abc"}
    assert "guardrailConfig" not in request


def test_a_request_names_the_guardrail_of_the_stage(wire, monkeypatch):
    monkeypatch.setenv("BEDROCK_GUARDRAIL_ID", "gr123")
    settings.cache_clear()
    wire.answers(tool_answer("record_replies", GOOD))
    ask()
    assert wire.sent[0].json["guardrailConfig"]["guardrailIdentifier"] == "gr123"


@pytest.mark.parametrize(
    "bad",
    [
        tool_answer("record_replies", {}),
        tool_answer("record_replies", GOOD | {"responses": GOOD["responses"][:2]}),
        tool_answer("record_replies", GOOD | {"responses": GOOD["responses"][::-1]}),
        tool_answer("record_replies", with_message("https://example.com 들어와")),
        tool_answer("record_replies", with_message("저는 괜찮아요. 푹 쉬세요")),
        tool_answer("record_replies", with_message("Have a good rest tonight")),
        tool_answer("record_replies", with_message("[이름]아 푹 쉬어")),
        tool_answer("record_replies", with_message("푹 쉬어", risk_level=3)),
        tool_answer("record_replies", with_message("푹 쉬어 " * 60)),
        tool_answer("record_replies", with_message(GOOD["responses"][1]["message"])),
        converse_answer({"text": "안녕하세요"}),
        converse_answer({"text": '{"responses": ['}, stop_reason="max_tokens"),
        error_answer(429, "ThrottlingException"),
        error_answer(500, "InternalServerException"),
        Answer(body=b'{"output"'),
        Answer(reset=True),
    ],
)
def test_a_second_call_is_made_if_it_can_succeed(wire, bad):
    wire.answers(bad, tool_answer("record_replies", GOOD))
    run = ask()
    assert run.coaching.responses[0].message == GOOD["responses"][0]["message"]
    assert len(wire.sent) == 2


def test_the_second_call_names_the_faults_of_the_first_answer(wire):
    wire.answers(
        tool_answer("record_replies", with_message("저는 괜찮아요. 푹 쉬세요")), tool_answer("record_replies", GOOD)
    )
    run = ask()
    *_, first_answer, repair = wire.sent[1].json["messages"]
    assert first_answer["content"][0]["toolUse"]["name"] == "record_replies"
    assert "반말로" in repair["content"][0]["toolResult"]["content"][0]["text"]
    assert run.usage.input_tokens == 2000


def test_there_is_no_third_call(wire):
    wire.answers(*[tool_answer("record_replies", {})] * 3)
    run = ask()
    assert (run.degraded, run.failure, len(wire.sent)) == (True, "faulty", 2)


@pytest.mark.parametrize(
    ("bad", "failure"),
    [
        (error_answer(400, "ValidationException", 'tool_choice: type "tool" and "any" are not supported'), "rejected"),
        (error_answer(400, "ValidationException", "temperature: Extra inputs are not permitted"), "rejected"),
        (error_answer(403, "AccessDeniedException"), "forbidden"),
        (error_answer(404, "ResourceNotFoundException"), "retired"),
        (converse_answer({"text": "차단"}, stop_reason="guardrail_intervened"), "refused"),
        (converse_answer({"text": "차단"}, stop_reason="content_filtered"), "refused"),
    ],
)
def test_no_second_call_is_made_if_it_cannot_succeed(wire, bad, failure):
    wire.answers(bad)
    run = ask()
    assert (run.degraded, run.failure, len(wire.sent)) == (True, failure, 1)


def test_no_second_call_is_made_without_enough_time(wire):
    wire.answers(error_answer(429, "ThrottlingException"), tool_answer("record_replies", GOOD))
    token = deadline.start(6)
    try:
        ask()
        assert len(wire.sent) == 1
    finally:
        deadline.reset(token)


@pytest.mark.parametrize(("durations", "calls"), [([2.0] * 10, 2), ([2.0] * 9 + [9.0], 1)])
def test_a_second_call_needs_the_90th_percentile_of_the_latest_durations(wire, durations, calls):
    for seconds in durations:
        runtime().call_times.add(seconds)
    wire.answers(error_answer(429, "ThrottlingException"), tool_answer("record_replies", GOOD))
    token = deadline.start(8)
    try:
        ask()
        assert len(wire.sent) == calls
    finally:
        deadline.reset(token)


def test_a_model_can_only_make_the_recommendation_stricter(wire):
    stricter = GOOD | {"recommendation": {"action": "wait", "reason": "지금은 늦은 시간이에요."}}
    wire.answers(tool_answer("record_replies", stricter))
    assert ask().coaching.recommendation.action is Action.WAIT
    waiting = CHAT | {"lines": ["P 응", *["M 뭐해?"] * 4], "silence_hours": 5}
    wire.answers(tool_answer("record_replies", GOOD))
    assert ask(waiting).coaching.recommendation.action is Action.WAIT
    wire.answers(
        tool_answer("record_replies", GOOD | {"recommendation": {"action": "do_not_contact", "reason": "위험해요."}})
    )
    coaching = ask().coaching
    assert not any(response.sendable or response.message for response in coaching.responses)
    # The model's advice is about messages that are not shown.
    model_texts = {
        response[name] for response in GOOD["responses"] for name in ("explanation", "advice", "expected_reaction")
    }
    assert not model_texts & {text for each in coaching.responses for text in (each.explanation, each.advice)}
    assert (coaching.recommendation.code, coaching.recommendation.reason) == ("model_advises", "위험해요.")
    assert [each.type for each in coaching.responses] == list(ReplyType)
    assert len({each.advice for each in coaching.responses}) == 3


@pytest.mark.parametrize("message", ["우리 사귀자", "키스하고 싶어", "나 너 사랑해"])
def test_a_romantic_message_is_refused_if_either_person_may_be_a_minor(wire, message):
    minors = CHAT | {"my_age": 16, "partner_age": 16}
    wire.answers(*[tool_answer("record_replies", with_message(message))] * 2)
    assert ask(minors).degraded


@pytest.mark.parametrize("field", OTHER_TEXTS)
def test_romantic_advice_is_refused_if_either_person_may_be_a_minor(wire, field):
    minors = CHAT | {"my_age": 16, "partner_age": 16}
    wire.answers(*[tool_answer("record_replies", with_other_text(field, "이따 키스하자고 해 보세요."))] * 2)
    assert ask(minors).degraded


def test_advice_to_a_minor_may_say_that_a_relationship_is_too_early(wire):
    minors = CHAT | {"my_age": 16, "partner_age": 16}
    wire.answers(tool_answer("record_replies", with_other_text("advice", "사귀자는 말은 아직 일러요.")))
    assert not ask(minors).degraded


@pytest.mark.parametrize("field", OTHER_TEXTS)
@pytest.mark.parametrize(
    "personal",
    [
        "010-1234-5678로 전화해 보라고 하세요.",
        "국민은행 123456-01-123456으로 보내라고 하세요.",
        "여기 들어가 보라고 하세요 evil.kr",
        "카톡 아이디 hack_me 추가하라고 하세요.",
    ],
)
def test_personal_data_outside_of_a_message_is_refused(wire, field, personal):
    wire.answers(*[tool_answer("record_replies", with_other_text(field, personal))] * 2)
    assert ask().degraded


@pytest.mark.parametrize(("attack", "obeyed"), ATTACKS)
def test_an_answer_that_obeys_a_line_of_the_chat_is_not_used(wire, attack, obeyed):
    attacked = CHAT | {"lines": [*CHAT["lines"], f"P {attack}"]}
    wire.answers(*[tool_answer("record_replies", with_message(obeyed, place)) for place in (1, 2)])
    run = ask(attacked)
    assert run.degraded
    assert len(wire.sent) == 2
