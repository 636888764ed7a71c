"""Golden conversations with the answers of the local coach, as Markdown.

``python -m tests.coaching.examples [id …]`` prints them. With ``--docs``, it writes docs/coaching-examples.md.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chalicelib.coaching import local_coach
from chalicelib.coaching.templates import replies_by_intent
from tests.coaching.chats import CHATS, SENDERS, VOICES, briefing_of

DOCUMENT = Path(__file__).parents[2] / "docs" / "coaching-examples.md"
HEADING = """# Examples of the local coach

<!-- Written by python -m tests.coaching.examples --docs. Do not edit. -->

These conversations are invented. They are part of the golden conversations in `tests/coaching/golden.json`. 하늘 is the user. `python -m tests.coaching.examples` prints all golden conversations. [coaching.md](coaching.md) describes how the coach works.
"""  # noqa: E501 (a paragraph of Markdown is one line)
DOCUMENTED = (
    "tired", "tired_polite", "invite_formal", "heart", "good", "short_voice", "draft_level", "group", "days",
    "soft_twice", "refused", "partner_crisis",
)  # fmt: skip
FIELDS = {"context": "context", "goal": "goal", "draft": "draft", "silence_hours": "hours without an answer"}


def example(chat: dict[str, Any]) -> Iterator[str]:
    """Yield the Markdown lines of a conversation and its answer."""
    case = local_coach.understand(briefing_of(chat))
    answer = local_coach.answer(case)
    yield f"\n## {chat['id']}: {replies_by_intent()[case.intent.name].name} ({chat['relationship']})\n"
    if "voice" in chat:
        yield f"The user writes like this: {' · '.join(VOICES[chat['voice']][:3])}\n"
    yield from (f"> {SENDERS[line[0]]}: {line[2:]}  " for line in chat["lines"])
    yield from (f"> ({label}: {chat[key]})  " for key, label in FIELDS.items() if key in chat)
    yield f"\n`{answer.recommendation.action}` `{answer.recommendation.code}`: {answer.recommendation.reason}"
    yield from (f"{line.name} {line.contact} ({line.hours})" for line in answer.help)
    yield "\n| | message | risk | fit | explanation | advice |\n|---|---|---|---|---|---|"
    for response in answer.responses:
        cells = (response.message or "–", response.risk_level, response.style_fit, response.explanation)
        yield f"| {response.type} | {' | '.join(map(str, cells))} | {response.advice} |"


def document() -> str:
    """Return docs/coaching-examples.md."""
    chats = {chat["id"]: chat for chat in CHATS}
    return HEADING + "\n".join(line for name in DOCUMENTED for line in example(chats[name])) + "\n"


def main(arguments: list[str]) -> None:
    """Print the conversations with these ids, or all conversations without ids. With ``--docs``, write the document."""
    if arguments == ["--docs"]:
        DOCUMENT.write_text(document(), "utf-8")
        return
    for chat in CHATS:
        if not arguments or chat["id"] in arguments:
            sys.stdout.write("\n".join(example(chat)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
