"""The coach that needs nobody: no network, no model, the same answer for the same chat."""

from __future__ import annotations

from chalicelib.domain import Briefing, Coaching
from chalicelib.services.coaching import compose, conversation, intents, interest, partner, safety


def coach(briefing: Briefing) -> Coaching:
    """Return the local coach's whole answer.

    It reads the conversation, decides whether to send at all, finds what the last words ask for, writes three
    replies in the user's own speech, and says what the partner and their interest look like.
    """
    talk = conversation.read(briefing)
    verdict = safety.assess(talk, briefing)
    reading = intents.read(talk, briefing, verdict)
    traits = partner.traits(briefing)
    signs, note = interest.interest(briefing)
    return Coaching(
        responses=compose.compose(briefing, talk, reading, verdict),
        recommendation=verdict.recommendation,
        help=verdict.help,
        partner_summary=partner.summary(briefing, traits),
        partner_traits=traits,
        interest=signs,
        interest_note=note,
    )
