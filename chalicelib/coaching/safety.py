"""Decide whether the user should send a message at all, and which help to show first.

The rules, their patterns and their reasons are ``data/safety.json``. The first code of this table that applies decides:

==================  ================  ==============================================================================
code                action            applies when
==================  ================  ==============================================================================
``threat``          do_not_contact    the partner threatens or hurts the user
``threat_by_me``    do_not_contact    the user threatens the partner, in the draft or in the latest lines
``minor``           do_not_contact    the partner is under 19, or speaks of a school year as their own, and the user
                                      is not known to be under 19 too
``refused``         do_not_contact    the partner refused or asked to stop, and has written fewer than five lines
                                      since
``self_harm_by_me`` wait              the user speaks of suicide or self-harm
``soft_refusals``   wait              the partner evaded two invitations in a row
``unanswered``      wait              three or more messages of the user have had no answer for hours
``self_harm``       send, help first  the partner speaks of suicide or self-harm
``violence``        send, help first  the partner says that somebody hurt them
``friendship_only`` send              the user is under 19: replies between friends only
``ok``              send              no other code applies
==================  ================  ==============================================================================

Exceptions exclude statements about other people, negated statements and statements with laughter.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache, cached_property

from msgspec import field

from chalicelib import data_files
from chalicelib.coaching import DATA
from chalicelib.coaching.conversation import Conversation
from chalicelib.coaching.patterns import NO_PATTERNS, Patterns, TextRule
from chalicelib.data_files import Data
from chalicelib.domain import Action, Briefing, ChatLine, HelpLine, Kind, Recommendation, Role

# A rule reads only this many of a person's latest lines. Older ones no longer describe the situation.
_MAX_LINES = 12


class SafetyCode(StrEnum):
    """The codes of the rules, the strictest first. The first one that applies decides."""

    THREAT = "threat"
    THREAT_BY_ME = "threat_by_me"
    MINOR = "minor"
    REFUSED = "refused"
    SELF_HARM_BY_ME = "self_harm_by_me"
    SOFT_REFUSALS = "soft_refusals"
    UNANSWERED = "unanswered"
    SELF_HARM = "self_harm"
    VIOLENCE = "violence"
    FRIENDSHIP_ONLY = "friendship_only"
    OK = "ok"


_PRIORITY = {code: priority for priority, code in enumerate(SafetyCode)}


class SafetyRule(TextRule, frozen=True, kw_only=True):
    """A rule about the lines of one role and about the user's description of the situation.

    ``described`` and ``described_except`` match the description, ``facts`` and ``facts_except`` the partner's profile.
    ``help`` names help lines. ``instead`` holds one piece of advice for each reply that must not be sent.
    """

    code: SafetyCode
    action: Action
    role: Role
    about: str
    help: tuple[str, ...]
    described: Patterns
    described_except: Patterns = NO_PATTERNS
    facts: Patterns = NO_PATTERNS
    facts_except: Patterns = NO_PATTERNS
    reason: str
    reaction: str = ""
    instead: tuple[str, ...]

    def latest_line(self, lines: Sequence[ChatLine]) -> ChatLine | None:
        """Return the latest line that the rule matches, or None."""
        return next(self.matching_lines(reversed(lines)), None)

    def is_described(self, description: str) -> bool:
        """Return whether the user's description says that the rule applies."""
        return self.described.matches(description) and not self.described_except.matches(description)


class CodeAndReason(Data, frozen=True):
    """A code without patterns, and its reason in Korean."""

    code: SafetyCode
    reason: str


class SoftRefusals(Data, frozen=True, kw_only=True):
    """The conditions for evaded invitations: ``count`` in a row within the latest ``lines``.

    ``invitation`` matches the user's invitation. ``strong`` matches an evasion, ``weak`` an evasion only after an
    invitation. ``exceptions`` match an answer that is not evasive, ``accepted`` one that accepts.
    """

    code: SafetyCode
    reason: str
    count: int
    lines: int
    invitation: Patterns
    strong: Patterns
    weak: Patterns
    exceptions: Patterns = field(name="except")
    accepted: Patterns
    described: Patterns

    def is_evasive(self, question: str, answer: str) -> bool:
        """Return whether ``answer`` evades an invitation in ``question``."""
        if self.exceptions.matches(answer):
            return False
        return self.strong.matches(answer) or (self.invitation.matches(question) and self.weak.matches(answer))


