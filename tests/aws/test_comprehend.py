"""The real Comprehend client against a server that speaks its protocol: what comes back, and what can go wrong."""

import pytest

from chalicelib.aws.comprehend import read
from chalicelib.aws.errors import AwsCallFailed, Failure
from chalicelib.domain import ComprehendCall, SentimentScores, TextSpan
from tests.support.aws_wire_server import Answer, Wire, comprehended, fault, feels, names
from tests.support.stage import stage_with


@pytest.fixture
def wire():
    with Wire() as wire, stage_with(COMPREHEND_ENDPOINT_URL=wire.url):
        yield wire


def failure_of(wire, *script, seconds=5.0):
    wire.answers(*script)
    with pytest.raises(AwsCallFailed) as failed:
        read(ComprehendCall.SENTIMENT, ["좋아"], seconds)
    return failed.value.failure


def test_sentiments_in_the_order_of_the_texts(wire):
    wire.answers(comprehended(feels(positive=0.75, neutral=0.25), feels(negative=0.5, mixed=0.5)))
    assert read(ComprehendCall.SENTIMENT, ["좋아", "싫은데 좋아"], 5) == [
        SentimentScores(0.75, 0.0, 0.25, 0.0),
        SentimentScores(0.0, 0.5, 0.0, 0.5),
    ]
    assert (wire.sent[0].operation, wire.sent[0].texts) == ("BatchDetectSentiment", ["좋아", "싫은데 좋아"])


def test_entities_and_key_phrases_by_their_places(wire):
    text = "😀 부산에서 회를 먹었어"
    wire.answers(comprehended(names("Entities", ("부산", 2, 0.875, "LOCATION"))))
    assert read(ComprehendCall.ENTITIES, [text], 5) == [(TextSpan(2, 4, 0.875, "LOCATION"),)]
    wire.answers(comprehended(names("KeyPhrases", ("회", 7, 0.5))))
    assert read(ComprehendCall.KEY_PHRASES, [text], 5) == [(TextSpan(7, 8, 0.5),)]
    assert text[7:8] == "회"


def test_a_place_counted_otherwise_is_found_and_what_is_not_there_is_dropped(wire):
    wire.answers(comprehended(names("Entities", ("부산", 3, 0.5, "LOCATION"), ("서울", 0, 0.5, "LOCATION"))))
    assert read(ComprehendCall.ENTITIES, ["😀 부산"], 5) == [(TextSpan(2, 4, 0.5, "LOCATION"),)]


def test_more_than_a_batch_takes_is_several(wire):
    batches = [comprehended(*[feels(neutral=1.0)] * size) for size in (25, 25, 10)]
    wire.answers(*batches)
    assert (
        read(ComprehendCall.SENTIMENT, [f"글 {number}" for number in range(60)], 5)
        == [SentimentScores(0.0, 0.0, 1.0, 0.0)] * 60
    )
    assert [len(sent.texts) for sent in wire.sent] == [25, 25, 10]


def test_what_failed_within_a_batch_is_asked_again_alone(wire):
    good, bad = feels(positive=1.0), feels(negative=1.0)
    wire.answers(comprehended(good, failed=(0, 2)), comprehended(bad, failed=(1,)))
    found = read(ComprehendCall.SENTIMENT, ["가", "나", "다"], 5)
    assert found == [SentimentScores(0.0, 1.0, 0.0, 0.0), SentimentScores(1.0, 0.0, 0.0, 0.0), None]
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
def test_a_refusal_is_not_tried_again(wire, status, name, expected):
    assert failure_of(wire, fault(status, name)) is expected
    assert len(wire.sent) == 1


@pytest.mark.parametrize(
    ("status", "name", "expected"),
    [
        (429, "ThrottlingException", Failure.THROTTLED),
        (500, "InternalServerException", Failure.UNAVAILABLE),
        (503, "SomethingNew", Failure.UNAVAILABLE),
    ],
)
def test_what_passes_is_tried_twice(wire, status, name, expected):
    assert failure_of(wire, *[fault(status, name)] * 2) is expected
    assert len(wire.sent) == 2
    wire.answers(fault(status, name), comprehended(feels(neutral=1.0)))
    assert read(ComprehendCall.SENTIMENT, ["좋아"], 5) == [SentimentScores(0.0, 0.0, 1.0, 0.0)]


def test_nobody_waits_longer_than_was_said(wire):
    assert failure_of(wire, comprehended(feels(neutral=1.0), after=2), seconds=0.2) is Failure.TIMEOUT
    assert failure_of(wire, comprehended(feels(neutral=1.0), drip=0.05), seconds=0.2) is Failure.TIMEOUT


def test_a_connection_that_breaks_is_no_answer(wire):
    assert failure_of(wire, *[Answer(reset=True)] * 2) is Failure.UNAVAILABLE


def test_a_body_that_breaks_off_is_no_answer(wire):
    # botocore takes it for an empty success.
    assert failure_of(wire, Answer(body=b'{"ResultList": [', lacks=20)) is Failure.EMPTY
    assert failure_of(wire, Answer(body=b'{"ResultList": [')) is Failure.EMPTY
    assert failure_of(wire, Answer(body=b"\xa0\xff")) is Failure.UNAVAILABLE
