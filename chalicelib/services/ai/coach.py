"""Which coach answers: Claude where the stage has it and it may be asked, the local coach in every other case.

Comprehend is asked only for Claude: the local coach reads feelings line by line and needs no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC

from chalicelib.coaching import local_coach
from chalicelib.coaching.llm import prompt
from chalicelib.domain import Action, Briefing, Caller, Coaching, Recommendation
from chalicelib.masking import masker as masking
from chalicelib.observability import count, user_hash
from chalicelib.services.ai import budget, claude, comprehend, room_sentiment
from chalicelib.services.ai.circuit_breaker import CircuitBreaker
from chalicelib.settings import settings

# Where somebody is in danger, words that people have weighed are better than any that were never read.
NOT_ASKED = frozenset(("self_harm", "self_harm_by_me", "violence"))

_circuit = CircuitBreaker("Model")


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer took."""

    input_tokens: int = 0
    output_tokens: int = 0
    comprehend_units: int = 0
    cost_usd: float = 0.0


NOTHING = Usage()


@dataclass(frozen=True, slots=True)
class Coached:
    """An answer, who gave it, and whether somebody else should have."""

    coaching: Coaching
    engine: str
    model: str | None = None
    degraded: bool = False
    usage: Usage = NOTHING


def engine() -> str:
    """What would answer, as answers in store are told apart by it."""
    return "local" if settings().bedrock != "aws" else f"bedrock {settings().bedrock_model_id} {prompt.VERSION}"


def coach(briefing: Briefing, masker: masking.Masker, caller: Caller) -> Coached:
    """Answer a briefing. A model sees of it what ``masker`` leaves."""
    case = local_coach.understand(briefing)
    answer = local_coach.answer(case)
    if not _has_model(answer.recommendation):
        return Coached(answer, "local")
    if _circuit.is_open or not budget.may_spend(caller.now):
        return _degraded(answer, NOTHING)
    asked, usage = _ask(case, answer, masker, caller)
    if asked is None:
        return _degraded(answer, usage)
    return Coached(asked, "bedrock", settings().bedrock_model_id, usage=usage)


def _has_model(recommendation: Recommendation) -> bool:
    may_send = recommendation.action is not Action.DO_NOT_CONTACT and recommendation.code not in NOT_ASKED
    return may_send and settings().bedrock == "aws"


def _ask(
    case: local_coach.Case, answer: Coaching, masker: masking.Masker, caller: Caller
) -> tuple[Coaching | None, Usage]:
    """What a model makes of a case that the local coach answered, and what asking took."""
    briefing, mood = case.briefing, room_sentiment.LOCAL_ONLY
    if comprehend.is_on():
        mood = room_sentiment.read(caller, briefing.lines, briefing.now.tzinfo or UTC, masker.mask)
    asked = claude.ask(
        case, answer, room_sentiment.latest(briefing.lines, mood), masker, {"user": user_hash(caller.user_id)}
    )
    _circuit.record(failed=asked.coaching is None and asked.failure not in claude.OF_THE_ANSWER)
    budget.spend(caller.now, asked.cost_usd)
    dollars = asked.cost_usd + mood.units * comprehend.UNIT_USD
    return asked.coaching, Usage(asked.input_tokens, asked.output_tokens, mood.units, round(dollars, 6))


def _degraded(answer: Coaching, usage: Usage) -> Coached:
    count("AnswersDegraded")
    return Coached(answer, "local", degraded=True, usage=usage)