class UnansweredLimits(Data, frozen=True, kw_only=True):
    """The limits for unanswered messages: ``messages`` after ``hours``, or ``messages_without_time``."""

    code: SafetyCode
    reason: str
    messages: int
    hours: float
    messages_without_time: int
    described: Patterns


class ModelAdvice(Data, frozen=True):
    """The fixed texts for an answer in which the model, but no rule, advises not to write."""

    instead: tuple[str, ...]
    reaction: str


class SafetyRules(Data, frozen=True):
    """The content of ``data/safety.json``.

    A refusal is lifted when the partner has written ``refusal_lifted_after`` lines after it.
    """

    about: str
    help: dict[str, HelpLine]
    rules: tuple[SafetyRule, ...]
    adult_age: int
    minor_user: CodeAndReason
    own_school: Patterns
    refusal_lifted_after: int
    soft_refusals: SoftRefusals
    unanswered: UnansweredLimits
    model_advice: ModelAdvice
    ok: CodeAndReason

    def rule(self, code: SafetyCode) -> SafetyRule:
        """Return the rule of a code."""
        return next(rule for rule in self.rules if rule.code is code)


@cache
def load_rules() -> SafetyRules:
    """Return the safety rules."""
    return data_files.load(DATA / "safety.json", SafetyRules)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision of the rules.

    When nothing may be sent, ``instead`` is advice for each reply, and ``reaction`` is the reaction to expect. ``line``
    is the line that decided. ``friendship_only`` limits the replies to friendship.
    """

    recommendation: Recommendation
    help: tuple[HelpLine, ...] = ()
    instead: tuple[str, ...] = ()
    reaction: str = ""
    line: ChatLine | None = None
    friendship_only: bool = False


@dataclass(frozen=True, slots=True)
class _Finding:
    """A rule that applies, with its texts and the line that it matches."""

    code: SafetyCode
    action: Action
    reason: str
    help: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    reaction: str = ""
    line: ChatLine | None = None


@dataclass(frozen=True)
class _RuleInputs:
    """A conversation and its briefing, as the rules read them."""

    conversation: Conversation
    briefing: Briefing

    @property
    def description(self) -> str:
        """The user's description of the situation."""
        return self.conversation.description

    @cached_property
    def is_user_minor(self) -> bool:
        """True if the user is under 19, by age or, if the age is unknown, by the user's own words."""
        rules = load_rules()
        if self.briefing.my_age is not None:
            return self.briefing.my_age < rules.adult_age
        line = rules.rule(SafetyCode.MINOR).latest_line(self.conversation.lines_of(Role.ME))
        return line is not None or rules.own_school.matches(self.description)


def assess(conversation: Conversation, briefing: Briefing) -> Verdict:
    """Return the decision. The strictest finding decides, but the help lines of all findings are shown."""
    rules = load_rules()
    inputs = _RuleInputs(conversation, briefing)
    findings = sorted(_findings(inputs), key=lambda finding: _PRIORITY[finding.code])
    first = findings[0] if findings else _Finding(rules.ok.code, Action.SEND, rules.ok.reason)
    help_names = dict.fromkeys(itertools.chain.from_iterable(finding.help for finding in findings))
    return Verdict(
        recommendation=Recommendation(first.action, first.code.value, first.reason),
        help=tuple(rules.help[name] for name in help_names),
        instead=first.instead,
        reaction=first.reaction,
        line=first.line,
        friendship_only=inputs.is_user_minor or any(finding.code is SafetyCode.MINOR for finding in findings),
    )


