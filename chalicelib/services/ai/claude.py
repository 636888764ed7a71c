"""Ask Claude: at most two calls, and only an answer that passes the checks is used.

The model's answer replaces the local coach's replies, summary and traits. The help lines and the signals of interest
stay those of the local coach. The model can only make the recommendation stricter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalicelib import deadline
from chalicelib.aws.bedrock import ModelOutput, converse
from chalicelib.aws.errors import RETRYABLE_FAILURES, AwsCallFailed
from chalicelib.coaching import compose, safety, voice
from chalicelib.coaching.case import Case
from chalicelib.coaching.llm import answer_checks
from chalicelib.coaching.llm.answer_checks import Bounds, ModelAnswer, NoAnswer
from chalicelib.coaching.llm.models import Model, model_of
from chalicelib.coaching.llm.prompt import Prompt, answer_schema, prompt_text, write_prompt
from chalicelib.domain import (
    Action,
    Coaching,
    Evidence,
    ModelRun,
    Recommendation,
    Role,
    SentimentScores,
    SuggestedReply,
    Trait,
    Usage,
)
from chalicelib.masking.masker import Masker
from chalicelib.observability import count, log_context, write_metrics
from chalicelib.services.ai.runtime import runtime
from chalicelib.settings import settings

# Output tokens of an answer.
MAX_TOKENS = 1_800
# Seconds reserved for checking and storing the answer.
_RESERVE_S = 1.0
_TEMPERATURE = 0.7
# The actions in ascending order of strictness.
_STRICTNESS = (Action.SEND, Action.WAIT, Action.DO_NOT_CONTACT)
# Stop reasons of the Converse API.
_REFUSAL_REASONS = frozenset(("guardrail_intervened", "content_filtered"))
_TRUNCATION_REASONS = frozenset(("max_tokens", "model_context_window_exceeded"))

# Failures of an answer, not of the service. They do not open the circuit.
ANSWER_FAILURES = frozenset(("faulty", "too_long", "refused"))
# Failures after which a second call can succeed.
_RETRY_FAILURES = frozenset((*(failure.value for failure in RETRYABLE_FAILURES), "faulty", "too_long"))


def ask(
    case: Case, local_answer: Coaching, scores: Mapping[Role, SentimentScores], masker: Masker, metadata: dict[str, str]
) -> ModelRun:
    """Ask the stage's model about a case. Return the local answer, marked as degraded, if the model gives no good one.

    Args:
        case: The case to answer.
        local_answer: The local coach's answer.
        scores: The sentiment of each person's latest messages.
        masker: Masks names and numbers for the model, and unmasks names in its answer.
        metadata: Ids for the log of model invocations.
    """
    prompt = write_prompt(case, local_answer, scores, masker.mask)
    friendship_only = case.verdict.friendship_only
    user_voice = voice.infer(case.briefing, case.conversation, friendship_only=friendship_only)
    bounds = Bounds(
        user_voice, friendship_only, prompt.hidden_lines, f"{prompt.system}\n{prompt.boundary}", masker.unmask
    )
    model = model_of(settings().bedrock_model_id)
    return _ModelCalls(case, local_answer, masker, model, prompt, bounds, metadata).run()


@dataclass
class _ModelCalls:
    """The calls to the model about one case, with their number, their tokens and the latest failure."""

    case: Case
    local_answer: Coaching
    masker: Masker
    model: Model
    prompt: Prompt
    bounds: Bounds
    metadata: dict[str, str]
    input_tokens: int = 0
    output_tokens: int = 0
    calls: int = 0
    failure: str | None = None

    def run(self) -> ModelRun:
        """Call the model. Call it once more if that can succeed in the time that is left."""
        messages = [_message("user", self.prompt.question)]
        answer = self._call(messages)
        if answer is None and self._may_call_again():
            answer = self._call(messages)
        self._report(failed=answer is None)
        cost = self.model.cost(self.input_tokens, self.output_tokens)
        usage = Usage(self.input_tokens, self.output_tokens, cost_usd=cost)
        if answer is None:
            return ModelRun(self.local_answer, degraded=True, usage=usage, failure=self.failure)
        return ModelRun(self._coaching(answer), "bedrock", self.model.model_id, usage=usage)

    def _call(self, messages: list[dict[str, Any]]) -> ModelAnswer | None:
        """Call the model once. Set ``failure`` and return None if there is no answer that the user may see.

        Add an answer with faults and the request to repair it to ``messages``, for a second call.
        """
        self.calls += 1
        try:
            reply = converse(self._request(messages), max(deadline.remaining_seconds() - _RESERVE_S, _RESERVE_S))
        except AwsCallFailed as error:
            self.failure = error.failure.value
            return None
        self._measure(reply)
        if reply.stop_reason in _REFUSAL_REASONS:
            self.failure = "refused"
            return None
        try:
            answer = answer_checks.decode(reply.content)
            faults = answer_checks.find_faults(answer, self.bounds)
        except NoAnswer as error:
            faults = [str(error)]
        if not faults:
            return answer
        self.failure = "too_long" if reply.stop_reason in _TRUNCATION_REASONS else "faulty"
        messages += _repair_messages(reply, faults)
        return None

    def _may_call_again(self) -> bool:
        time_left = deadline.remaining_seconds() - _RESERVE_S
        return self.failure in _RETRY_FAILURES and time_left > runtime().call_times.percentile_90()

    def _measure(self, reply: ModelOutput) -> None:
        self.input_tokens += reply.input_tokens
        self.output_tokens += reply.output_tokens
        runtime().call_times.add(reply.seconds)
        write_metrics({"ModelMilliseconds": round(reply.seconds * 1_000)})

    def _report(self, *, failed: bool) -> None:
        if (context := log_context.get()) is not None:
            context.tokens += self.input_tokens + self.output_tokens
        write_metrics({"ModelCalls": self.calls, "InputTokens": self.input_tokens, "OutputTokens": self.output_tokens})
        if failed and self.failure:
            count("ModelFailures", why=self.failure)

    def _request(self, messages: list[dict[str, Any]]) -> dict[str, Any]:
        tool = {
            "name": answer_checks.TOOL_NAME,
            "description": "답장 셋과 상대에 대한 생각을 적는다",
            "inputSchema": {"json": answer_schema()},
        }
        choice = {"tool": {"name": answer_checks.TOOL_NAME}} if self.model.forced_tool else {"auto": {}}
        inference: dict[str, Any] = {"maxTokens": MAX_TOKENS}
        if self.model.temperature:
            inference["temperature"] = _TEMPERATURE
        return {
            "modelId": self.model.model_id,
            "system": [{"text": self.prompt.system}],
            "messages": messages,
            "inferenceConfig": inference,
            "toolConfig": {"tools": [{"toolSpec": tool}], "toolChoice": choice},
            "requestMetadata": self.metadata,
            **self.model.more,
            **_guardrail(),
        }

    def _coaching(self, answer: ModelAnswer) -> Coaching:
        recommendation = self._recommendation(answer)
        if recommendation.action is Action.DO_NOT_CONTACT:
            responses = self._unsendable_responses(recommendation)
        else:
            responses = self._responses(answer)
        safe, balanced, bold = responses
        return replace(
            self.local_answer,
            responses=(safe, balanced, bold),
            recommendation=recommendation,
            partner_summary=self.masker.unmask(answer.partner.summary) or self.local_answer.partner_summary,
            partner_traits=tuple(self._traits(answer)) or self.local_answer.partner_traits,
        )

    def _recommendation(self, answer: ModelAnswer) -> Recommendation:
        """Return the stricter of the rules' and the model's recommendation."""
        rules, model = self.local_answer.recommendation, answer.recommendation
        if _STRICTNESS.index(model.action) <= _STRICTNESS.index(rules.action):
            return rules
        return Recommendation(model.action, "model_advises", self.masker.unmask(model.reason))

    def _unsendable_responses(self, recommendation: Recommendation) -> Iterable[SuggestedReply]:
        """Return responses with fixed advice. The model's own advice is about messages that are not shown."""
        texts = safety.load_rules().model_advice
        verdict = replace(
            self.case.verdict,
            recommendation=recommendation,
            instead=texts.instead,
            reaction=texts.reaction,
            line=None,
        )
        return compose.compose(replace(self.case, verdict=verdict))

    def _responses(self, answer: ModelAnswer) -> Iterator[SuggestedReply]:
        for response in answer.responses:
            message = self.masker.unmask(response.message.strip())
            yield SuggestedReply(
                type=response.type,
                message=message,
                explanation=self.masker.unmask(response.explanation),
                risk_level=response.risk_level,
                confidence=round(response.confidence, 2),
                advice=self.masker.unmask(response.advice),
                expected_reaction=self.masker.unmask(response.expected_reaction),
                style_fit=round(self.bounds.voice.style_fit(message), 2),
                sendable=True,
            )

    def _traits(self, answer: ModelAnswer) -> Iterator[Trait]:
        """Yield the traits whose quote is in the line they cite, with the original words. Drop the others."""
        numbers = {quoted.number for quoted in self.prompt.quoted_lines}
        for trait in answer.partner.traits:
            if trait.line not in numbers:
                continue
            line = self.case.conversation.lines[trait.line - 1]
            quote = self.masker.unmask(_one_line(trait.quote))
            if line.message_id is not None and quote and quote in _one_line(line.text):
                name, description = self.masker.unmask(trait.name), self.masker.unmask(trait.description)
                yield Trait(name, description, inferred=False, evidence=(Evidence(line.message_id, quote),))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _guardrail() -> dict[str, Any]:
    identifier = settings().bedrock_guardrail_id
    if identifier is None:
        return {}
    version = settings().bedrock_guardrail_version
    return {"guardrailConfig": {"guardrailIdentifier": identifier, "guardrailVersion": version}}


def _message(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "content": [{"text": text}]}


def _repair_messages(reply: ModelOutput, faults: list[str]) -> list[dict[str, Any]]:
    """Return the messages that ask for the same answer without its faults.

    Bedrock requires a result for each use of a tool, so the request is sent as that result.
    """
    request = prompt_text("repair").replace("$faults", "\n".join(f"- {fault}" for fault in faults))
    tool_use_ids = [block["toolUse"]["toolUseId"] for block in reply.content if "toolUse" in block]
    results: list[Any] = [
        {"toolResult": {"toolUseId": tool_use_id, "content": [{"text": request}], "status": "error"}}
        for tool_use_id in tool_use_ids
    ]
    return [
        {"role": "assistant", "content": list(reply.content)},
        {"role": "user", "content": results or [{"text": request}]},
    ]
