"""The real Comprehend client against a server that speaks its protocol: results and failures."""

from __future__ import annotations

import pytest

from chalicelib.aws.comprehend import detect
from chalicelib.aws.errors import AwsCallFailed, Failure
from chalicelib.domain import ComprehendOperation, SentimentScores, TextSpan
from tests.support.aws_wire_server import Answer, WireServer, batch_answer, error_answer, mentions, sentiment
from tests.support.stage import stage_with


@pytest.fixture
def wire():
    with WireServer() as wire, stage_with(COMPREHEND_ENDPOINT_URL=wire.url):
        yield wire


def failure_of(wire, *script, seconds=5.0):
    wire.answers(*script)
    with pytest.raises(AwsCallFailed) as error:
        detect(ComprehendOperation.SENTIMENT, ["좋아"], seconds)
    return error.value.failure


def test_sentiments_are_in_the_order_of_the_texts(wire):
    wire.answers(batch_answer(sentiment(positive=0.75, neutral=0.25), sentiment(negative=0.5, mixed=0.5)))
    assert detect(ComprehendOperation.SENTIMENT, ["좋아", "싫은데 좋아"], 5) == [
        SentimentScores(0.75, 0.0, 0.25, 0.0),
        SentimentScores(0.0, 0.5, 0.0, 0.5),
    ]
    assert (wire.sent[0].operation, wire.sent[0].texts) == ("BatchDetectSentiment", ["좋아", "싫은데 좋아"])


def test_entities_and_key_phrases_are_spans_of_the_text(wire):
    text = "😀 부산에서 회를 먹었어"
    wire.answers(batch_answer(mentions("Entities", ("부산", 2, 0.875, "LOCATION"))))
    assert detect(ComprehendOperation.ENTITIES, [text], 5) == [(TextSpan(2, 4, 0.875, "LOCATION"),)]
    wire.answers(batch_answer(mentions("KeyPhrases", ("회", 7, 0.5))))
    assert detect(ComprehendOperation.KEY_PHRASES, [text], 5) == [(TextSpan(7, 8, 0.5),)]
    assert text[7:8] == "회"


def test_a_mention_at_another_offset_is_located_and_one_not_in_the_text_is_dropped(wire):
    wire.answers(batch_answer(mentions("Entities", ("부산", 3, 0.5, "LOCATION"), ("서울", 0, 0.5, "LOCATION"))))
    assert detect(ComprehendOperation.ENTITIES, ["😀 부산"], 5) == [(TextSpan(2, 4, 0.5, "LOCATION"),)]


def test_more_texts_than_fit_into_a_batch_are_sent_in_several_requests(wire):
    batches = [batch_answer(*[sentiment(neutral=1.0)] * size) for size in (25, 25, 10)]
    wire.answers(*batches)
    assert (
        detect(ComprehendOperation.SENTIMENT, [f"글 {number}" for number in range(60)], 5)
        == [SentimentScores(0.0, 0.0, 1.0, 0.0)] * 60
    )
    assert [len(sent.texts) for sent in wire.sent] == [25, 25, 10]


def test_documents_that_failed_within_a_batch_are_sent_again_without_the_others(wire):
    good, bad = sentiment(positive=1.0), sentiment(negative=1.0)
    wire.answers(batch_answer(good, failed=(0, 2)), batch_answer(bad, failed=(1,)))
    results = detect(ComprehendOperation.SENTIMENT, ["가", "나", "다"], 5)
    assert results == [SentimentScores(0.0, 1.0, 0.0, 0.0), SentimentScores(1.0, 0.0, 0.0, 0.0), None]
    assert [sent.texts for sent in wire.sent] == [["가", "나", "다"], ["가", "다"]]


@pytest.mark.parametrize(
    ("status", "name", "expected"),
    [
        (403, "AccessDeniedException", Failure.FORBIDDEN),
        (400, "InvalidRequestException", Failure.REJECTED),
        (400, "TextSizeLimitExceededException", Failure.REJECTED),
        (400, "BatchSizeLimitExceededException", Failure.REJECTED),
        (400, "UnsupportedLanguageException", Failure.REJECTED),
    ],
)
def test_a_refusal_is_not_retried(wire, status, name, expected):
    assert failure_of(wire, error_answer(status, name)) is expected
    assert len(wire.sent) == 1


@pytest.mark.parametrize(
    ("status", "name", "expected"),
    [
        (429, "ThrottlingException", Failure.THROTTLED),
        (500, "InternalServerException", Failure.UNAVAILABLE),
        (503, "SomethingNew", Failure.UNAVAILABLE),
    ],
)
def test_a_temporary_error_is_retried_once(wire, status, name, expected):
    assert failure_of(wire, *[error_answer(status, name)] * 2) is expected
    assert len(wire.sent) == 2
    wire.answers(error_answer(status, name), batch_answer(sentiment(neutral=1.0)))
    assert detect(ComprehendOperation.SENTIMENT, ["좋아"], 5) == [SentimentScores(0.0, 0.0, 1.0, 0.0)]


def test_a_request_without_a_complete_answer_in_time_is_a_timeout(wire):
    assert failure_of(wire, batch_answer(sentiment(neutral=1.0), delay_s=2), seconds=0.2) is Failure.TIMEOUT
    assert failure_of(wire, batch_answer(sentiment(neutral=1.0), byte_interval_s=0.05), seconds=0.2) is Failure.TIMEOUT


def test_a_broken_connection_is_unavailable(wire):
    assert failure_of(wire, *[Answer(reset=True)] * 2) is Failure.UNAVAILABLE


def test_a_truncated_body_is_a_failure(wire):
    # botocore parses a truncated body as an empty success.
    assert failure_of(wire, Answer(body=b'{"ResultList": [', missing_bytes=20)) is Failure.EMPTY
    assert failure_of(wire, Answer(body=b'{"ResultList": [')) is Failure.EMPTY
    assert failure_of(wire, Answer(body=b"\xa0\xff")) is Failure.UNAVAILABLE
