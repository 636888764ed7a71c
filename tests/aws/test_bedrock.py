"""The real Bedrock client against a server that speaks the Converse API: replies and failures."""

from __future__ import annotations

import time

import pytest

from chalicelib.aws import clients
from chalicelib.aws.bedrock import converse
from chalicelib.aws.errors import AwsCallFailed, Failure
from chalicelib.settings import settings
from tests.support.aws_wire_server import Answer, WireServer, converse_answer, error_answer, tool_answer
from tests.support.stage import stage_with

REQUEST = {"modelId": "us.anthropic.claude-haiku-5-5", "messages": [{"role": "user", "content": [{"text": "안녕"}]}]}


@pytest.fixture
def wire():
    with WireServer() as wire, stage_with(BEDROCK_ENDPOINT_URL=wire.url):
        yield wire


def failure_of(wire, *script, seconds=5.0):
    wire.answers(*script)
    with pytest.raises(AwsCallFailed) as error:
        converse(REQUEST, seconds)
    return error.value.failure


def test_a_reply_contains_its_blocks_and_token_counts(wire):
    wire.answers(converse_answer({"reasoningContent": {"reasoningText": {"text": "…"}}}, {"text": "네"}))
    reply = converse(REQUEST, 5)
    assert [next(iter(block)) for block in reply.content] == ["reasoningContent", "text"]
    assert (reply.stop_reason, reply.input_tokens, reply.output_tokens) == ("end_turn", 1000, 200)
    assert reply.seconds > 0
    assert wire.sent[0].path == "/model/us.anthropic.claude-haiku-5-5/converse"
    assert wire.sent[0].json["messages"] == REQUEST["messages"]


def test_a_tool_call_is_a_block_with_its_input(wire):
    wire.answers(tool_answer("record", {"a": 1}))
    reply = converse(REQUEST, 5)
    assert reply.stop_reason == "tool_use"
    assert reply.content[0]["toolUse"]["input"] == {"a": 1}


@pytest.mark.parametrize(
    ("status", "name", "expected"),
    [
        (429, "ThrottlingException", Failure.THROTTLED),
        (429, "ModelNotReadyException", Failure.THROTTLED),
        (503, "ServiceUnavailableException", Failure.UNAVAILABLE),
        (500, "InternalServerException", Failure.UNAVAILABLE),
        (500, "SomethingNew", Failure.UNAVAILABLE),
        (424, "ModelErrorException", Failure.UNAVAILABLE),
        (408, "ModelTimeoutException", Failure.TIMEOUT),
        (403, "AccessDeniedException", Failure.FORBIDDEN),
        (400, "ServiceQuotaExceededException", Failure.FORBIDDEN),
        (404, "ResourceNotFoundException", Failure.RETIRED),
        (400, "ValidationException", Failure.REJECTED),
        (400, "SomethingNew", Failure.REJECTED),
    ],
)
def test_an_error_becomes_a_failure_by_its_code_and_is_never_retried(wire, status, name, expected):
    assert failure_of(wire, error_answer(status, name)) is expected
    assert len(wire.sent) == 1


def test_a_model_past_its_end_of_life_is_retired(wire):
    message = "This model version has reached the end of its life."
    assert failure_of(wire, error_answer(400, "ValidationException", message)) is Failure.RETIRED


def test_a_broken_connection_is_unavailable(wire):
    assert failure_of(wire, Answer(reset=True)) is Failure.UNAVAILABLE


@pytest.mark.parametrize("body", [b"{}", b'{"output":{"mess', b"", b'{"output":{"message":{"content":[]}}}'])
def test_a_body_without_content_is_empty(wire, body):
    assert failure_of(wire, Answer(body=body)) is Failure.EMPTY


def test_a_body_that_is_incomplete_at_the_timeout_is_a_timeout(wire):
    started = time.monotonic()
    assert failure_of(wire, converse_answer({"text": "네"}, delay_s=3), seconds=0.3) is Failure.TIMEOUT
    slow = converse_answer({"text": "네" * 50})
    slow.byte_interval_s = 0.05
    assert failure_of(wire, slow, seconds=0.3) is Failure.TIMEOUT
    assert time.monotonic() - started < 3


def test_a_truncated_body_is_a_failure(wire):
    short = converse_answer({"text": "네"})
    short.body, short.missing_bytes = short.body[:60], len(short.body) - 60
    assert failure_of(wire, short) in {Failure.UNAVAILABLE, Failure.EMPTY}


def test_a_refused_connection_is_unavailable(wire, monkeypatch):
    monkeypatch.setenv("BEDROCK_ENDPOINT_URL", "http://127.0.0.1:9")
    settings.cache_clear()
    clients.bedrock.cache_clear()
    assert failure_of(wire) is Failure.UNAVAILABLE
