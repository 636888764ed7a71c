"""Prints the golden conversations with what the local coach answers, to be read.

``python -m tests.services.coaching.review [id …]``
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from chalicelib.services.coaching import conversation, intents, safety
from chalicelib.services.coaching.local import coach
from tests.services.coaching.chats import CHATS, briefing_of


def shown(chat: dict[str, Any]) -> Iterator[str]:
    briefing = briefing_of(chat)
    talk = conversation.read(briefing)
    reading = intents.read(talk, briefing, safety.assess(talk, briefing))
    answer = coach(briefing)
    done = answer.recommendation
    yield f"\n== {chat['id']} ({chat.get('voice')}, {chat['relationship']}) -> {reading.intent} {reading.topics}"
    yield from (f"   {line}" for line in chat["lines"])
    yield from (f"   {key}: {chat[key]}" for key in ("context", "goal", "draft") if key in chat)
    yield f"   [{done.action} {done.code}] {' '.join(line.contact for line in answer.help)}"
    for response in answer.responses:
        yield f" {response.risk_level} {response.message}   ({response.style_fit}, {response.confidence})"
        yield f"     {response.explanation} | {response.advice} | {response.expected_reaction}"


if __name__ == "__main__":
    wanted = sys.argv[1:]
    for golden in CHATS:
        if not wanted or golden["id"] in wanted:
            sys.stdout.write("\n".join(shown(golden)) + "\n")
