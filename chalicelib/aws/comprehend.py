"""Sentiment, entities and key phrases of Korean texts by Amazon Comprehend, in batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from chalicelib.aws import clients
from chalicelib.aws.errors import AwsCallFailed, Failure, call_with_timeout
from chalicelib.domain import ComprehendOperation, ComprehendResult, SentimentScores, TextSpan

if TYPE_CHECKING:
    from types_boto3_comprehend import ComprehendClient

LANGUAGE: Final = "ko"
# The quota of Amazon Comprehend. Each document has at most 5,000 bytes.
MAX_DOCUMENTS_PER_BATCH = 25


def detect(operation: ComprehendOperation, texts: Sequence[str], seconds: float) -> list[ComprehendResult | None]:
    """Return Comprehend's result for each text, in the same order. None for a text that failed twice.

    Args:
        operation: The operation to run on each text.
        texts: Texts of 1 to 5,000 bytes in UTF-8.
        seconds: The timeout of each request in seconds.

    Raises:
        AwsCallFailed: A request returned no results.
    """
    starts = range(0, len(texts), MAX_DOCUMENTS_PER_BATCH)
    batches = [texts[start : start + MAX_DOCUMENTS_PER_BATCH] for start in starts]
    return [result for batch in batches for result in _detect_all(operation, batch, seconds)]


def _detect_all(operation: ComprehendOperation, texts: Sequence[str], seconds: float) -> list[ComprehendResult | None]:
    """Send a batch, and send the documents that failed once more."""
    results = _request(operation, texts, seconds)
    failed = [index for index in range(len(texts)) if index not in results]
    if failed:
        retried = _request(operation, [texts[index] for index in failed], seconds)
        results |= {failed[index]: result for index, result in retried.items()}
    return [results.get(index) for index in range(len(texts))]


def _request(operation: ComprehendOperation, texts: Sequence[str], seconds: float) -> dict[int, ComprehendResult]:
    """Send one request and return the results by index. Leave out the documents that failed."""
    client = clients.comprehend()
    response = call_with_timeout(lambda: _batch_detect(client, operation, texts), seconds)
    if "ResultList" not in response:
        # botocore parses a truncated body as an empty success.
        raise AwsCallFailed(Failure.EMPTY)
    return {item["Index"]: _result(operation, item, texts[item["Index"]]) for item in response["ResultList"]}


def _batch_detect(client: ComprehendClient, operation: ComprehendOperation, texts: Sequence[str]) -> Mapping[str, Any]:
    if operation is ComprehendOperation.SENTIMENT:
        return client.batch_detect_sentiment(TextList=texts, LanguageCode=LANGUAGE)
    if operation is ComprehendOperation.ENTITIES:
        return client.batch_detect_entities(TextList=texts, LanguageCode=LANGUAGE)
    return client.batch_detect_key_phrases(TextList=texts, LanguageCode=LANGUAGE)


def _result(operation: ComprehendOperation, item: Mapping[str, Any], text: str) -> ComprehendResult:
    if operation is ComprehendOperation.SENTIMENT:
        scores = item["SentimentScore"]
        return SentimentScores(scores["Positive"], scores["Negative"], scores["Neutral"], scores["Mixed"])
    return tuple(_spans(item["Entities" if operation is ComprehendOperation.ENTITIES else "KeyPhrases"], text))


def _spans(mentions: Sequence[Mapping[str, Any]], text: str) -> Iterator[TextSpan]:
    """Yield the span of each mention. Drop a mention that ``text`` does not contain.

    A mention that is not at its offset gets the span of its first occurrence in ``text``.
    """
    for mention in mentions:
        begin = mention.get("BeginOffset", 0)
        if not text.startswith(mention["Text"], begin):
            begin = text.find(mention["Text"])
        if begin >= 0:
            yield TextSpan(begin, begin + len(mention["Text"]), float(mention["Score"]), mention.get("Type", ""))
