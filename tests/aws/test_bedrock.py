"""The real Bedrock client against a server that speaks Converse: what comes back, and what can go wrong."""

import time

import pytest

from chalicelib.aws import clients
from chalicelib.aws.bedrock import converse
from chalicelib.aws.errors import AwsCallFailed, Failure
from chalicelib.settings import settings
from tests.support.aws_wire_server import Answer, Wire, fault, said, used
from tests.support.stage import stage_with

REQUEST = {"modelId": "us.anthropic.claude-haiku-5-5", "messages": [{"role": "user", "content": [{"text": "안녕"}]}]}


@pytest.fixture
def wire():
    with Wire() as wire, stage_with(BEDROCK_ENDPOINT_URL=wire.url):
        yield wire


def failure_of(wire, *script, seconds=5.0):
    wire.answers(*script)
    with pytest.raises(AwsCallFailed) as failed:
        converse(REQUEST, seconds)
    return failed.value.failure


def test_an_answer_with_its_blocks_and_tokens(wire):
    wire.answers(said({"reasoningContent": {"reasoningText": {"text": "…"}}}, {"text": "네"}))
    reply = converse(REQUEST, 5)
    assert [next(iter(block)) for block in reply.content] == ["reasoningContent", "text"]
    assert (reply.stop_reason, reply.input_tokens, reply.output_tokens) == ("end_turn", 1000, 200)
    assert reply.seconds > 0
    assert wire.sent[0].path == "/model/us.anthropic.claude-haiku-5-5/converse"
    assert wire.sent[0].json["messages"] == REQUEST["messages"]


def test_a_tool_that_was_used(wire):
    wire.answers(used("record", {"a": 1}))
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
def test_a_refusal_is_told_by_its_name_and_never_tried_again(wire, status, name, expected):
    assert failure_of(wire, fault(status, name)) is expected
    assert len(wire.sent) == 1


def test_a_model_past_its_end_of_life(wire):
    message = "This model version has reached the end of its life."
    assert failure_of(wire, fault(400, "ValidationException", message)) is Failure.RETIRED


def test_a_connection_that_breaks(wire):
    assert failure_of(wire, Answer(reset=True)) is Failure.UNAVAILABLE


@pytest.mark.parametrize("body", [b"{}", b'{"output":{"mess', b"", b'{"output":{"message":{"content":[]}}}'])
def test_a_body_that_says_nothing(wire, body):
    assert failure_of(wire, Answer(body=body)) is Failure.EMPTY


def test_a_body_that_never_ends_in_time(wire):
    started = time.monotonic()
    assert failure_of(wire, said({"text": "네"}, after=3), seconds=0.3) is Failure.TIMEOUT
    dripping = said({"text": "네" * 50})
    dripping.drip = 0.05
    assert failure_of(wire, dripping, seconds=0.3) is Failure.TIMEOUT
    assert time.monotonic() - started < 3


def test_a_body_shorter_than_announced(wire):
    short = said({"text": "네"})
    short.body, short.lacks = short.body[:60], len(short.body) - 60
    assert failure_of(wire, short) in {Failure.UNAVAILABLE, Failure.EMPTY}


def test_nobody_listens(wire, monkeypatch):
    monkeypatch.setenv("BEDROCK_ENDPOINT_URL", "http://127.0.0.1:9")
    settings.cache_clear()
    clients.bedrock.cache_clear()
    assert failure_of(wire) is Failure.UNAVAILABLE
