"""The cost of a model's answer by room, model and month, compared with sending the whole chat.

Tokens are counted as for the prompt's budget: one for two bytes of UTF-8, more than a tokenizer needs. The output is an
answer of the local coach in the shape of a model's answer. For Comprehend, the maximum of units per analysis is
counted.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from benchmarks.chats import NAMES, SEOUL, chat
from benchmarks.table import Table
from chalicelib.analysis import speech
from chalicelib.coaching import local_coach
from chalicelib.coaching.llm import prompt
from chalicelib.coaching.llm.excerpt import tokens_of
from chalicelib.coaching.llm.models import model_of
from chalicelib.domain import Briefing, ChatLine, Coaching, ComprehendOperation, Kind, PartnerFacts, Role
from chalicelib.masking.masker import Masker
from chalicelib.services.ai import comprehend, room_sentiment
from chalicelib.services.recent_messages import MAX_LINES

ROOMS = (100, 10_000, 100_000)
INFRASTRUCTURE_COSTS = Path(__file__).parent / "data" / "infrastructure_costs.json"
MODELS = (
    "us.anthropic.claude-haiku-5-5",
    "us.anthropic.claude-haiku-4-5-20251001-v1:0",
    "us.anthropic.claude-sonnet-5-5",
    "us.anthropic.claude-sonnet-4-6",
)
USERS, ANALYSES_PER_MONTH = (100, 1_000, 10_000), 5
# An answer that is repaired costs two calls.
CALLS = 2
# The goals: input tokens, Comprehend units, US dollars per answer and per month with 1,000 users.
MAX_TOKENS, MAX_UNITS, MAX_USD, MAX_USD_PER_MONTH = 4_000, 10, 0.003, 17


def measure(table: Table) -> None:
    """Add the rows about tokens, then the rows about US dollars."""
    for messages in ROOMS:
        lines = [
            ChatLine(
                Role.ME if line.sender == NAMES[0] else Role.PARTNER,
                line.sender,
                Kind.TEXT,
                line.text,
                line.at.replace(tzinfo=SEOUL),
            )
            for line in chat(messages)
        ]
        question, answer = _tokens(lines)
        whole = sum(tokens_of(line.text) + 1 for line in lines)
        table.add(
            f"input tokens, a room of {messages:,}",
            f"{question:,}",
            comparison=f"the whole chat {whole:,}",
            ratio=f"{whole / question:,.1f}",
            goal=f"≤ {MAX_TOKENS:,}",
        )
        units = _units(lines)
        each = sum(comprehend.units_of(line.text) for line in lines)
        table.add(
            f"units of Comprehend, a room of {messages:,}",
            f"{units}",
            comparison=f"each message {each:,}, ${each * comprehend.UNIT_USD:,.2f}",
            ratio=f"{each / units:,.1f}",
            goal=f"≤ {MAX_UNITS}",
        )
    table.add("output tokens", f"{answer:,}")
    for users in USERS:
        table.add(f"infrastructure, a month of {users:,} users", f"${_infrastructure(users):,.2f}")
    for model_id in MODELS:
        _add_dollars(table, model_id, question, answer, whole)


def _add_dollars(table: Table, model_id: str, question: int, answer: int, whole: int) -> None:
    """Add the cost of an answer with the maximum of Comprehend units, and of a month with the infrastructure."""
    model, comprehend_usd = model_of(model_id), comprehend.MAX_UNITS * comprehend.UNIT_USD
    once = model.cost(question, answer) + comprehend_usd
    repaired = CALLS * model.cost(question + answer, answer) + comprehend_usd
    name = model_id.partition("claude-")[2]
    is_default = model_id == MODELS[0]
    table.add(
        f"an answer of {name}",
        f"${once:.5f}",
        comparison=f"repaired ${repaired:.5f}, whole chat ${model.cost(whole, answer):.3f}",
        goal=f"≤ ${MAX_USD}" if is_default else "",
    )
    for users in USERS:
        month, maximum = (users * ANALYSES_PER_MONTH * each + _infrastructure(users) for each in (once, repaired))
        goal = f"≤ ${MAX_USD_PER_MONTH}" if is_default and users == USERS[1] else ""
        table.add(
            f"… a month of {users:,} users", f"${month:,.2f}", comparison=f"all repaired ${maximum:,.2f}", goal=goal
        )


def _infrastructure(users: int) -> float:
    """Return the US dollars per month for the infrastructure without the models: ``data/infrastructure_costs.json``."""
    data = json.loads(INFRASTRUCTURE_COSTS.read_text("utf-8"))
    each, stage = data["per_user"], data["per_stage"]
    seconds = each["requests"] * each["request_seconds"] * each["request_gb"]
    seconds += ANALYSES_PER_MONTH * each["answer_seconds"] * each["request_gb"]
    seconds += each["imports"] * each["import_seconds"] * each["import_gb"]
    quantities = {
        "API Gateway": users * each["requests"],
        "Lambda requests": users * (each["requests"] + each["imports"]) + stage["scheduled_runs"],
        "Lambda seconds": users * seconds
        + stage["scheduled_runs"] * stage["scheduled_seconds"] * stage["scheduled_gb"],
        "DSQL": users * each["dpu"],
        "DSQL storage": users * each["stored_gb"],
        "S3 requests": users * each["imports"] * 3,
        "logs": users * each["log_gb"],
        "metrics": stage["metrics"],
        "alarms": stage["alarms"],
    }
    bills = (max(quantities[name] - price["free"], 0) * price["usd"] for name, price in data["prices"].items())
    return float(sum(bills))


def _units(lines: list[ChatLine]) -> int:
    """Return the Comprehend units of a chat's first analysis. Later ones use the stored results."""
    mask = Masker("room", NAMES).mask
    windows = room_sentiment.significant_windows(lines[-MAX_LINES:], SEOUL)
    requests = comprehend.within_unit_budget(
        dict.fromkeys(comprehend.TextRequest(ComprehendOperation.SENTIMENT, mask(window.text)) for window in windows)
    )
    return sum(comprehend.units_of(request.text) for request in requests)


