"""Whether to send at all, and which help comes first.

The rules, their words and their reasons are ``data/safety.json``. They decide in this order:

==================  ================  ==========================================================================
code                action            found when
==================  ================  ==========================================================================
``threat``          do_not_contact    the partner threatens or hurts the user
``threat_by_me``    do_not_contact    the user threatens the partner, in the draft or in the last lines
``minor``           do_not_contact    the partner is under 19, or speaks of a school year as their own, and the
                                      user is not known to be under 19 too
``refused``         do_not_contact    the partner refused or asked to stop, and has not come back since
``self_harm_by_me`` wait              the user speaks of ending or hurting oneself
``soft_refusals``   wait              two invitations in a row were evaded
``unanswered``      wait              three messages or more without an answer for hours
``self_harm``       send, help first  the partner speaks of ending or hurting oneself
``violence``        send, help first  the partner tells of being hurt by somebody
``friendship_only`` send              either is under 19: friendship-level replies only
``ok``              send              nothing of this
==================  ================  ==========================================================================

What stands in quotes of the conversation is somebody's words; exceptions keep what is said about third persons,
denied or laughed about from counting.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from chalicelib.coaching import resources
from chalicelib.coaching.conversation import Conversation
from chalicelib.domain import Action, Briefing, ChatLine, HelpLine, Kind, Recommendation, Role

_ORDER = (
    "threat", "threat_by_me", "minor", "refused", "self_harm_by_me", "soft_refusals", "unanswered", "self_harm",
    "violence", "friendship_only", "ok",
)  # fmt: skip
# How far back a rule looks: what was said before that has been talked about since.
_RECENT_FOR_RISK = 12


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say.

    ``instead`` is what to do when nothing may be sent, one line per reply, ``reaction`` what comes of it; ``line`` is
    what was said that decided it; ``friendship_only`` limits the replies to friendship.
    """

    recommendation: Recommendation
    help: tuple[HelpLine, ...] = ()
    instead: tuple[str, ...] = ()
    reaction: str = ""
    line: ChatLine | None = None
    friendship_only: bool = False


@dataclass(frozen=True, slots=True)
class _Finding:
    code: str
    action: Action
    reason: str
    help: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    reaction: str = ""
    line: ChatLine | None = None


@dataclass(frozen=True)
class _RuleInputs:
    """What the rules are asked about."""

    conversation: Conversation
    briefing: Briefing

    @property
    def told(self) -> str:
        """What the user told beside the conversation."""
        return self.conversation.description

    @cached_property
    def pupil(self) -> bool:
        """Whether the user is under 19: by age, or, when that is not known, by their own words."""
        table = resources.load("safety")
        if self.briefing.my_age is not None:
            return bool(self.briefing.my_age < table["adult_age"])
        rule = next(rule for rule in table["rules"] if rule["code"] == "minor")
        own = _latest(rule, self.conversation.said_by(Role.ME)) is not None
        return own or resources.matches_any(table["told_of_own_school"], self.told)


def assess(conversation: Conversation, briefing: Briefing) -> Verdict:
    """Return what to do: the strictest finding decides, the help lines of all of them stand first."""
    table = resources.load("safety")
    inputs = _RuleInputs(conversation, briefing)
    findings = sorted(_findings(inputs, table), key=lambda finding: _ORDER.index(finding.code))
    first = findings[0] if findings else _Finding(table["ok"]["code"], Action.SEND, table["ok"]["reason"])
    lines = dict.fromkeys(itertools.chain.from_iterable(finding.help for finding in findings))
    return Verdict(
        recommendation=Recommendation(first.action, first.code, first.reason),
        help=tuple(HelpLine(**table["help"][line]) for line in lines),
        instead=first.instead,
        reaction=first.reaction,
        line=first.line,
        friendship_only=inputs.pupil or any(finding.code == "minor" for finding in findings),
    )


def _findings(inputs: _RuleInputs, table: Any) -> Iterator[_Finding]:
    for rule in table["rules"]:
        finding = _FINDERS.get(rule["code"], _by_words)(rule, inputs)
        if finding:
            yield finding
    yield from _soft_refusals(inputs.conversation, table["soft"])
    yield from _unanswered(inputs.conversation, table["unanswered"])
    if inputs.pupil:
        yield _Finding(table["minor_user"]["code"], Action.SEND, table["minor_user"]["reason"])


