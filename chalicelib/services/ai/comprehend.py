"""Call Amazon Comprehend on masked texts, at most once per text, within a unit limit and the daily budget."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

from chalicelib import deadline
from chalicelib.aws import comprehend
from chalicelib.aws.errors import AwsCallFailed
from chalicelib.domain import CHAT_RETENTION, Caller, ComprehendOperation, ComprehendResult, SentimentScores, TextSpan
from chalicelib.observability import count
from chalicelib.repositories import comprehend_results
from chalicelib.repositories.database import database
from chalicelib.services import accounts
from chalicelib.services.ai import budget
from chalicelib.services.ai.runtime import runtime
from chalicelib.settings import settings

# Comprehend bills units of 100 characters, at least three per text (list price of us-east-1, 2026-11).
UNIT_USD = 0.0001
_UNIT_CHARACTERS, _MIN_UNITS = 100, 3
# The units that one request of a user may use.
MAX_UNITS = 10
_CALL_TIMEOUT_S = 3.0
# Comprehend is called only if this many seconds are left until the deadline of the request.
_MIN_REMAINING_S = 12.0


class TextRequest(NamedTuple):
    """An operation of Comprehend and the masked text to apply it to."""

    operation: ComprehendOperation
    text: str


@dataclass(frozen=True, slots=True)
class Results:
    """The results by request, and the units that new results cost. A request without a result is absent."""

    by_request: Mapping[TextRequest, ComprehendResult]
    units: int = 0

    def sentiment(self, text: str) -> SentimentScores | None:
        """Return the sentiment of a text, or None without a result."""
        result = self.by_request.get(TextRequest(ComprehendOperation.SENTIMENT, text))
        return result if isinstance(result, SentimentScores) else None

    def spans(self, operation: ComprehendOperation, text: str) -> tuple[TextSpan, ...] | None:
        """Return the entities or key phrases of a text, or None without a result."""
        result = self.by_request.get(TextRequest(operation, text))
        return result if isinstance(result, tuple) else None


def is_on() -> bool:
    """Return whether the stage has Comprehend."""
    return settings().comprehend == "aws"


def ask(caller: Caller, requests: Sequence[TextRequest]) -> Results:
    """Return stored results, and call Comprehend for the missing ones within the limit of ten units.

    Results are stored for seven days. A request without a result is left out. The local model then replaces it.

    Args:
        caller: The user.
        requests: The requests, in descending order of priority.
    """
    if not requests:
        return Results({})
    hashes = {request.text: _hash(caller, request.text) for request in requests}
    rows = database().read(caller.user_id, lambda tx: comprehend_results.find(tx, hashes.values(), caller.now))
    stored = {request: rows[key] for request in requests if (key := _key(request, hashes)) in rows}
    missing = within_unit_budget(request for request in dict.fromkeys(requests) if request not in stored)
    if not missing or not _may_call(caller):
        return Results(stored)
    new: dict[TextRequest, ComprehendResult] = {}
    for operation in ComprehendOperation:
        new |= _call(operation, missing)
    units = sum(units_of(request.text) for request in new)
    count("ComprehendUnits", units)
    if new:
        new_rows = {_key(request, hashes): result for request, result in new.items()}
        accounts.write(caller, lambda tx: comprehend_results.save(tx, new_rows, caller.now + CHAT_RETENTION))
        budget.spend(caller.now, units * UNIT_USD)
    return Results(stored | new, units)


def units_of(text: str) -> int:
    """Return the units that one operation on a text costs."""
    return max(_MIN_UNITS, ceil(len(text) / _UNIT_CHARACTERS))


def within_unit_budget(requests: Iterable[TextRequest]) -> list[TextRequest]:
    """Return the requests that fit into the limit of ten units. Earlier requests have priority."""
    selection, units_left = [], MAX_UNITS
    for request in requests:
        if (units := units_of(request.text)) <= units_left:
            selection.append(request)
            units_left -= units
    return selection


def _may_call(caller: Caller) -> bool:
    breaker = runtime().comprehend_breaker
    return not breaker.is_open and deadline.remaining_seconds() > _MIN_REMAINING_S and budget.may_spend(caller.now)


def _call(operation: ComprehendOperation, requests: Iterable[TextRequest]) -> dict[TextRequest, ComprehendResult]:
    """Call Comprehend for the requests of one operation. Return no results if the call fails."""
    texts = [request.text for request in requests if request.operation is operation]
    if not texts:
        return {}
    breaker = runtime().comprehend_breaker
    try:
        results = comprehend.detect(operation, texts, _CALL_TIMEOUT_S)
    except AwsCallFailed as error:
        count("ComprehendFailures", why=error.failure.value)
        breaker.record(failed=True)
        return {}
    breaker.record(failed=False)
    failed = results.count(None)
    if failed:
        count("ComprehendFailures", failed, why="document")
    pairs = zip(texts, results, strict=True)
    return {TextRequest(operation, text): result for text, result in pairs if result is not None}


def _key(request: TextRequest, hashes: Mapping[str, str]) -> comprehend_results.ResultKey:
    return hashes[request.text], request.operation


def _hash(caller: Caller, text: str) -> str:
    """Return the hash of a text, keyed with the user: equal texts of two users have different hashes."""
    key = hashlib.sha256(caller.user_id.encode()).digest()
    return hashlib.blake2b(text.encode(), key=key, digest_size=16).hexdigest()