class _Tokens(NamedTuple):
    """The tokens of a question about the end of a chat, and of an answer to it."""

    question: int
    answer: int


def _tokens(lines: list[ChatLine]) -> _Tokens:
    case = local_coach.understand(_briefing(lines))
    answer = local_coach.answer(case)
    scores = room_sentiment.latest_scores(lines[-MAX_LINES:], room_sentiment.LOCAL_SENTIMENT)
    question = prompt.write_prompt(case, answer, scores, Masker("room", NAMES).mask)
    return _Tokens(question.tokens, tokens_of(json.dumps(_model_answer(answer), ensure_ascii=False)))


def _briefing(lines: list[ChatLine]) -> Briefing:
    texts = {role: [line.text for line in lines if line.role is role] for role in (Role.ME, Role.PARTNER)}
    return Briefing(
        lines=tuple(lines[-MAX_LINES:]),
        now=datetime.now(UTC).astimezone(SEOUL),
        partner=PartnerFacts(name=NAMES[1], relationship="썸", age=27, description="조용하지만 잘 웃는 사람"),
        my_speech=speech.analyse(texts[Role.ME][-1000:]),
        partner_speech=speech.analyse(texts[Role.PARTNER][-1000:]),
        goal="자연스럽게 약속을 잡고 싶어요",
    )


def _model_answer(answer: Coaching) -> dict[str, object]:
    """Return an answer of the local coach in the shape of a model's answer."""
    responses = [
        {
            "type": each.type,
            "message": each.message,
            "explanation": each.explanation,
            "risk_level": each.risk_level,
            "confidence": each.confidence,
            "advice": each.advice,
            "expected_reaction": each.expected_reaction,
        }
        for each in answer.responses
    ]
    traits = [
        {"name": each.name, "description": each.description, "line": 1, "quote": each.evidence[0].quote}
        for each in answer.partner_traits
        if each.evidence
    ]
    return {
        "responses": responses,
        "recommendation": {"action": answer.recommendation.action, "reason": answer.recommendation.reason},
        "partner": {"summary": answer.partner_summary, "traits": traits},
    }