def _by_words(rule: Mapping[str, Any], inputs: _RuleInputs) -> _Finding | None:
    said = inputs.conversation.said_by(Role(rule["who"]))[-_RECENT_FOR_RISK:]
    if rule["who"] == Role.ME and inputs.briefing.draft:
        said = (*said, ChatLine(Role.ME, "", Kind.TEXT, inputs.briefing.draft))
    line = _latest(rule, said)
    return _finding(rule, line) if line or resources.matches_any(rule["told"], inputs.told) else None


def _refused(rule: Mapping[str, Any], inputs: _RuleInputs) -> _Finding | None:
    # Somebody who goes on talking after a refusal has taken it back; the user's own lines take nothing back.
    lifted = resources.load("safety")["refusal_lifted"]["partner_lines"]
    line = _latest(rule, inputs.conversation.said_by(Role.PARTNER)[-lifted:])
    if line:
        return _finding(rule, line)
    third = resources.matches_any(rule["told_except"], inputs.told)
    return _finding(rule, None) if resources.matches_any(rule["told"], inputs.told) and not third else None


def _minor(rule: Mapping[str, Any], inputs: _RuleInputs) -> _Finding | None:
    partner = inputs.briefing.partner
    if inputs.pupil:
        return None
    if partner.age is not None:
        return _finding(rule, None) if partner.age < resources.load("safety")["adult_age"] else None
    line = next(resources.matching_lines(rule, inputs.conversation.said_by(Role.PARTNER)), None)
    facts = " ".join(part for part in (partner.description, partner.personality, partner.interests) if part)
    seems = resources.matches_any(rule["facts"], facts) and not resources.matches_any(rule["facts_except"], facts)
    told = resources.matches_any(rule["told"], inputs.told)
    return _finding(rule, line) if line or seems or told else None


_FINDERS = {"refused": _refused, "minor": _minor}


def _latest(rule: Mapping[str, Any], lines: Sequence[ChatLine]) -> ChatLine | None:
    """The latest line that says what a rule is about, None when none does."""
    return next(resources.matching_lines(rule, reversed(lines)), None)


def _finding(rule: Mapping[str, Any], line: ChatLine | None) -> _Finding:
    return _Finding(
        rule["code"],
        Action(rule["action"]),
        rule["reason"],
        help=tuple(rule["help"]),
        instead=tuple(rule["instead"]),
        reaction=rule.get("reaction", ""),
        line=line,
    )


def _soft_refusals(conversation: Conversation, soft: Mapping[str, Any]) -> Iterator[_Finding]:
    evaded: list[ChatLine] = []
    for asked, answer in _exchanges(conversation.spoken[-soft["lines"] :]):
        if _evades(asked, answer, soft):
            evaded.append(answer[-1])
        elif resources.matches_any(soft["accepted"], _text(answer)):
            evaded.clear()
    if len(evaded) >= soft["count"] or resources.matches_any(soft["told"], conversation.description):
        yield _Finding(soft["code"], Action.WAIT, soft["reason"], line=evaded[-1] if evaded else None)


def _exchanges(lines: Sequence[ChatLine]) -> Iterator[tuple[list[ChatLine], list[ChatLine]]]:
    """What the user said and what the partner said to it, in turn; the first may be empty."""
    asked: list[ChatLine] = []
    for role, group in itertools.groupby(lines, key=lambda line: line.role):
        if role is Role.ME:
            asked = list(group)
        else:
            yield asked, list(group)


def _evades(asked: Sequence[ChatLine], answer: Sequence[ChatLine], soft: Mapping[str, Any]) -> bool:
    said = _text(answer)
    if resources.matches_any(soft["except"], said):
        return False
    invited = resources.matches_any(soft["asked"], _text(asked))
    return resources.matches_any(soft["strong"], said) or (invited and resources.matches_any(soft["weak"], said))


def _text(lines: Sequence[ChatLine]) -> str:
    return "\n".join(line.text for line in lines)


def _unanswered(conversation: Conversation, limits: Mapping[str, Any]) -> Iterator[_Finding]:
    waiting = len(conversation.unanswered)
    if conversation.silence is None:
        many = waiting >= limits["messages_without_time"]
    else:
        many = waiting >= limits["messages"] and conversation.silence >= timedelta(hours=limits["hours"])
    if many or resources.matches_any(limits["told"], conversation.description):
        yield _Finding(limits["code"], Action.WAIT, limits["reason"])
