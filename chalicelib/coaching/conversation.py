"""The conversation to be answered: the room's messages, and what the user typed after them.

``Briefing.context`` is read like this:

1. Lines that name a speaker (``나: …``, ``상대: …``, ``바다: …``, or pasted from KakaoTalk) are dialogue; a line
   without a speaker after one of them continues it.
2. Lines before any dialogue, or a text without dialogue, are the partner's latest words, unless they speak *about*
   the partner (답장이 없어요, 썸남이 …): then they describe the situation, and what they quote was said.

What was typed is newer than the room's messages and has no time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from chalicelib.coaching import resources
from chalicelib.domain import Briefing, ChatLine, Kind, Role

_PASTED = (
    re.compile(r"^\[(?P<who>[^\]]{1,30})\]\s*\[[^\]]*\d{1,2}:\d{2}[^\]]*\]\s*(?P<text>.+)$"),
    re.compile(r"^\d{2,4}[년.\-/].{4,30}?\d{1,2}:\d{2}(?::\d{2})?\s*,\s*(?P<who>[^:]{1,30}?)\s*:\s*(?P<text>.+)$"),
)
_LABELLED = re.compile(r"^(?P<who>[^\s\d:：/\"'“‘][^\d:：/\"'“‘]{0,14}?)\s*[:：]\s*(?P<text>\S.*)$")
_QUOTED = re.compile(r"[\"“'‘]([^\"”'’\n]{2,200})[\"”'’]")
_BEFORE_QUOTE = 14
_BURST = 6
_ONE_SITTING = timedelta(hours=3)
_PARTNER = "상대"
_ME = "나"
THE_TWO = frozenset((Role.ME, Role.PARTNER))


@dataclass(frozen=True)
class Conversation:
    """What was said, oldest first, and what the user told beside it.

    ``silence`` is how long ago the last line was, None when it has no time.
    What is read out of the lines is found once: every rule asks for it.
    """

    lines: tuple[ChatLine, ...]
    description: str
    silence: timedelta | None

    @cached_property
    def spoken(self) -> tuple[ChatLine, ...]:
        """The lines of the two who talk, without others and system lines."""
        return tuple(line for line in self.lines if line.role in THE_TWO)

    def said_by(self, role: Role) -> tuple[ChatLine, ...]:
        """Return the lines of one role."""
        return self._by_role.get(role, ())

    @cached_property
    def _by_role(self) -> dict[Role, tuple[ChatLine, ...]]:
        return {role: tuple(line for line in self.lines if line.role is role) for role in Role}

    @cached_property
    def unanswered(self) -> tuple[ChatLine, ...]:
        """The user's own lines since the partner last spoke."""
        return tuple(_trailing(self.spoken, Role.ME))

    @cached_property
    def burst(self) -> tuple[ChatLine, ...]:
        """What the partner said last: the lines since the user spoke, of one sitting, at most six."""
        return tuple(_one_sitting(_trailing(self.spoken, Role.PARTNER)))[-_BURST:]


def read(briefing: Briefing) -> Conversation:
    """Return the conversation of a briefing."""
    typed, description = _typed(briefing)
    lines = briefing.lines + typed
    told = "\n".join(part for part in (description, briefing.situation) if part)
    last = next((line for line in reversed(lines) if line.role in THE_TWO), None)
    silence = briefing.now - last.sent_at if last and last.sent_at else None
    return Conversation(lines, told, silence)


def _trailing(lines: Sequence[ChatLine], role: Role) -> list[ChatLine]:
    start = len(lines)
    while start and lines[start - 1].role is role:
        start -= 1
    return list(lines[start:])


def _one_sitting(lines: list[ChatLine]) -> list[ChatLine]:
    start = len(lines) - 1
    while start > 0 and _close(lines[start - 1], lines[start]):
        start -= 1
    return lines[max(start, 0) :]


def _close(earlier: ChatLine, later: ChatLine) -> bool:
    if earlier.sent_at is None or later.sent_at is None:
        return earlier.sent_at is later.sent_at
    return later.sent_at - earlier.sent_at < _ONE_SITTING


def _typed(briefing: Briefing) -> tuple[tuple[ChatLine, ...], str]:
    rows = [row.strip() for row in (briefing.context or "").splitlines() if row.strip()]
    if not rows:
        return (), ""
    speakers = _Speakers(briefing, rows)
    dialogue: list[ChatLine] = []
    free: list[str] = []
    for row in rows:
        role, text = speakers.split(row)
        if role is None and not dialogue:
            free.append(text)
        elif role is None:
            dialogue[-1] = _line(dialogue[-1].role, f"{dialogue[-1].text}\n{text}")
        else:
            dialogue.append(_line(role, text))
    said, description = _free(free, beside_dialogue=bool(dialogue))
    return (*said, *dialogue), description


def _free(rows: list[str], *, beside_dialogue: bool) -> tuple[tuple[ChatLine, ...], str]:
    text = "\n".join(rows)
    if not text:
        return (), ""
    if beside_dialogue or resources.matches_any(resources.load("reading")["describing"], text):
        return (() if beside_dialogue else tuple(_quotes(text))), text
    return tuple(_line(Role.PARTNER, row) for row in rows), ""


def _quotes(text: str) -> Iterator[ChatLine]:
    mine = resources.load("reading")["mine_before_quote"]
    for quote in _QUOTED.finditer(text):
        before = text[max(0, quote.start() - _BEFORE_QUOTE) : quote.start()]
        yield _line(Role.ME if resources.matches_any(mine, before) else Role.PARTNER, quote[1].strip())


def _line(role: Role, text: str) -> ChatLine:
    kind = next((Kind(kind) for kind, words in resources.load("reading")["kinds"].items() if text in words), Kind.TEXT)
    return ChatLine(role, _ME if role is Role.ME else _PARTNER, kind, text)


class _Speakers:
    """Who a line of the context belongs to, by its label."""

    def __init__(self, briefing: Briefing, rows: list[str]) -> None:
        words = resources.load("reading")
        self._known = dict.fromkeys(words["me"], Role.ME) | dict.fromkeys(words["partner"], Role.PARTNER)
        if briefing.partner.name:
            self._known[briefing.partner.name] = Role.PARTNER
        self._known |= {line.sender: line.role for line in briefing.lines if line.role is not Role.SYSTEM}
        self._notes = frozenset(words["notes"])
        self._known |= self._guessed(rows)

    def split(self, row: str) -> tuple[Role | None, str]:
        """Return whose line it is, None for a line without a speaker, and what it says."""
        label = _label(row)
        if label is None:
            return None, row
        who, text = label
        if who in self._notes:
            return None, text
        role = self._known.get(who)
        return (role, text) if role else (None, row)

    def _guessed(self, rows: list[str]) -> dict[str, Role]:
        """One unknown name is the partner's; of several, the first is, the others are others."""
        labels = [label[0] for row in rows if (label := _label(row))]
        unknown = [who for who in dict.fromkeys(labels) if who not in self._known and who not in self._notes]
        taken = Role.PARTNER in {self._known.get(who) for who in labels}
        return {who: Role.OTHER if index or taken else Role.PARTNER for index, who in enumerate(unknown)}


def _label(row: str) -> tuple[str, str] | None:
    match = next((m for pattern in (*_PASTED, _LABELLED) if (m := pattern.match(row))), None)
    return (match["who"].strip(), match["text"].strip()) if match else None
