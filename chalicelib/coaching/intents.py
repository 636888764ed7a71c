"""Recognise the intent of the latest messages.

``data/intents.json`` holds the intents and their patterns. If the partner's latest lines show several intents, the one
with the largest weight wins. For example, if the partner is sick and also asks what the user is doing, the
replies are about the sickness.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from msgspec import field

from chalicelib import data_files
from chalicelib.analysis import speech
from chalicelib.coaching import DATA, topics
from chalicelib.coaching.conversation import Conversation
from chalicelib.coaching.patterns import NO_PATTERNS, Patterns, TextRule
from chalicelib.coaching.safety import SafetyCode, Verdict
from chalicelib.coaching.topics import TopicKind
from chalicelib.data_files import Data
from chalicelib.domain import Briefing, ChatLine, Kind, Role

# Subtracted from the certainty if the weight of another intent differs by less than ``_MAX_WEIGHT_DIFFERENCE``.
_AMBIGUITY_PENALTY = 0.1
_MAX_WEIGHT_DIFFERENCE = 5
# An intent in the user's description weighs less than the same intent in the conversation.
_DESCRIPTION_PENALTY = 8
_SILENCE_WEIGHT = 2
_FALLBACK_WEIGHT, _CRISIS_WEIGHT = 0.5, 1000.0
_FALLBACK = "new_start"
_CRISES: Mapping[str, str] = {
    SafetyCode.SELF_HARM: "crisis",
    SafetyCode.SELF_HARM_BY_ME: "crisis_me",
    SafetyCode.VIOLENCE: "bad_news",
}
_RECENT_PARTNER_LINES = 3
_KINDS_WITHOUT_TEXT = frozenset(kind for kind in Kind if kind not in {Kind.TEXT, Kind.REPLY, Kind.SYSTEM})


class Successor(Data, frozen=True, array_like=True):
    """The intent that replaces another one after a silence of more than ``hours``."""

    hours: float
    intent: str


class IntentRule(TextRule, frozen=True, kw_only=True):
    """The conditions under which an intent is recognised.

    A line shows the intent if the patterns match it, or if its kind is one of ``kinds``. With ``question``, the line
    must be a question. With ``beside``, the same burst must also show one of those intents. ``described`` matches the
    user's description, ``goal`` the user's goal. ``outdated`` are the intents that replace this one after a silence,
    ``friendship_only`` is the one that replaces it where replies are limited to friendship.
    """

    weight: float
    certainty: float
    patterns: Patterns = NO_PATTERNS
    exceptions: Patterns = field(name="except", default=NO_PATTERNS)
    kinds: frozenset[Kind] = frozenset()
    question: bool = False
    beside: tuple[str, ...] = ()
    described: Patterns = NO_PATTERNS
    goal: Patterns = NO_PATTERNS
    outdated: tuple[Successor, ...] = ()
    friendship_only: str | None = None

    def is_shown_by(self, line: ChatLine) -> bool:
        """Return whether a line shows the intent."""
        if line.kind in _KINDS_WITHOUT_TEXT:
            return line.kind in self.kinds
        text = line.text.strip()
        return self.matches(text) and (not self.question or speech.is_question(text))


class SilenceLimits(Data, frozen=True):
    """The lengths of a silence after the user's last line, in hours, that count as hours and as days."""

    hours: float
    days: float


class IntentRules(Data, frozen=True):
    """The content of ``data/intents.json``. Each line after a matching line reduces its weight by ``per_line``."""

    about: str
    per_line: float
    silence: SilenceLimits
    intents: dict[str, IntentRule]


@cache
def load_rules() -> IntentRules:
    """Return the intents and their patterns."""
    return data_files.load(DATA / "intents.json", IntentRules)


@dataclass(frozen=True, slots=True)
class MessageIntent:
    """The intent to answer.

    ``certainty`` is 0.0 to 1.0. ``line`` is the line that shows the intent, None if something else shows it.
    ``topics`` are nouns of the partner's latest lines by kind.
    """

    name: str
    certainty: float
    line: ChatLine | None
    topics: Mapping[TopicKind, str]


@dataclass(frozen=True, slots=True)
class _Candidate:
    weight: float
    intent: str
    line: ChatLine | None = None


def find_intent(conversation: Conversation, briefing: Briefing, verdict: Verdict) -> MessageIntent:
    """Return the intent of the conversation's latest messages."""
    ranked = sorted(_candidates(conversation, briefing, verdict), key=lambda candidate: -candidate.weight)
    best = ranked[0]
    rival = next((candidate for candidate in ranked if candidate.intent != best.intent), None)
    is_ambiguous = rival is not None and best.weight - rival.weight < _MAX_WEIGHT_DIFFERENCE
    certainty = load_rules().intents[best.intent].certainty - (_AMBIGUITY_PENALTY if is_ambiguous else 0.0)
    name = _replace_intent(best.intent, conversation.silence, friendship_only=verdict.friendship_only)
    line = best.line if name == best.intent else None
    return MessageIntent(name, certainty, line, _topics(conversation))


def _candidates(conversation: Conversation, briefing: Briefing, verdict: Verdict) -> Iterator[_Candidate]:
    yield _Candidate(_FALLBACK_WEIGHT, _FALLBACK)
    if (crisis := _CRISES.get(verdict.recommendation.code)) is not None:
        yield _Candidate(_CRISIS_WEIGHT, crisis, verdict.line)
    yield from _burst_candidates(conversation)
    yield from _silence_candidates(conversation)
    for name, rule in load_rules().intents.items():
        if rule.goal.matches(briefing.goal or ""):
            yield _Candidate(rule.weight, name)
        if rule.described.matches(conversation.description):
            yield _Candidate(rule.weight - _DESCRIPTION_PENALTY, name)


def _burst_candidates(conversation: Conversation) -> Iterator[_Candidate]:
    per_line, intents = load_rules().per_line, load_rules().intents
    for age, line in enumerate(reversed(conversation.burst)):
        for name, rule in intents.items():
            if rule.is_shown_by(line) and _has_companion(rule, conversation):
                yield _Candidate(rule.weight - age * per_line, name, line)


def _has_companion(rule: IntentRule, conversation: Conversation) -> bool:
    """Return whether the burst also shows one of the intents that the rule needs beside it."""
    companions = [load_rules().intents[name] for name in rule.beside]
    return not companions or any(other.is_shown_by(line) for other in companions for line in conversation.burst)


def _silence_candidates(conversation: Conversation) -> Iterator[_Candidate]:
    if not conversation.unanswered_lines:
        return
    limits, silence = load_rules().silence, conversation.silence
    if silence is None or silence < timedelta(hours=limits.hours):
        yield _Candidate(_SILENCE_WEIGHT, "user_spoke_last")
    elif silence < timedelta(hours=limits.days):
        yield _Candidate(_SILENCE_WEIGHT, "silence_hours")
    else:
        yield _Candidate(_SILENCE_WEIGHT, "silence_days")


def _replace_intent(intent: str, silence: timedelta | None, *, friendship_only: bool) -> str:
    """Return the intent, or the one that replaces it after a silence or where replies are limited to friendship.

    For example, a good night of yesterday is no longer answered.
    """
    rule = load_rules().intents[intent]
    for successor in rule.outdated:
        if silence is not None and silence > timedelta(hours=successor.hours):
            intent = successor.intent
    return (rule.friendship_only or intent) if friendship_only else intent


def _topics(conversation: Conversation) -> dict[TopicKind, str]:
    lines = conversation.burst or conversation.lines_of(Role.PARTNER)[-_RECENT_PARTNER_LINES:]
    return topics.find("\n".join(line.text for line in lines))
