"""The conversation to answer: the room's latest messages, then what the user typed into ``Briefing.context``.

The context is read like this:

1. Lines that name a speaker (``나: …``, ``상대: …``, ``바다: …``, or pasted from KakaoTalk) are dialogue. A line
   without a speaker continues the dialogue line above it.
2. Text before the dialogue describes the situation.
3. Text without any dialogue is the partner's latest messages. But if it speaks *about* the partner (답장이 없어요,
   썸남이 …), it describes the situation, and only the words that it quotes are messages.

Typed lines are newer than the room's messages and have no time. In this module, a row is a line of the context.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, cached_property
from typing import NamedTuple

from chalicelib import data_files
from chalicelib.analysis import speech as speech_analysis
from chalicelib.coaching import DATA
from chalicelib.coaching.patterns import Patterns
from chalicelib.data_files import Data
from chalicelib.domain import Briefing, ChatLine, Kind, Role, Speech

# Lines pasted from KakaoTalk, on a computer and on a phone.
_PASTED_ROWS = (
    re.compile(r"^\[(?P<label>[^\]]{1,30})\]\s*\[[^\]]*\d{1,2}:\d{2}[^\]]*\]\s*(?P<text>.+)$"),
    re.compile(r"^\d{2,4}[년.\-/].{4,30}?\d{1,2}:\d{2}(?::\d{2})?\s*,\s*(?P<label>[^:]{1,30}?)\s*:\s*(?P<text>.+)$"),
)
_LABELLED_ROW = re.compile(r"^(?P<label>[^\s\d:：/\"'“‘][^\d:：/\"'“‘]{0,14}?)\s*[:：]\s*(?P<text>\S.*)$")
_QUOTE = re.compile(r"[\"“'‘]([^\"”'’\n]{2,200})[\"”'’]")
# This many characters before a quote can show who said it.
_QUOTE_CONTEXT_LENGTH = 14
_MAX_BURST_LINES = 6
# Lines with a shorter gap between them belong to one burst.
_MAX_GAP = timedelta(hours=3)
# The senders of typed lines.
_PARTNER_NAME = "상대"
_USER_NAME = "나"
USER_AND_PARTNER = frozenset((Role.ME, Role.PARTNER))


class ContextRules(Data, frozen=True):
    """The content of ``data/context.json``.

    ``me`` and ``partner`` are labels of speakers, ``notes`` labels of notes. ``describing`` matches text about the
    partner. ``mine_before_quote`` matches the text before a quote of the user's words. ``kinds`` are the texts that
    stand for messages without text.
    """

    about: str
    me: frozenset[str]
    partner: frozenset[str]
    notes: frozenset[str]
    describing: Patterns
    mine_before_quote: Patterns
    kinds: dict[Kind, frozenset[str]]


@cache
def _rules() -> ContextRules:
    return data_files.load(DATA / "context.json", ContextRules)


@dataclass(frozen=True)
class Conversation:
    """The messages, oldest first, and the user's description of the situation.

    ``silence`` is the time since the last message, None if that message has no time. The properties are cached because
    many rules read them.
    """

    lines: tuple[ChatLine, ...]
    description: str
    silence: timedelta | None

    @cached_property
    def spoken_lines(self) -> tuple[ChatLine, ...]:
        """The lines of the user and the partner, without other people and system lines."""
        return tuple(line for line in self.lines if line.role in USER_AND_PARTNER)

    def lines_of(self, role: Role) -> tuple[ChatLine, ...]:
        """Return the lines of one role."""
        return self._by_role.get(role, ())

    def texts_of(self, role: Role) -> list[str]:
        """Return the texts of one role's text messages."""
        return texts_of(self.lines, role)

    @cached_property
    def _by_role(self) -> dict[Role, tuple[ChatLine, ...]]:
        return {role: tuple(line for line in self.lines if line.role is role) for role in Role}

    @cached_property
    def unanswered_lines(self) -> tuple[ChatLine, ...]:
        """The user's lines after the partner's last line."""
        return tuple(_trailing(self.spoken_lines, Role.ME))

    @cached_property
    def burst(self) -> tuple[ChatLine, ...]:
        """The partner's lines after the user's last line: the latest ones without a long gap, at most six."""
        return tuple(_after_last_gap(_trailing(self.spoken_lines, Role.PARTNER)))[-_MAX_BURST_LINES:]


def texts_of(lines: Iterable[ChatLine], role: Role) -> list[str]:
    """Return the texts of one role's text messages."""
    return [line.text for line in lines if line.role is role and line.kind is Kind.TEXT and line.text.strip()]


def resolve_speech(speech: Speech | None, texts: Sequence[str]) -> Speech | None:
    """Return ``speech`` if it covers any message. Otherwise analyse ``texts``. None if there are no texts."""
    if speech is not None and speech.total_messages:
        return speech
    return speech_analysis.analyse(texts) if texts else None


