"""Choose the coach: Claude where the stage has it and may call it, the local coach otherwise.

Comprehend is called only to prepare a question to Claude. The local coach reads the sentiment of each line itself.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

from chalicelib.coaching import local_coach
from chalicelib.coaching.case import Case
from chalicelib.coaching.llm import prompt
from chalicelib.domain import Action, Briefing, Caller, Coaching, ModelRun, Recommendation
from chalicelib.masking import masker as masking
from chalicelib.observability import count, user_hash
from chalicelib.services.ai import budget, claude, comprehend, room_sentiment
from chalicelib.services.ai.runtime import runtime
from chalicelib.settings import settings

# In a crisis, replies that people have weighed are safer than replies that nobody has read.
_LOCAL_ONLY_CODES = frozenset(("self_harm", "self_harm_by_me", "violence"))


def engine_version() -> str:
    """Return the engine, model and prompt version that answer now. A stored answer is reused only for the same one."""
    return "local" if settings().bedrock != "aws" else f"bedrock {settings().bedrock_model_id} {prompt.VERSION}"


def answer(briefing: Briefing, masker: masking.Masker, caller: Caller) -> ModelRun:
    """Answer a briefing. The model sees only text that ``masker`` has masked."""
    case = local_coach.understand(briefing)
    local = local_coach.answer(case)
    if not _needs_model(local.recommendation):
        return ModelRun(local)
    run = _ask_model(case, local, masker, caller)
    if run.degraded:
        count("AnswersDegraded")
    return run


def _needs_model(recommendation: Recommendation) -> bool:
    may_send = recommendation.action is not Action.DO_NOT_CONTACT and recommendation.code not in _LOCAL_ONLY_CODES
    return may_send and settings().bedrock == "aws"


def _ask_model(case: Case, local: Coaching, masker: masking.Masker, caller: Caller) -> ModelRun:
    """Ask the model, unless the budget is used up or the circuit is open. Fall back to the local answer."""
    breaker = runtime().model_breaker
    if breaker.is_open or not budget.may_spend(caller.now):
        return ModelRun(local, degraded=True)
    briefing, sentiment = case.briefing, room_sentiment.LOCAL_SENTIMENT
    if comprehend.is_on():
        sentiment = room_sentiment.read(caller, briefing.lines, briefing.now.tzinfo or UTC, masker.mask)
    scores = room_sentiment.latest_scores(briefing.lines, sentiment)
    run = claude.ask(case, local, scores, masker, {"user": user_hash(caller.user_id)})
    # A model that answers badly is still up: only calls that failed open the circuit.
    breaker.record(failed=run.degraded and run.failure not in claude.ANSWER_FAILURES)
    budget.spend(caller.now, run.usage.cost_usd)
    dollars = run.usage.cost_usd + sentiment.units * comprehend.UNIT_USD
    return replace(run, usage=replace(run.usage, comprehend_units=sentiment.units, cost_usd=round(dollars, 6)))
