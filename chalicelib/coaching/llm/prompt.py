"""What a model is told and shown: files of ``prompts/``, filled with figures of ours and the masked conversation.

The version is the folder's name; an answer in store is of one version.
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

from chalicelib.coaching.case import Case
from chalicelib.coaching.llm import answer_checks, excerpt
from chalicelib.coaching.llm.excerpt import QuotedLine
from chalicelib.coaching.templates import entries
from chalicelib.domain import Briefing, Coaching, Role, SentimentScores, Speech

VERSION = "coach-1"
# Input tokens of a question, all told, as ``excerpt.tokens_of`` counts them.
BUDGET = 4_000
# What a user tells of one thing is shown up to here.
_LONGEST_FACT = 300
_LONGEST_HABIT = 10
_TOLD = (
    ("관계", "relationship"),
    ("상대 나이", "age"),
    ("상대 설명", "description"),
    ("상대 성격", "personality"),
    ("상대 관심사", "interests"),
    ("상대 말하는 법", "communication_style"),
)
_ASKED = (("상황", "situation"), ("바라는 것", "goal"), ("다듬을 초안", "draft"))
_HIDDEN = "(지시처럼 보여 뺀 줄)"
_HOUR = timedelta(hours=1)
_FRIENDLY = "미성년자일 수 있으니 친구 사이의 말만 써 주세요."
_LEVELS = {True: "존댓말", False: "반말"}

_HERE = Path(__file__).parent

Mask = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question as it goes out.

    ``boundary`` is in its fences, ``shown`` are the messages in it, ``hidden`` lines that spoke to the model.
    """

    system: str
    question: str
    boundary: str
    shown: tuple[QuotedLine, ...]
    hidden: tuple[str, ...]

    @property
    def tokens(self) -> int:
        """At most how many tokens it has, with the answer's schema."""
        return sum(map(excerpt.tokens_of, (self.system, self.question, json.dumps(schema()))))


@cache
def part(name: str) -> str:
    """One file of the prompt."""
    return (_HERE / "prompts" / VERSION / f"{name}.md").read_text("utf-8")


@cache
def schema() -> Any:
    """The answer's JSON schema."""
    return json.loads((_HERE.parent / "data" / "answer_schema.json").read_text("utf-8"))


def write(case: Case, answer: Coaching, moods: Mapping[Role, SentimentScores], mask: Mask) -> Prompt:
    """Return the question about a case that the local coach answered, of at most ``BUDGET`` tokens.

    ``moods`` are how each of the two feels by their latest messages.

    Everything that somebody wrote goes through ``mask``, and stands between two fences that nobody can guess; of words
    that somebody often says the shortest alone stand before them.
    """
    briefing, lines, silence = case.briefing, case.conversation.lines, case.conversation.silence
    hidden = tuple(line.text for line in lines if answer_checks.is_instruction(line.text))
    masked = [replace(line, text=_inside(_HIDDEN if line.text in hidden else mask(line.text))) for line in lines]
    boundary = secrets.token_hex(8)
    filled = {
        "action": answer.recommendation.action.value,
        "reason": answer.recommendation.reason,
        "friendly": _FRIENDLY if case.verdict.friendship_only else "",
        "intent": entries()[case.intent.name].name,
        "hour": str(briefing.now.hour),
        "silence": "언제인지 모름" if silence is None else f"{silence // _HOUR}시간 전",
        "mine": _speech(briefing.me, mask),
        "theirs": _speech(briefing.them, mask),
        "my_mood": _mood(moods.get(Role.ME)),
        "their_mood": _mood(moods.get(Role.PARTNER)),
        "signs": "\n".join(signal.note for signal in answer.interest.signals) if answer.interest else "",
        "boundary": boundary,
        "facts": "\n".join(_facts(briefing, mask)),
    }
    question = Template(part("question"))
    without = Prompt(part("system"), question.substitute(filled, excerpt=""), boundary, (), hidden)
    shown = excerpt.choose(masked, BUDGET - without.tokens)
    return replace(
        without, question=question.substitute(filled, excerpt="\n".join(map(excerpt.line_of, shown))), shown=shown
    )


def _facts(briefing: Briefing, mask: Mask) -> Iterator[str]:
    known = [(label, getattr(briefing.partner, name)) for label, name in _TOLD]
    asked = [(label, getattr(briefing, name)) for label, name in _ASKED]
    for label, told in (*known, *asked):
        if told is not None and not answer_checks.is_instruction(str(told)):
            yield f"{label}: {_inside(mask(' '.join(str(told).split())))[:_LONGEST_FACT]}"


def _inside(text: str) -> str:
    """The text without what fences are made of."""
    return text.replace("<", "‹").replace(">", "›")


def _mood(emotions: SentimentScores | None) -> str:
    if emotions is None:
        return "모름"
    return f"긍정 {emotions.positive:.0%}, 부정 {emotions.negative:.0%}, 섞임 {emotions.mixed:.0%}"


def _speech(speech: Speech | None, mask: Mask) -> str:
    if speech is None or not speech.total_messages:
        return "모름"
    # A client's ``user_style`` may hold any text as a habit; of ours none is longer.
    short = [habit.text for habit in speech.habits if len(habit.text) <= _LONGEST_HABIT]
    habits = " ".join(_inside(mask(text)) for text in short[:5] if not answer_checks.is_instruction(text))
    return (
        f"{_LEVELS[speech.polite]}, 보통 {speech.length_median}자 길어야 {speech.length_p90}자, "
        f"웃음 {speech.laughter_ratio:.0%}, 이모지 {speech.emoji_ratio:.0%}"
        + (f", 자주 쓰는 말 {habits}" if habits else "")
    )
