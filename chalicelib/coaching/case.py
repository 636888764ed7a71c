"""A briefing and everything that the coach derives from it before it writes a reply."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.coaching.conversation import Conversation
from chalicelib.coaching.intents import MessageIntent
from chalicelib.coaching.safety import Verdict
from chalicelib.domain import Briefing


@dataclass(frozen=True, slots=True)
class Case:
    """A briefing, its conversation, the safety rules' verdict and the intent of the latest messages."""

    briefing: Briefing
    conversation: Conversation
    verdict: Verdict
    intent: MessageIntent
