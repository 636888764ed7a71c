"""The coach that asks Claude: at most two calls, an answer that was checked, or none.

What a model writes replaces the local coach's replies and its summary. Whether to send, the help lines and the signs of
interest stay the rules'; a model can only be stricter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalicelib import deadline
from chalicelib.analysis import speech
from chalicelib.aws.bedrock import Reply, converse
from chalicelib.aws.errors import RETRYABLE, AwsCallFailed
from chalicelib.coaching import compose, resources, voice
from chalicelib.coaching.llm import answer_checks, prompt
from chalicelib.coaching.llm.answer_checks import Bounds, ModelAnswer, NoAnswer
from chalicelib.coaching.llm.models import Model, model_of
from chalicelib.coaching.llm.prompt import Prompt
from chalicelib.coaching.local_coach import Case
from chalicelib.domain import Action, Coaching, Evidence, Recommendation, Response, Role, SentimentScores, Trait
from chalicelib.masking.masker import Masker
from chalicelib.observability import count, log_context, measure
from chalicelib.settings import settings

MOST_TOKENS = 1_800
# What is left for the answer's own way when a call has taken all its time.
RESERVE_S = 1.0
# Until calls were measured, how long nine in ten take.
USUAL_S = 9.0
MEASURED = 50
_STRICTNESS = (Action.SEND, Action.WAIT, Action.DO_NOT_CONTACT)
_REFUSED = frozenset(("guardrail_intervened", "content_filtered"))
_CUT_SHORT = frozenset(("max_tokens", "model_context_window_exceeded"))

# What an answer lacks is no sign that the service fails.
OF_THE_ANSWER = frozenset(("faulty", "too_long", "refused"))

_seconds: list[float] = []


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking: the answer, None when none may be shown; what it took; why there is none."""

    coaching: Coaching | None
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    calls: int = 0
    failure: str | None = None


@dataclass
class _Conversation:
    """The calls about one question."""

    case: Case
    local: Coaching
    masker: Masker
    model: Model
    written: Prompt
    bounds: Bounds
    metadata: dict[str, str]
    input_tokens: int = 0
    output_tokens: int = 0
    calls: int = 0
    failure: str | None = None

    def ask(self) -> Asked:
        """Ask, and ask again where that may help and there is time."""
        messages = [_message("user", self.written.question)]
        answer = self._answer(messages)
        if answer is None and self._may_ask_again():
            answer = self._answer(messages)
        return Asked(
            self._coaching(answer) if answer else None,
            self.input_tokens,
            self.output_tokens,
            self.model.cost(self.input_tokens, self.output_tokens),
            self.calls,
            None if answer else self.failure,
        )

    def _answer(self, messages: list[dict[str, Any]]) -> ModelAnswer | None:
        """One call's answer; None, with what failed, and the faults added to ``messages``, when it may not be shown."""
        self.calls += 1
        try:
            reply = converse(self._request(messages), max(deadline.remaining_seconds() - RESERVE_S, RESERVE_S))
        except AwsCallFailed as error:
            self.failure = error.failure.value
            return None
        self._measure(reply)
        if reply.stop_reason in _REFUSED:
            self.failure = "refused"
            return None
        try:
            answer = answer_checks.read(reply.content)
            faults = answer_checks.faults(answer, self.bounds)
        except NoAnswer as error:
            faults = [str(error)]
        if not faults:
            return answer
        self.failure = "too_long" if reply.stop_reason in _CUT_SHORT else "faulty"
        messages += _repair(reply, faults)
        return None

    def _may_ask_again(self) -> bool:
        again = {*(failure.value for failure in RETRYABLE), "faulty", "too_long"}
        return self.failure in again and deadline.remaining_seconds() - RESERVE_S > usual_seconds()

    def _measure(self, reply: Reply) -> None:
        self.input_tokens += reply.input_tokens
        self.output_tokens += reply.output_tokens
        _seconds.append(reply.seconds)
        measure({"ModelMilliseconds": round(reply.seconds * 1_000)})
        del _seconds[:-MEASURED]

    def _request(self, messages: list[dict[str, Any]]) -> dict[str, Any]:
        tool = {
            "name": answer_checks.TOOL,
            "description": "답장 셋과 상대에 대한 생각을 적는다",
            "inputSchema": {"json": prompt.schema()},
        }
        choice = {"tool": {"name": answer_checks.TOOL}} if self.model.forced_tool else {"auto": {}}
        inference: dict[str, Any] = {"maxTokens": MOST_TOKENS}
        if self.model.temperature:
            inference["temperature"] = 0.7
        return {
            "modelId": self.model.model_id,
            "system": [{"text": self.written.system}],
            "messages": messages,
            "inferenceConfig": inference,
            "toolConfig": {"tools": [{"toolSpec": tool}], "toolChoice": choice},
            "requestMetadata": self.metadata,
            **self.model.more,
            **_guardrail(),
        }

    def _coaching(self, answer: ModelAnswer) -> Coaching:
        recommendation = self._recommendation(answer)
        first, second, third = (
            self._instead(recommendation) if recommendation.action is Action.DO_NOT_CONTACT else self._responses(answer)
        )
        return replace(
            self.local,
            responses=(first, second, third),
            recommendation=recommendation,
            partner_summary=self.masker.unmask(answer.partner.summary) or self.local.partner_summary,
            partner_traits=tuple(self._traits(answer)) or self.local.partner_traits,
        )

    def _recommendation(self, answer: ModelAnswer) -> Recommendation:
        ours, theirs = self.local.recommendation, answer.recommendation
        if _STRICTNESS.index(theirs.action) <= _STRICTNESS.index(ours.action):
            return ours
        return Recommendation(theirs.action, "model_advises", self.masker.unmask(theirs.reason))

    def _instead(self, recommendation: Recommendation) -> Iterable[Response]:
        """What to do where a model says not to write: its advice is on messages that nobody sees."""
        told = resources.load("safety")["model_advises"]
        verdict = replace(
            self.case.verdict,
            recommendation=recommendation,
            instead=told["instead"],
            reaction=told["reaction"],
            line=None,
        )
        return compose.compose(self.case.briefing, self.case.talk, self.case.reading, verdict)

    def _responses(self, answer: ModelAnswer) -> Iterator[Response]:
        known = self.bounds.voice.speech
        for response in answer.responses:
            message = self.masker.unmask(response.message.strip())
            yield Response(
                type=response.type,
                message=message,
                explanation=self.masker.unmask(response.explanation),
                risk_level=response.risk_level,
                confidence=round(response.confidence, 2),
                advice=self.masker.unmask(response.advice),
                expected_reaction=self.masker.unmask(response.expected_reaction),
                style_fit=round(speech.style_fit(message, known), 2) if known else 0.5,
                sendable=True,
            )

    def _traits(self, answer: ModelAnswer) -> Iterator[Trait]:
        """The traits whose quote is in the line they cite, as it was said; the others are dropped."""
        shown = {one.number for one in self.written.shown}
        for trait in answer.partner.traits:
            turn = self.case.talk.lines[trait.line - 1] if trait.line in shown else None
            quote = self.masker.unmask(" ".join(trait.quote.split()))
            if turn is None or turn.message_id is None or not quote or quote not in " ".join(turn.text.split()):
                continue
            evidence = (Evidence(turn.message_id, quote),)
            name, description = self.masker.unmask(trait.name), self.masker.unmask(trait.description)
            yield Trait(name, description, inferred=False, evidence=evidence)


