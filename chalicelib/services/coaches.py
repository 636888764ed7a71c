"""Which coach answers: Claude where the stage has it and it may be asked, the local coach in every other case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain import Action, Briefing, Caller, Coaching
from chalicelib.observability import count, user_hash
from chalicelib.services import spending
from chalicelib.services.coaching import local
from chalicelib.settings import settings

# Where somebody is in danger, words that people have weighed are better than any that were never read.
NOT_ASKED = frozenset(("self_harm", "self_harm_by_me", "violence"))

_circuit = spending.Circuit()


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
    if settings().bedrock != "aws":
        return "local"
    from chalicelib.services.coaching import prompt  # noqa: PLC0415 (as below)

    return f"bedrock {settings().bedrock_model_id} {prompt.VERSION}"


def coach(briefing: Briefing, names: Sequence[str], room: str, caller: Caller) -> Coached:
    """Answer a briefing. ``names`` are those that a model must not see, ``room`` what their pseudonyms go with."""
    case = local.understand(briefing)
    answer, recommendation = local.answer(case), case.verdict.recommendation
    if (
        settings().bedrock != "aws"
        or recommendation.action is Action.DO_NOT_CONTACT
        or recommendation.code in NOT_ASKED
    ):
        return Coached(answer, "local")
    if _circuit.is_open or not spending.may_spend(caller.now):
        return _degraded(answer, NOTHING)
    # Most stages and requests never ask, and need not wait for what asking loads.
    from chalicelib.services.coaching import claude  # noqa: PLC0415
    from chalicelib.services.masking.masker import Masker  # noqa: PLC0415

    asked = claude.ask(case, answer, Masker(room, names), {"user": user_hash(caller.user_id)})
    _circuit.note(failed=asked.coaching is None and asked.failure not in claude.OF_THE_ANSWER)
    spending.spend(caller.now, asked.cost_usd)
    usage = Usage(asked.input_tokens, asked.output_tokens, 0, round(asked.cost_usd, 6))
    if asked.coaching is None:
        return _degraded(answer, usage)
    return Coached(asked.coaching, "bedrock", settings().bedrock_model_id, usage=usage)


def _degraded(answer: Coaching, usage: Usage) -> Coached:
    count("AnswersDegraded")
    return Coached(answer, "local", degraded=True, usage=usage)