def read_conversation(briefing: Briefing) -> Conversation:
    """Return the conversation of a briefing."""
    context = _read_context(briefing)
    lines = briefing.lines + context.lines
    description = "\n".join(part for part in (context.description, briefing.situation) if part)
    last = next((line for line in reversed(lines) if line.role in USER_AND_PARTNER), None)
    silence = briefing.now - last.sent_at if last and last.sent_at else None
    return Conversation(lines, description, silence)


def _trailing(lines: Sequence[ChatLine], role: Role) -> list[ChatLine]:
    """Return the consecutive lines of a role at the end."""
    start = len(lines)
    while start and lines[start - 1].role is role:
        start -= 1
    return list(lines[start:])


def _after_last_gap(lines: list[ChatLine]) -> list[ChatLine]:
    """Return the lines after the last long gap."""
    start = len(lines) - 1
    while start > 0 and _are_close(lines[start - 1], lines[start]):
        start -= 1
    return lines[max(start, 0) :]


def _are_close(earlier: ChatLine, later: ChatLine) -> bool:
    if earlier.sent_at and later.sent_at:
        return later.sent_at - earlier.sent_at < _MAX_GAP
    # Lines without a time were typed together. The gap between a stored and a typed line is unknown.
    return earlier.sent_at is None and later.sent_at is None


class _Context(NamedTuple):
    """The messages in the context, and its description of the situation."""

    lines: tuple[ChatLine, ...] = ()
    description: str = ""


def _read_context(briefing: Briefing) -> _Context:
    rows = [row.strip() for row in (briefing.context or "").splitlines() if row.strip()]
    if not rows:
        return _Context()
    speakers = _Speakers(briefing, rows)
    dialogue: list[ChatLine] = []
    other_rows: list[str] = []
    for row in rows:
        role, text = speakers.split(row)
        if role is not None:
            dialogue.append(_line(role, text))
        elif dialogue:
            dialogue[-1] = _line(dialogue[-1].role, f"{dialogue[-1].text}\n{text}")
        else:
            other_rows.append(text)
    if dialogue:
        return _Context(tuple(dialogue), "\n".join(other_rows))
    return _read_without_dialogue(other_rows)


def _read_without_dialogue(rows: list[str]) -> _Context:
    """Read a context without dialogue, as a description with quotes or as the partner's messages."""
    text = "\n".join(rows)
    if _rules().describing.matches(text):
        return _Context(tuple(_quotes(text)), text)
    return _Context(tuple(_line(Role.PARTNER, row) for row in rows))


def _quotes(text: str) -> Iterator[ChatLine]:
    for quote in _QUOTE.finditer(text):
        before = text[max(0, quote.start() - _QUOTE_CONTEXT_LENGTH) : quote.start()]
        role = Role.ME if _rules().mine_before_quote.matches(before) else Role.PARTNER
        yield _line(role, quote[1].strip())


def _line(role: Role, text: str) -> ChatLine:
    kind = next((kind for kind, texts in _rules().kinds.items() if text in texts), Kind.TEXT)
    return ChatLine(role, _USER_NAME if role is Role.ME else _PARTNER_NAME, kind, text)


class _SplitRow(NamedTuple):
    """The role that said a row, None without a speaker, and the text without the label."""

    role: Role | None
    text: str


class _Label(NamedTuple):
    """The name at the beginning of a row, and the text after it."""

    name: str
    text: str


class _Speakers:
    """Assigns rows to roles by their labels."""

    def __init__(self, briefing: Briefing, rows: list[str]) -> None:
        rules = _rules()
        self._roles = dict.fromkeys(rules.me, Role.ME) | dict.fromkeys(rules.partner, Role.PARTNER)
        if briefing.partner.name:
            self._roles[briefing.partner.name] = Role.PARTNER
        self._roles |= {line.sender: line.role for line in briefing.lines if line.role is not Role.SYSTEM}
        self._notes = rules.notes
        self._roles |= self._roles_of_unknown_names(rows)

    def split(self, row: str) -> _SplitRow:
        """Return the role and the text of a row. The label of a note is removed, an unknown label is kept."""
        label = _label(row)
        if label is None:
            return _SplitRow(None, row)
        if label.name in self._notes:
            return _SplitRow(None, label.text)
        role = self._roles.get(label.name)
        return _SplitRow(role, label.text) if role else _SplitRow(None, row)

    def _roles_of_unknown_names(self, rows: list[str]) -> dict[str, Role]:
        """Return the roles of the names that are not listed.

        The first one is the partner, unless another label stands for the partner. The others are other people.
        """
        names = [label.name for row in rows if (label := _label(row))]
        unknown = [name for name in dict.fromkeys(names) if name not in self._roles and name not in self._notes]
        has_partner = Role.PARTNER in {self._roles.get(name) for name in names}
        return {name: Role.OTHER if index or has_partner else Role.PARTNER for index, name in enumerate(unknown)}


def _label(row: str) -> _Label | None:
    match = next((match for pattern in (*_PASTED_ROWS, _LABELLED_ROW) if (match := pattern.match(row))), None)
    return _Label(match["label"].strip(), match["text"].strip()) if match else None