def _findings(inputs: _RuleInputs) -> Iterator[_Finding]:
    rules = load_rules()
    for rule in rules.rules:
        if finding := _CHECKS.get(rule.code, _check_lines)(rule, inputs):
            yield finding
    yield from _soft_refusals(inputs.conversation, rules.soft_refusals)
    yield from _unanswered(inputs.conversation, rules.unanswered)
    if inputs.is_user_minor:
        yield _Finding(rules.minor_user.code, Action.SEND, rules.minor_user.reason)


def _check_lines(rule: SafetyRule, inputs: _RuleInputs) -> _Finding | None:
    lines = inputs.conversation.lines_of(rule.role)[-_MAX_LINES:]
    if rule.role is Role.ME and inputs.briefing.draft:
        lines = (*lines, ChatLine(Role.ME, "", Kind.TEXT, inputs.briefing.draft))
    line = rule.latest_line(lines)
    return _finding(rule, line) if line or rule.is_described(inputs.description) else None


def _check_refusal(rule: SafetyRule, inputs: _RuleInputs) -> _Finding | None:
    # Only the partner's lines count: a partner who continues to write has lifted the refusal.
    line = rule.latest_line(inputs.conversation.lines_of(Role.PARTNER)[-load_rules().refusal_lifted_after :])
    return _finding(rule, line) if line or rule.is_described(inputs.description) else None


def _check_minor(rule: SafetyRule, inputs: _RuleInputs) -> _Finding | None:
    partner = inputs.briefing.partner
    if inputs.is_user_minor:
        return None
    if partner.age is not None:
        return _finding(rule, None) if partner.age < load_rules().adult_age else None
    line = next(rule.matching_lines(inputs.conversation.lines_of(Role.PARTNER)), None)
    profile = " ".join(part for part in (partner.description, partner.personality, partner.interests) if part)
    in_profile = rule.facts.matches(profile) and not rule.facts_except.matches(profile)
    return _finding(rule, line) if line or in_profile or rule.is_described(inputs.description) else None


_CHECKS = {SafetyCode.REFUSED: _check_refusal, SafetyCode.MINOR: _check_minor}


def _finding(rule: SafetyRule, line: ChatLine | None) -> _Finding:
    return _Finding(rule.code, rule.action, rule.reason, rule.help, rule.instead, rule.reaction, line)


def _soft_refusals(conversation: Conversation, soft: SoftRefusals) -> Iterator[_Finding]:
    evasions: list[ChatLine] = []
    for exchange in _exchanges(conversation.spoken_lines[-soft.lines :]):
        answer = _text(exchange.answer)
        if soft.is_evasive(_text(exchange.question), answer):
            evasions.append(exchange.answer[-1])
        elif soft.accepted.matches(answer):
            evasions.clear()
    if len(evasions) >= soft.count or soft.described.matches(conversation.description):
        yield _Finding(soft.code, Action.WAIT, soft.reason, line=evasions[-1] if evasions else None)


@dataclass(frozen=True, slots=True)
class _Exchange:
    """Consecutive lines of the user, and the partner's lines after them. The first exchange may have no question."""

    question: list[ChatLine]
    answer: list[ChatLine]


def _exchanges(lines: Sequence[ChatLine]) -> Iterator[_Exchange]:
    question: list[ChatLine] = []
    for role, group in itertools.groupby(lines, key=lambda line: line.role):
        if role is Role.ME:
            question = list(group)
        else:
            yield _Exchange(question, list(group))


def _text(lines: Sequence[ChatLine]) -> str:
    return "\n".join(line.text for line in lines)


def _unanswered(conversation: Conversation, limits: UnansweredLimits) -> Iterator[_Finding]:
    count = len(conversation.unanswered_lines)
    if conversation.silence is None:
        too_many = count >= limits.messages_without_time
    else:
        too_many = count >= limits.messages and conversation.silence >= timedelta(hours=limits.hours)
    if too_many or limits.described.matches(conversation.description):
        yield _Finding(limits.code, Action.WAIT, limits.reason)
