"""The coach that needs nobody: no network, no model, the same answer for the same chat."""

from __future__ import annotations

from chalicelib.coaching import compose, conversation, intents, interest, safety, traits
from chalicelib.coaching.case import Case
from chalicelib.domain import Briefing, Coaching


def understand(briefing: Briefing) -> Case:
    """Read a briefing."""
    lines = conversation.read(briefing)
    verdict = safety.assess(lines, briefing)
    return Case(briefing, lines, verdict, intents.read(lines, briefing, verdict))


def coach(briefing: Briefing) -> Coaching:
    """Return the local coach's whole answer to a briefing."""
    return answer(understand(briefing))


def answer(case: Case) -> Coaching:
    """Return the whole answer: three replies in the user's own speech, and what the partner looks like."""
    partner_traits = traits.find_traits(case.briefing)
    measured = interest.measure(case.briefing)
    return Coaching(
        responses=compose.compose(case),
        recommendation=case.verdict.recommendation,
        help=case.verdict.help,
        partner_summary=traits.summarise(case.briefing, partner_traits),
        partner_traits=partner_traits,
        interest=measured.interest,
        interest_note=measured.note,
    )
