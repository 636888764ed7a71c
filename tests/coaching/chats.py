"""The golden conversations as briefings.

A line starts with ``M`` (me), ``P`` (partner) or ``O`` (another person of a group). A text follows, or ``[kind]`` for a
message without text. Lines are two minutes apart.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from chalicelib.analysis import speech
from chalicelib.domain import Briefing, ChatLine, Kind, PartnerFacts, Role

_GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text(encoding="utf-8"))
CHATS: list[dict[str, Any]] = _GOLDEN["chats"]
VOICES: dict[str, list[str]] = _GOLDEN["voices"]
SENDERS = {"M": "하늘", "P": "바다", "O": "구름"}
_ROLES = {"M": Role.ME, "P": Role.PARTNER, "O": Role.OTHER}


def lines_of(lines: list[str], last_at: datetime) -> tuple[ChatLine, ...]:
    first_at = last_at - timedelta(minutes=2 * (len(lines) - 1))
    return tuple(_line(index, line, first_at + timedelta(minutes=2 * index)) for index, line in enumerate(lines))


def _line(index: int, line: str, sent_at: datetime) -> ChatLine:
    letter, text = line[0], line[2:]
    kind = Kind(text[1:-1]) if text.startswith("[") else Kind.TEXT
    return ChatLine(_ROLES[letter], SENDERS[letter], kind, text if kind is Kind.TEXT else "", sent_at, f"m{index}")


def briefing_of(chat: dict[str, Any]) -> Briefing:
    now = datetime(2026, 11, 20, chat.get("hour", 19), 30, tzinfo=UTC)
    silence = timedelta(hours=chat.get("silence_hours", 0), minutes=5)
    return Briefing(
        lines=lines_of(chat["lines"], now - silence),
        now=now,
        partner=PartnerFacts(
            name=chat.get("name"),
            relationship=chat["relationship"],
            age=chat.get("partner_age"),
            description=chat.get("description"),
        ),
        my_speech=speech.analyse(VOICES[chat["voice"]]) if "voice" in chat else None,
        my_age=chat.get("my_age", 25),
        context=chat.get("context"),
        situation=chat.get("situation"),
        goal=chat.get("goal"),
        draft=chat.get("draft"),
    )
