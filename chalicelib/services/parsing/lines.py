"""Reading an export line by line, for every format that is a text file.

Apps end a record with CRLF and write a line break inside a message as a bare
LF. Where both occur, records are split on CRLF and messages are exact. Where
the line ends were made alike on the way, a line that starts no record continues
the message before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, tzinfo

from chalicelib.domain import Chat, Kind, LineReport, Message
from chalicelib.services.parsing.placeholders import is_system, kind_of


@dataclass(frozen=True)
class Grammar:
    """How one app on one platform writes its export, as expressions over one record.

    ``message`` has groups ``stamp``, ``name`` and ``body``; ``name`` is None
    for a notice of the room. ``day`` matches what stands between days, and
    ``headers`` the lines above the first message; a header may carry a group
    ``partner``. ``when`` turns a stamp and the current day into a time, and
    ``day_of`` a day line into that day, for formats whose messages carry no date.
    """

    name: str
    message: re.Pattern[str]
    day: re.Pattern[str]
    headers: re.Pattern[str]
    when: Callable[[str, datetime | None, tzinfo], datetime]
    day_of: Callable[[re.Match[str], tzinfo], datetime] | None = None


@dataclass
class _Counts:
    messages: int = 0
    continuations: int = 0
    system: int = 0
    headers: int = 0
    blank: int = 0
    unrecognised: int = 0

    def report(self, lines: int) -> LineReport:
        total = self.messages + self.continuations + self.system + self.headers + self.blank + self.unrecognised
        if total != lines:
            raise AssertionError(f"{total} lines accounted for of {lines}")
        return LineReport(
            lines, self.messages, self.continuations, self.system, self.headers, self.blank, self.unrecognised
        )


@dataclass
class LineReader:
    """Reads one text with one grammar.

    Raises ValueError for a date that does not exist.
    """

    grammar: Grammar
    zone: tzinfo
    messages: list[Message] = field(default_factory=list)
    partner_name: str | None = None
    unrecognised_at: list[int] = field(default_factory=list)
    _counts: _Counts = field(default_factory=_Counts)
    _day: datetime | None = None
    _pending_blanks: int = 0
    _line: int = 0
    _times: dict[str, datetime] = field(default_factory=dict)

    def read(self, text: str, encoding: str) -> Chat:
        """The chat in ``text``."""
        for record in records(text):
            self._read_record(record)
        self._settle_blanks()
        return Chat(
            format=self.grammar.name,
            encoding=encoding,
            messages=[_typed(message) for message in self.messages],
            report=self._counts.report(self._line),
            partner_name=self.partner_name,
            warnings=[f"{line}번째 줄을 읽지 못했어요." for line in self.unrecognised_at[:10]],
        )

    def _read_record(self, record: str) -> None:
        match = self.grammar.message.match(record)
        if match is None:
            for line in record.split("\n"):
                self._read_line(line)
            return
        self._settle_blanks()
        extra = record.count("\n")
        self._line += 1 + extra
        self._counts.continuations += extra
        self._add(match)

    def _add(self, match: re.Match[str]) -> None:
        name, body = match["name"], match["body"]
        stamp = match["stamp"]
        moment = self._times.get(stamp) if self.grammar.day_of is None else None
        if moment is None:
            moment = self._times[stamp] = self.grammar.when(stamp, self._day, self.zone)
        if name is None:
            self._counts.system += 1
            self.messages.append(Message(moment, None, Kind.SYSTEM, body))
        else:
            self._counts.messages += 1
            self.messages.append(Message(moment, name, Kind.TEXT, body))

    def _read_line(self, line: str) -> None:
        self._line += 1
        if not line.strip():
            self._pending_blanks += 1
        elif match := self.grammar.day.fullmatch(line):
            self._read_day(match)
        elif not self.messages and (match := self.grammar.headers.fullmatch(line)):
            self._read_header(match)
        elif self.grammar.day_of is not None and self.messages and is_system(line):
            self._settle_blanks()
            self._counts.system += 1
            self.messages.append(Message(self.messages[-1].sent_at, None, Kind.SYSTEM, line))
        elif self.messages:
            self._continue(line)
        else:
            self._counts.unrecognised += 1
            self.unrecognised_at.append(self._line)

    def _read_day(self, match: re.Match[str]) -> None:
        self._settle_blanks()
        self._counts.headers += 1
        if self.grammar.day_of is not None:
            self._day = self.grammar.day_of(match, self.zone)

    def _read_header(self, match: re.Match[str]) -> None:
        self._settle_blanks()
        self._counts.headers += 1
        self.partner_name = self.partner_name or match.groupdict().get("partner")

    def _continue(self, line: str) -> None:
        # Blank lines stood inside the message after all.
        last = self.messages[-1]
        last.text += "\n" * (self._pending_blanks + 1) + line
        self._counts.continuations += self._pending_blanks + 1
        self._pending_blanks = 0

    def _settle_blanks(self) -> None:
        self._counts.blank += self._pending_blanks
        self._pending_blanks = 0


def records(text: str) -> Iterator[str]:
    """The records of a text: split on CRLF where CRLF and bare LF both occur, else on every line end."""
    crlf = text.count("\r\n")
    mixed = 0 < crlf < text.count("\n")
    parts = text.split("\r\n") if mixed else text.replace("\r\n", "\n").split("\n")
    if parts and not parts[-1]:
        parts.pop()  # what follows the last line end is no line
    yield from parts


def clock(text: str) -> time:
    """A time of day as Korean apps write it: ``오전 9:00``, ``오후 12:05``, ``14:05``, ``9:00 PM``."""
    match = CLOCK.fullmatch(text)
    if match is None:
        raise ValueError(f"no time of day: {len(text)} characters")
    hour, minute = int(match["hour"]), int(match["minute"])
    half = (match["ko"] or match["en"] or "").upper()
    if half:
        hour = hour % 12 + (12 if half in ("오후", "PM") else 0)
    return time(hour, minute)


CLOCK = re.compile(r"(?:(?P<ko>오전|오후) )?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?: (?P<en>[AaPp][Mm]))?")


def _typed(message: Message) -> Message:
    if message.kind is Kind.TEXT:
        message.kind, message.count = kind_of(message.text)
    return message
