"""Amazon Comprehend: what Korean texts feel and name, in batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chalicelib.aws import clients
from chalicelib.aws.errors import AwsCallFailed, Failure, call_with_timeout
from chalicelib.domain import ComprehendCall, ComprehendResult, SentimentScores, TextSpan

LANGUAGE = "ko"
# Of a batch, and of each document in it in bytes of UTF-8 (quotas of Amazon Comprehend, and botocore's model).
MAX_DOCUMENTS, MAX_BYTES = 25, 5_000


def read(operation: ComprehendCall, texts: Sequence[str], seconds: float) -> list[ComprehendResult | None]:
    """What Comprehend says of each text, in their order; None of one that it could not read even alone.

    Args:
        operation: What is asked.
        texts: Each of 1 to 5,000 bytes.
        seconds: How long each call may take.

    Raises:
        AskingFailed: no answer came.
    """
    starts = range(0, len(texts), MAX_DOCUMENTS)
    return [result for start in starts for result in _batch(operation, texts[start : start + MAX_DOCUMENTS], seconds)]


def _batch(operation: ComprehendCall, texts: Sequence[str], seconds: float) -> list[ComprehendResult | None]:
    """A batch, and once more those of it that failed."""
    found = _call(operation, texts, seconds)
    failed = [index for index in range(len(texts)) if index not in found]
    if failed:
        again = _call(operation, [texts[index] for index in failed], seconds)
        found |= {failed[index]: result for index, result in again.items()}
    return [found.get(index) for index in range(len(texts))]


def _call(operation: ComprehendCall, texts: Sequence[str], seconds: float) -> dict[int, ComprehendResult]:
    """What was said of which text. A batch succeeds even where every text of it failed."""
    call = getattr(clients.comprehend(), f"batch_detect_{operation}")
    answered = call_with_timeout(lambda: call(TextList=list(texts), LanguageCode=LANGUAGE), seconds)
    if "ResultList" not in answered:
        # botocore takes a body that breaks off for an empty success.
        raise AwsCallFailed(Failure.EMPTY)
    return {item["Index"]: _result(operation, item, texts[item["Index"]]) for item in answered["ResultList"]}


def _result(operation: ComprehendCall, item: Mapping[str, Any], text: str) -> ComprehendResult:
    if operation is ComprehendCall.SENTIMENT:
        scores = item["SentimentScore"]
        return SentimentScores(scores["Positive"], scores["Negative"], scores["Neutral"], scores["Mixed"])
    return tuple(_places(item["Entities" if operation is ComprehendCall.ENTITIES else "KeyPhrases"], text))


def _places(named: Sequence[Mapping[str, Any]], text: str) -> Iterator[TextSpan]:
    """Where the text names what is said to be named; what is not there is dropped."""
    for one in named:
        begin = one.get("BeginOffset", 0)
        if not text.startswith(one["Text"], begin):
            begin = text.find(one["Text"])
        if begin >= 0:
            yield TextSpan(begin, begin + len(one["Text"]), float(one["Score"]), one.get("Type", ""))
