"""Choose the coach: Claude if the stage has it and may call it, otherwise the local coach.

Comprehend is called only to prepare a question to Claude. The local coach uses the local model of sentiment.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

from chalicelib.coaching import local_coach
from chalicelib.coaching.case import Case
from chalicelib.coaching.llm import prompt
from chalicelib.domain import Action, Briefing, Caller, Coaching, ModelRun, Recommendation
from chalicelib.masking.masker import Masker
from chalicelib.observability import count, user_hash
from chalicelib.services.ai import budget, claude, comprehend, room_sentiment
from chalicelib.services.ai.runtime import runtime
from chalicelib.settings import settings

# In a crisis, only replies that people have written and reviewed are offered.
_LOCAL_ONLY_CODES = frozenset(("self_harm", "self_harm_by_me", "violence"))


def engine_version() -> str:
    """Return the current engine with its model and prompt version. A stored answer is reused only for the same one."""
    return f"bedrock {settings().bedrock_model_id} {prompt.VERSION}" if settings().bedrock == "aws" else "local"


def answer(briefing: Briefing, masker: Masker, caller: Caller) -> ModelRun:
    """Answer a briefing. The model sees only text that ``masker`` has masked."""
    case = local_coach.understand(briefing)
    local_answer = local_coach.answer(case)
    if not _may_ask_model(local_answer.recommendation):
        return ModelRun(local_answer)
    run = _ask_model(case, local_answer, masker, caller)
    if run.degraded:
        count("AnswersDegraded")
    return run


def _may_ask_model(recommendation: Recommendation) -> bool:
    may_send = recommendation.action is not Action.DO_NOT_CONTACT and recommendation.code not in _LOCAL_ONLY_CODES
    return may_send and settings().bedrock == "aws"


def _ask_model(case: Case, local_answer: Coaching, masker: Masker, caller: Caller) -> ModelRun:
    """Ask the model. Return the local answer if the budget is used up, the circuit is open or the model fails."""
    breaker = runtime().model_breaker
    if breaker.is_open or not budget.may_spend(caller.now):
        return ModelRun(local_answer, degraded=True)
    briefing, sentiment = case.briefing, room_sentiment.LOCAL_SENTIMENT
    if comprehend.is_on():
        sentiment = room_sentiment.ask_comprehend(caller, briefing.lines, briefing.now.tzinfo or UTC, masker.mask)
    scores = room_sentiment.latest_scores(briefing.lines, sentiment)
    run = claude.ask(case, local_answer, scores, masker, {"user": user_hash(caller.user_id)})
    # A model that gives a bad answer is available. Only failed calls open the circuit.
    breaker.record(failed=run.degraded and run.failure not in claude.ANSWER_FAILURES)
    budget.spend(caller.now, run.usage.cost_usd)
    dollars = run.usage.cost_usd + sentiment.units * comprehend.UNIT_USD
    return replace(run, usage=replace(run.usage, comprehend_units=sentiment.units, cost_usd=round(dollars, 6)))
