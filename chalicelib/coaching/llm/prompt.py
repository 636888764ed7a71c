"""The question to a model: the texts of ``prompts/``, filled with our figures and the masked conversation.

The version is the name of the folder. A stored answer is reused only for questions of the same version.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

from chalicelib import data_files
from chalicelib.coaching import DATA
from chalicelib.coaching.case import Case
from chalicelib.coaching.llm import answer_checks, excerpt
from chalicelib.coaching.llm.excerpt import QuotedLine
from chalicelib.coaching.templates import replies_by_intent
from chalicelib.domain import Briefing, Coaching, Role, SentimentScores, Speech

VERSION = "coach-1"
# Input tokens of a question, as ``excerpt.tokens_of`` counts them.
MAX_INPUT_TOKENS = 4_000
# In characters. A longer fact is cut, a longer habit is left out.
_MAX_FACT_LENGTH = 300
_MAX_HABIT_LENGTH = 10
_MAX_HABITS = 5
_HIDDEN_LINE = "(지시처럼 보여 뺀 줄)"
_HOUR = timedelta(hours=1)
_FRIENDSHIP_ONLY = "미성년자일 수 있으니 친구 사이의 말만 써 주세요."
_UNKNOWN = "모름"

_PROMPTS = Path(__file__).parent / "prompts" / VERSION

_Mask = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question to a model.

    ``boundary`` is part of the fences around the conversation. ``quoted_lines`` are the messages in the question.
    ``hidden_lines`` are the messages that were left out because they address the model.
    """

    system: str
    question: str
    boundary: str
    quoted_lines: tuple[QuotedLine, ...]
    hidden_lines: tuple[str, ...]

    @property
    def tokens(self) -> int:
        """An upper bound of the tokens of the question and the schema of the answer."""
        return sum(map(excerpt.tokens_of, (self.system, self.question, json.dumps(answer_schema()))))


@cache
def prompt_text(name: str) -> str:
    """Return a text of the prompt."""
    return (_PROMPTS / f"{name}.md").read_text("utf-8")


@cache
def answer_schema() -> dict[str, Any]:
    """Return the JSON schema of the answer."""
    return data_files.load(DATA / "answer_schema.json", dict[str, Any])


def write_prompt(case: Case, local_answer: Coaching, scores: Mapping[Role, SentimentScores], mask: _Mask) -> Prompt:
    """Return the question about a case, of at most ``MAX_INPUT_TOKENS`` tokens.

    All text that people wrote is masked and is between two fences with a random boundary. Only short habits of speech
    are outside.

    Args:
        case: The case.
        local_answer: The local coach's answer.
        scores: The sentiment of each person's latest messages.
        mask: Masks names and personal data.
    """
    hidden_lines = tuple(line.text for line in case.conversation.lines if answer_checks.is_instruction(line.text))
    masked_lines = [
        replace(line, text=_without_fences(_HIDDEN_LINE if line.text in hidden_lines else mask(line.text)))
        for line in case.conversation.lines
    ]
    boundary = secrets.token_hex(8)
    values = _values(case, local_answer, scores, mask) | {"boundary": boundary}
    question = Template(prompt_text("question"))
    without_excerpt = Prompt(prompt_text("system"), question.substitute(values, excerpt=""), boundary, (), hidden_lines)
    quoted_lines = excerpt.choose(masked_lines, MAX_INPUT_TOKENS - without_excerpt.tokens)
    rows = "\n".join(line.row for line in quoted_lines)
    return replace(without_excerpt, question=question.substitute(values, excerpt=rows), quoted_lines=quoted_lines)


def _values(case: Case, local_answer: Coaching, scores: Mapping[Role, SentimentScores], mask: _Mask) -> dict[str, str]:
    """Return the values of the placeholders in ``question.md``, except the boundary and the excerpt."""
    briefing, silence, interest = case.briefing, case.conversation.silence, local_answer.interest
    return {
        "action": local_answer.recommendation.action.value,
        "reason": local_answer.recommendation.reason,
        "friendship_only": _FRIENDSHIP_ONLY if case.verdict.friendship_only else "",
        "intent": replies_by_intent()[case.intent.name].name,
        "hour": str(briefing.now.hour),
        "silence": "언제인지 모름" if silence is None else f"{silence // _HOUR}시간 전",
        "my_speech": _describe_speech(briefing.my_speech, mask),
        "partner_speech": _describe_speech(briefing.partner_speech, mask),
        "my_sentiment": _describe_sentiment(scores.get(Role.ME)),
        "partner_sentiment": _describe_sentiment(scores.get(Role.PARTNER)),
        "signals": "\n".join(signal.note for signal in interest.signals) if interest else "",
        "facts": "\n".join(_facts(briefing, mask)),
    }


def _facts(briefing: Briefing, mask: _Mask) -> Iterator[str]:
    """Yield the facts that the user entered, one per line. Leave out those that address the model."""
    partner = briefing.partner
    facts = {
        "관계": partner.relationship,
        "상대 나이": partner.age,
        "상대 설명": partner.description,
        "상대 성격": partner.personality,
        "상대 관심사": partner.interests,
        "상대 말하는 법": partner.communication_style,
        "상황": briefing.situation,
        "바라는 것": briefing.goal,
        "다듬을 초안": briefing.draft,
    }
    for label, fact in facts.items():
        if fact is not None and not answer_checks.is_instruction(str(fact)):
            yield f"{label}: {_without_fences(mask(' '.join(str(fact).split())))[:_MAX_FACT_LENGTH]}"


def _without_fences(text: str) -> str:
    """Replace the characters of fences, so that no text can close a fence."""
    return text.replace("<", "‹").replace(">", "›")


def _describe_sentiment(scores: SentimentScores | None) -> str:
    if scores is None:
        return _UNKNOWN
    return f"긍정 {scores.positive:.0%}, 부정 {scores.negative:.0%}, 섞임 {scores.mixed:.0%}"


def _describe_speech(speech: Speech | None, mask: _Mask) -> str:
    if speech is None or not speech.total_messages:
        return _UNKNOWN
    # A client can send any text as a habit in ``user_style``. Our own analysis finds only short ones.
    short = [habit.text for habit in speech.habits if len(habit.text) <= _MAX_HABIT_LENGTH]
    habits = [_without_fences(mask(text)) for text in short[:_MAX_HABITS] if not answer_checks.is_instruction(text)]
    description = (
        f"{'존댓말' if speech.is_polite else '반말'}, 보통 {speech.length_median}자 길어야 {speech.length_p90}자, "
        f"웃음 {speech.laughter_ratio:.0%}, 이모지 {speech.emoji_ratio:.0%}"
    )
    return f"{description}, 자주 쓰는 말 {' '.join(habits)}" if habits else description
