"""Prints golden conversations with what the local coach answers, to be read.

``python -m tests.coaching.review [id …]``; with ``--docs`` it writes those of docs/coaching.md into it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chalicelib.coaching import conversation, intents, safety
from chalicelib.coaching.local_coach import coach
from chalicelib.coaching.templates import entries
from tests.coaching.chats import CHATS, SENDERS, VOICES, briefing_of

DOCUMENT = Path(__file__).parents[2] / "docs" / "coaching.md"
MARK = "<!-- Written by python -m tests.coaching.review --docs -->\n"
DOCUMENTED = (
    "tired", "tired_polite", "invite_formal", "heart", "good", "short_voice", "draft_level", "group", "days",
    "soft_twice", "refused", "partner_crisis",
)  # fmt: skip
TOLD = {"context": "context", "goal": "goal", "draft": "draft", "silence_hours": "hours without an answer"}


def shown(chat: dict[str, Any]) -> Iterator[str]:
    """A conversation and its answer, as Markdown."""
    briefing = briefing_of(chat)
    talk = conversation.read(briefing)
    reading = intents.read(talk, briefing, safety.assess(talk, briefing))
    answer = coach(briefing)
    yield f"\n### {chat['id']}: {entries()[reading.name].name} ({chat['relationship']})\n"
    if "voice" in chat:
        yield f"The user writes like this: {' · '.join(VOICES[chat['voice']][:3])}\n"
    yield from (f"> {SENDERS[line[0]]}: {line[2:]}  " for line in chat["lines"])
    yield from (f"> ({name}: {chat[key]})  " for key, name in TOLD.items() if key in chat)
    yield f"\n`{answer.recommendation.action}` `{answer.recommendation.code}`: {answer.recommendation.reason}"
    yield from (f"{line.name} {line.contact} ({line.hours})" for line in answer.help)
    yield "\n| | message | risk | fit | explanation | advice |\n|---|---|---|---|---|---|"
    for response in answer.responses:
        cells = (response.message or "–", response.risk_level, response.style_fit, response.explanation)
        yield f"| {response.type} | {' | '.join(map(str, cells))} | {response.advice} |"


def documented() -> str:
    """The twelve conversations of the documentation."""
    chats = {chat["id"]: chat for chat in CHATS}
    return "\n".join(line for name in DOCUMENTED for line in shown(chats[name])) + "\n"


def main(arguments: list[str]) -> None:
    """Print the conversations that are asked for, all without a name, or write the documented ones."""
    if arguments == ["--docs"]:
        above = DOCUMENT.read_text("utf-8").partition(MARK)[0]
        DOCUMENT.write_text(above + MARK + documented(), "utf-8")
        return
    for chat in CHATS:
        if not arguments or chat["id"] in arguments:
            sys.stdout.write("\n".join(shown(chat)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
