"""What Comprehend says of masked texts: asked once, within an analysis' units and the deployment's dollars."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from chalicelib import deadline
from chalicelib.aws import comprehend
from chalicelib.aws.errors import AwsCallFailed
from chalicelib.domain import CHAT_RETENTION, Caller, ComprehendCall, ComprehendResult, SentimentScores, TextSpan
from chalicelib.observability import count
from chalicelib.repositories import comprehend_results
from chalicelib.repositories.database import database
from chalicelib.services import accounts
from chalicelib.services.ai import budget
from chalicelib.services.ai.circuit_breaker import CircuitBreaker
from chalicelib.settings import settings

# A unit is 100 characters, a document takes at least three (list price of us-east-1, 2026-11).
UNIT_CHARACTERS, MIN_UNITS, UNIT_USD = 100, 3, 0.0001
# The most that one analysis takes.
MAX_UNITS = 10
# How long one call is waited for, and how much of a request's time must be left to ask at all.
CALL_S, MIN_REMAINING_S = 3.0, 12.0

Question = tuple[ComprehendCall, str]

_circuit = CircuitBreaker("Comprehend")


@dataclass(frozen=True, slots=True)
class Answers:
    """What was said of which text, of those that were read, and the units that this took."""

    found: Mapping[Question, ComprehendResult]
    units: int = 0

    def sentiment(self, text: str) -> SentimentScores | None:
        """What a text feels, None when it was not read."""
        found = self.found.get((ComprehendCall.SENTIMENT, text))
        return found if isinstance(found, SentimentScores) else None

    def places(self, operation: ComprehendCall, text: str) -> tuple[TextSpan, ...] | None:
        """Where a text names something, None when it was not read."""
        found = self.found.get((operation, text))
        return found if isinstance(found, tuple) else None


def is_on() -> bool:
    """Whether the stage has Comprehend."""
    return settings().comprehend == "aws"


def ask(caller: Caller, questions: Sequence[Question]) -> Answers:
    """Answer questions about masked texts, the most important first, as far as ten units go.

    What was asked within seven days is answered from store. What fails is left out: the local model's is there.
    """
    if not questions:
        return Answers({})
    hashes = {text: _hash(caller, text) for _, text in questions}
    stored = database().read(caller.user_id, lambda tx: comprehend_results.known(tx, hashes.values(), caller.now))
    known = {question: stored[key] for question in questions if (key := _key(question, hashes)) in stored}
    new = within_unit_budget(question for question in dict.fromkeys(questions) if question not in known)
    if not new or not _may_ask(caller):
        return Answers(known)
    found = {question: result for operation in ComprehendCall for question, result in _read(operation, new).items()}
    units = sum(units_of(text) for _, text in found)
    count("ComprehendUnits", units)
    if found:
        kept = {_key(question, hashes): result for question, result in found.items()}
        accounts.write(caller, lambda tx: comprehend_results.keep(tx, kept, caller.now + CHAT_RETENTION))
        budget.spend(caller.now, units * UNIT_USD)
    return Answers(known | found, units)


def units_of(text: str) -> int:
    """What asking one thing of a text takes."""
    return max(MIN_UNITS, ceil(len(text) / UNIT_CHARACTERS))


def within_unit_budget(questions: Iterable[Question]) -> list[Question]:
    """Those of the questions that ten units pay for, the first first."""
    chosen, left = [], MAX_UNITS
    for operation, text in questions:
        if (units := units_of(text)) <= left:
            chosen.append((operation, text))
            left -= units
    return chosen


def _may_ask(caller: Caller) -> bool:
    return not _circuit.is_open and deadline.remaining_seconds() > MIN_REMAINING_S and budget.may_spend(caller.now)


def _read(operation: ComprehendCall, questions: Iterable[Question]) -> dict[Question, ComprehendResult]:
    texts = [text for asked, text in questions if asked is operation]
    if not texts:
        return {}
    try:
        results = comprehend.read(operation, texts, CALL_S)
    except AwsCallFailed as error:
        count("ComprehendFailures", why=error.failure.value)
        _circuit.record(failed=True)
        return {}
    _circuit.record(failed=False)
    unread = results.count(None)
    if unread:
        count("ComprehendFailures", unread, why="document")
    return {(operation, text): result for text, result in zip(texts, results, strict=True) if result is not None}


def _key(question: Question, hashes: Mapping[str, str]) -> comprehend_results.Asked:
    operation, text = question
    return hashes[text], operation


def _hash(caller: Caller, text: str) -> str:
    """The text's name in store, keyed so that the same words of two users have nothing in common."""
    key = hashlib.sha256(caller.user_id.encode()).digest()
    return hashlib.blake2b(text.encode(), key=key, digest_size=16).hexdigest()
