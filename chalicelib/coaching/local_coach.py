"""The coach that needs nobody: no network, no model, the same answer for the same chat."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.coaching import compose, conversation, intents, interest, safety, traits
from chalicelib.coaching.conversation import Conversation
from chalicelib.coaching.intents import MessageIntent
from chalicelib.coaching.safety import Verdict
from chalicelib.domain import Briefing, Coaching


@dataclass(frozen=True, slots=True)
class Case:
    """A briefing and what was read out of it: the conversation, whether to send at all, what the last words ask for."""

    briefing: Briefing
    talk: Conversation
    verdict: Verdict
    reading: MessageIntent


def understand(briefing: Briefing) -> Case:
    """Read a briefing."""
    talk = conversation.read(briefing)
    verdict = safety.assess(talk, briefing)
    return Case(briefing, talk, verdict, intents.read(talk, briefing, verdict))


def coach(briefing: Briefing) -> Coaching:
    """Return the local coach's whole answer to a briefing."""
    return answer(understand(briefing))


def answer(case: Case) -> Coaching:
    """Return the whole answer: three replies in the user's own speech, and what the partner looks like."""
    partner_traits = traits.traits(case.briefing)
    signs, note = interest.interest(case.briefing)
    return Coaching(
        responses=compose.compose(case.briefing, case.talk, case.reading, case.verdict),
        recommendation=case.verdict.recommendation,
        help=case.verdict.help,
        partner_summary=traits.summary(case.briefing, partner_traits),
        partner_traits=partner_traits,
        interest=signs,
        interest_note=note,
    )
