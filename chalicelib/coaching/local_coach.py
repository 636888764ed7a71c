"""The local coach. It needs no network and no model, and gives the same answer to the same chat."""

from __future__ import annotations

from chalicelib.coaching import compose, intents, interest, safety, traits
from chalicelib.coaching.case import Case
from chalicelib.coaching.conversation import read_conversation
from chalicelib.domain import Briefing, Coaching


def understand(briefing: Briefing) -> Case:
    """Read the conversation of a briefing, apply the safety rules and find the intent."""
    conversation = read_conversation(briefing)
    verdict = safety.assess(conversation, briefing)
    return Case(briefing, conversation, verdict, intents.find_intent(conversation, briefing, verdict))


def coach(briefing: Briefing) -> Coaching:
    """Return the answer to a briefing."""
    return answer(understand(briefing))


def answer(case: Case) -> Coaching:
    """Return the answer to a case: three replies and what the chat shows about the partner."""
    partner_traits = traits.find_traits(case.briefing)
    result = interest.estimate(case.briefing)
    return Coaching(
        responses=compose.compose(case),
        recommendation=case.verdict.recommendation,
        help=case.verdict.help,
        partner_summary=traits.summarise(case.briefing, partner_traits),
        partner_traits=partner_traits,
        interest=result.interest,
        interest_note=result.note,
    )