def ask(
    case: Case, local: Coaching, moods: Mapping[Role, SentimentScores], masker: Masker, metadata: dict[str, str]
) -> Asked:
    """Ask the stage's model for what the local coach answered.

    Args:
        case: What is answered.
        local: The local coach's answer.
        moods: How each of the two feels by their latest messages.
        masker: What takes names and numbers out, and puts names back.
        metadata: Ids for the log of the model's invocations.
    """
    written = prompt.write(case, local, moods, masker.mask)
    friendly = case.verdict.friendly
    mine = voice.of(case.briefing, case.talk, friendly=friendly)
    bounds = Bounds(mine, friendly, written.hidden, f"{written.system}\n{written.boundary}", masker.unmask)
    model = model_of(settings().bedrock_model_id)
    asked = _Conversation(case, local, masker, model, written, bounds, metadata).ask()
    _count(asked)
    return asked


def usual_seconds() -> float:
    """The 90th percentile of the latest calls of this process."""
    return sorted(_seconds)[len(_seconds) * 9 // 10] if _seconds else USUAL_S


def _guardrail() -> dict[str, Any]:
    identifier = settings().bedrock_guardrail_id
    if identifier is None:
        return {}
    version = settings().bedrock_guardrail_version
    return {"guardrailConfig": {"guardrailIdentifier": identifier, "guardrailVersion": version}}


def _message(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "content": [{"text": text}]}


def _repair(reply: Reply, faults: list[str]) -> list[dict[str, Any]]:
    """What asks for the same answer without its faults. A tool that was used gets them as its result."""
    told = prompt.part("repair").replace("$faults", "\n".join(f"- {fault}" for fault in faults))
    uses = [block["toolUse"]["toolUseId"] for block in reply.content if "toolUse" in block]
    results: list[Any] = [
        {"toolResult": {"toolUseId": use, "content": [{"text": told}], "status": "error"}} for use in uses
    ]
    return [
        {"role": "assistant", "content": list(reply.content)},
        {"role": "user", "content": results or [{"text": told}]},
    ]


def _count(asked: Asked) -> None:
    if (done := log_context.get()) is not None:
        done.tokens += asked.input_tokens + asked.output_tokens
    measure({"ModelCalls": asked.calls, "InputTokens": asked.input_tokens, "OutputTokens": asked.output_tokens})
    if asked.failure:
        count("ModelFailures", why=asked.failure)
