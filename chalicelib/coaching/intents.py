"""What the last thing said asks for.

The intents and the Korean that shows them are ``data/intents.json``. Of those found in the partner's last lines the
heaviest wins, so that somebody who is sick and asks what we are doing is answered as somebody who is sick.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from chalicelib.analysis import speech
from chalicelib.coaching import resources
from chalicelib.coaching.conversation import Conversation
from chalicelib.coaching.safety import Verdict
from chalicelib.domain import Briefing, ChatLine, Kind, Role

_DOUBT = 0.1
_NARROW = 5
# What a text tells about the conversation counts a little less than the conversation itself.
_TOLD = 8
# A short topic must end its word, or be followed by one of these: 빵을, but not 빵빵.
_AFTER_TOPIC = (
    r"(?=$|[^가-힣]|이|가|은|는|을|를|도|에|랑|하고|만|로|으로|나|인데|야"
    r"|보|먹|갔|갈|했|하|중|볼|끝|준비|때문|있|붙|합)"
)
_LONG_TOPIC = 3
_KINDS = frozenset(kind for kind in Kind if kind not in {Kind.TEXT, Kind.REPLY, Kind.SYSTEM})


@dataclass(frozen=True, slots=True)
class MessageIntent:
    """What is to be answered.

    ``certainty`` is 0 to 1; ``line`` is the partner's line that shows the intent, None when something else did;
    ``topics`` are nouns of the partner's last lines by kind.
    """

    name: str
    certainty: float
    line: ChatLine | None
    topics: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Found:
    weight: float
    intent: str
    line: ChatLine | None


def read(conversation: Conversation, briefing: Briefing, verdict: Verdict) -> MessageIntent:
    """Return what the conversation's last words ask for."""
    ranked = sorted(_found(conversation, briefing, verdict), key=lambda found: -found.weight)
    best = ranked[0]
    intents = resources.load("intents")["intents"]
    rival = next((found for found in ranked if found.intent != best.intent), None)
    doubt = _DOUBT if rival and best.weight - rival.weight < _NARROW else 0.0
    intent = _current(best.intent, conversation.silence, friendship_only=verdict.friendship_only)
    line = best.line if intent == best.intent else None
    return MessageIntent(intent, intents[best.intent]["sure"] - doubt, line, _topics(conversation))


def _found(conversation: Conversation, briefing: Briefing, verdict: Verdict) -> Iterator[_Found]:
    intents = resources.load("intents")["intents"]
    yield _Found(_FLOOR, "new_start", None)
    if (crisis := _CRISES.get(verdict.recommendation.code)) is not None:
        yield _Found(_CEILING, crisis, verdict.line)
    yield from _in_burst(conversation, intents)
    yield from _by_silence(conversation)
    for name, intent in intents.items():
        if resources.matches_any(intent.get("goal", ()), briefing.goal or ""):
            yield _Found(intent["weight"], name, None)
        if resources.matches_any(intent.get("described", ()), conversation.description):
            yield _Found(intent["weight"] - _TOLD, name, None)


_FLOOR, _CEILING = 0.5, 1000.0
_CRISES = {"self_harm": "crisis", "self_harm_by_me": "crisis_me", "violence": "bad_news"}


def _in_burst(conversation: Conversation, intents: Mapping[str, Any]) -> Iterator[_Found]:
    per_line = resources.load("intents")["per_line"]
    for age, line in enumerate(reversed(conversation.burst)):
        for name, intent in intents.items():
            if _shows(intent, line) and _beside(intent, conversation, intents):
                yield _Found(intent["weight"] - age * per_line, name, line)


def _beside(intent: Mapping[str, Any], conversation: Conversation, intents: Mapping[str, Any]) -> bool:
    """Whether what this intent needs beside it was said in the same burst."""
    needed = [intents[name] for name in intent.get("beside", ())]
    return not needed or any(_shows(other, line) for other in needed for line in conversation.burst)


def _shows(intent: Mapping[str, Any], line: ChatLine) -> bool:
    if line.kind in _KINDS:
        return line.kind in intent.get("kinds", ())
    text = line.text.strip()
    if not resources.matches_any(intent.get("patterns", ()), text) or resources.matches_any(
        intent.get("except", ()), text
    ):
        return False
    return not intent.get("question") or speech.is_question(text)


def _by_silence(conversation: Conversation) -> Iterator[_Found]:
    if not conversation.unanswered:
        return
    limits = resources.load("intents")["silence"]
    silence = conversation.silence
    if silence is None or silence < timedelta(hours=limits["hours"]):
        yield _Found(2, "user_spoke_last", None)
    elif silence < timedelta(hours=limits["days"]):
        yield _Found(2, "silence_hours", None)
    else:
        yield _Found(2, "silence_days", None)


def _current(intent: str, silence: timedelta | None, *, friendship_only: bool) -> str:
    """Return the intent that stands now: nobody answers yesterday's good night."""
    entry = resources.load("intents")["intents"][intent]
    for hours, instead in entry.get("outdated", ()):
        if silence is not None and silence > timedelta(hours=hours):
            intent = instead
    return str(entry.get("friendly", intent)) if friendship_only else intent


def _topics(conversation: Conversation) -> dict[str, str]:
    lines = conversation.burst or conversation.said_by(Role.PARTNER)[-3:]
    text = "\n".join(line.text for line in lines)
    topics = {}
    for kind, pattern in _topic_patterns().items():
        if match := pattern.search(text):
            topics[kind] = match[1]
    return topics


@cache
def _topic_patterns() -> dict[str, re.Pattern[str]]:
    table = resources.load("topics")
    kinds = {kind: words for kind, words in table.items() if kind not in {"about", "any"}}
    kinds["any"] = [word for kind in table["any"] for word in table[kind]]
    return {kind: _any_topic(words) for kind, words in kinds.items()}


def _any_topic(words: list[str]) -> re.Pattern[str]:
    """The longest word first; a short one only where the word ends or a particle follows."""
    ordered = sorted(words, key=len, reverse=True)
    long = [re.escape(word) for word in ordered if len(word) >= _LONG_TOPIC]
    short = [re.escape(word) + _AFTER_TOPIC for word in ordered if len(word) < _LONG_TOPIC]
    return re.compile(r"(?<![가-힣])(" + "|".join(long + short) + ")")
