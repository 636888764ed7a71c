"""Reading an export record by record, for every format that is a text with one message a record.

A grammar says how one app on one platform writes; the reader here is the same
for all. A line that begins no record continues the message before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import islice, repeat

from chalicelib.domain import Chat, Kind, LineReport, Message
from chalicelib.errors import UnreadableFile
from chalicelib.parsing.export import Export
from chalicelib.parsing.placeholders import Vocabulary
from chalicelib.parsing.separator_names import restore_names
from chalicelib.parsing.timestamps import parse_date, parse_time

_ONE_DAY, _ZERO_DAYS = timedelta(days=1), timedelta()
# The day of messages whose day is not known yet; they move when it is.
_UNKNOWN_DAY = date(2000, 1, 1)
_MAX_LINES_NAMED = 10
# So many characters are read at a time: they and what they are split into fit into a processor's cache.
_CHUNK_SIZE = 1 << 16
# A title, and below it when the export was made.
_HEADER_LINES = 2
# Where a file begins, so many lines are looked at for them.
_HEADER_SEARCH_RECORDS = 20
NEVER_MATCHES = re.compile("(?!)")
# How many digits they have.
_SECONDS_DIGITS = 2
_UNDATED_WARNING = "날짜가 없는 대화라, 마지막 메시지가 가장 최근이라고 보고 날짜를 매겼어요."


@dataclass(frozen=True, eq=False)
class Grammar:
    """How one app on one platform writes its export, as expressions over one record. It is a ``Format``.

    ``message`` matches where a record begins a message and has groups ``date``,
    ``time`` and ``name``; what follows the match is the message. ``date`` is
    empty where day lines carry the date, and ``name`` is None for a notice of
    the room. ``day`` matches what stands between days, with a group ``date``
    where messages have none. ``headers`` match the lines above the first
    message; a group in them is the partner's name. ``saved`` matches the one that
    says when the export was made, below its title. ``own_names`` are what the app
    calls the one who exports. ``order`` is that of a date's numbers.
    ``separator`` stands between a name and its message, where a name may hold it
    too. ``bare_notices`` says that all notices of the room are lines without a time.
    """

    name: str
    vocabulary: Vocabulary
    message: re.Pattern[str]
    day: re.Pattern[str]
    headers: re.Pattern[str]
    saved: re.Pattern[str] = NEVER_MATCHES
    own_names: frozenset[str] = frozenset()
    order: str = "ymd"
    separator: str | None = None
    bare_notices: bool = False

    def claims(self, export: Export) -> set[int]:
        """Which sampled records begin a message, or stand between days or above the first message."""
        begins, is_day, is_header = self.message.match, self.day.fullmatch, self.headers.fullmatch
        return {
            place
            for place, record in enumerate(export.sample)
            if begins(record) or is_day(record) or (place < _HEADER_SEARCH_RECORDS and is_header(record))
        }

    def read(self, export: Export) -> Chat:
        """Read an export of this grammar.

        Raises:
            UnreadableFile: with the line of a date or time that does not exist.
        """
        chat = _Reader(self, export).read()
        if self.separator:
            restore_names(chat.messages, self.separator, chat.partner_name, self.vocabulary)
        return chat


class _DateCache(dict[str, date]):
    """Days by what stands for them in a message: nothing does under day lines, nor above the first of them."""

    def __init__(self, order: str) -> None:
        self._order = order

    def __missing__(self, text: str) -> date:
        if not text:
            return _UNKNOWN_DAY
        day = self[text] = parse_date(text, self._order)
        return day


class _TimeCache(dict[str, time]):
    """Times of day by how they are written."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def __missing__(self, text: str) -> time:
        before, _, after = text.rpartition(":")
        clock = self[text] = self._with_seconds(before, after) if ":" in before else parse_time(text, self._zone)
        return clock

    def _with_seconds(self, minute: str, after: str) -> time:
        """A day has sixty times as many of them as it has minutes, which are known soon."""
        clock = self[minute + after[_SECONDS_DIGITS:]]
        return time(clock.hour, clock.minute, int(after[:_SECONDS_DIGITS]), 0, self._zone)


@dataclass
class _Reader:
    """Reads one export with one grammar."""

    grammar: Grammar
    export: Export
    messages: list[Message] = field(default_factory=list)
    # Each name once, in place of as many as there are messages.
    senders: dict[str, str] = field(default_factory=dict)
    partner_name: str | None = None
    # Lines by what they are; a message's first line is counted with the messages.
    continuations: int = 0
    headers: int = 0
    blank: int = 0
    unrecognised_at: list[int] = field(default_factory=list)
    # The lines since the last message began. They continue it, up to the last that is not blank.
    open_lines: list[str] = field(default_factory=list)
    days: _DateCache = field(init=False)
    clocks: _TimeCache = field(init=False)
    undated: int = 0

    def __post_init__(self) -> None:
        self.days = _DateCache(self.grammar.order)
        self.clocks = _TimeCache(self.export.zone)

    def read(self) -> Chat:
        """The chat in the export, of texts and notices."""
        text, end, length = self._written()
        self._read_text(text, end, length)
        if self._are_undated():
            self._date_undated(self._latest_day_possible())
        chat = Chat(
            format=self.grammar.name,
            messages=self.messages,
            report=self._report(text.count("\n", 0, length) + 1),
            partner_name=self.partner_name,
            my_name=next(iter(self.senders.keys() & self.grammar.own_names), None),
            warnings=list(self._warnings()),
        )
        chat.recount_notices()
        return chat

    def _written(self) -> tuple[str, str, int]:
        """The export's text, what ends a record in it, and its length without the last such end.

        A record ends with its line where not all of the text has the ends of records.
        """
        text, end = self.export.text, self.export.record_end
        length = len(text) - len(end) * text.endswith(end)
        if end == "\n" or (end == "\r\n" and self._has_records()):
            return text, end, length
        text = text[:length].replace(end, "\n")
        return text, "\n", len(text)

    def _has_records(self) -> bool:
        begins = self.grammar.message.match
        inside = [line for record in self.export.sample for line in record.split("\n")[1:]]
        return sum(map(bool, map(begins, inside))) <= sum(map(bool, map(begins, self.export.sample)))

    def _read_text(self, text: str, end: str, length: int) -> None:
        header = re.compile(end + self.grammar.message.pattern)
        try:
            for piece in _chunks(header, text, length):
                # What begins with the text ends nothing, and headers are told by what ends the record above.
                above, *parts = header.split(piece if self._lines_read() else end + piece)
                self._read_lines(above.split(end)[1:])
                self._read_messages(parts, header, end)
        except ValueError as error:
            raise UnreadableFile("unrecognised_format", line=self._lines_read() + 1) from error

    def _read_messages(self, parts: list[str], header: re.Pattern[str], end: str) -> None:
        """Read what a header's groups hold and the text behind it, of one message after the other."""
        step = header.groups + 1
        days, clocks, names = (parts[header.groupindex[group] - 1 :: step] for group in ("date", "time", "name"))
        texts = parts[header.groups :: step]
        times = map(datetime.combine, map(self.days.__getitem__, days), map(self.clocks.__getitem__, clocks))
        senders = [self.senders.setdefault(name, name) for name in names]
        # Each is made when it is asked for, since what stands below the one before may begin another day.
        made = map(Message, times, senders, repeat(Kind.TEXT), texts)
        begun, read = len(self.messages), 0
        for place in [place for place, text in enumerate(texts, 1) if "\n" in text]:
            self.messages += islice(made, place - read)
            self._cut(end)
            read = place
        self.messages += made
        self.grammar.vocabulary.tell_kinds(self.messages[begun:])

    def _cut(self, end: str) -> None:
        """Read the records that follow the last message before the next one begins."""
        last = self.messages[-1]
        last.text, *others = last.text.split(end)
        self.continuations += last.text.count("\n")
        self._read_lines(others)

    def _date_undated(self, last_day: date) -> None:
        """Give the messages before the first day line their days, so that the last of them is on ``last_day``."""
        self.undated = len(self.messages)
        passed, before = _ZERO_DAYS, self.messages[0].sent_at
        for message in self.messages:
            passed += _ONE_DAY if message.sent_at < before else _ZERO_DAYS
            before = message.sent_at
            message.sent_at += passed
        shift = last_day - self.messages[-1].sent_at.date()
        for message in self.messages:
            message.sent_at += shift

    def _latest_day_possible(self) -> date:
        now = self.export.now.astimezone(self.export.zone)
        return now.date() - (_ONE_DAY if self.messages[-1].sent_at.time() > now.time() else _ZERO_DAYS)

    def _read_lines(self, records: list[str]) -> None:
        """Read records that begin no message, line by line."""
        for record in records:
            for line in record.split("\n"):
                self._read_line(line)
        self._close()

    def _read_line(self, line: str) -> None:
        bare = line.strip()
        if not bare:
            self.open_lines.append(line)
        elif found := self.grammar.day.fullmatch(bare):
            self._read_day(found)
        elif not self.messages and (found := self.grammar.headers.fullmatch(bare)):
            self._close()
            self.headers += 1
            self.partner_name = self.partner_name or (found[found.lastindex] if found.lastindex else None)
        elif self._is_bare_notice(bare):
            self._read_bare_notice(bare)
        elif self.messages:
            self.open_lines.append(line)
        else:
            self.unrecognised_at.append(self._lines_read() + 1)

    def _lines_read(self) -> int:
        lines = len(self.messages) + self.continuations + self.headers + self.blank
        return lines + len(self.open_lines) + len(self.unrecognised_at)

    def _read_day(self, found: re.Match[str]) -> None:
        self._close()
        self.headers += 1
        if "date" in found.re.groupindex:
            day = parse_date(found["date"], self.grammar.order)
            if self._are_undated():
                self._date_undated(day - _ONE_DAY)
            self.days[""] = day

    def _are_undated(self) -> bool:
        return bool(self.messages) and not self.days

    def _is_bare_notice(self, line: str) -> bool:
        """Whether ``line`` is a notice without a time, below something that says of which day."""
        if not self.messages and "" not in self.days:
            return False
        vocabulary = self.grammar.vocabulary
        return vocabulary.is_notice(line) if self.grammar.bare_notices else vocabulary.is_bare_notice(line)

    def _read_bare_notice(self, text: str) -> None:
        """A notice without a time is of the same time as the message before it."""
        self._close()
        sent_at = datetime.combine(self.days[""], time(), tzinfo=self.export.zone)
        if self.messages:
            sent_at = max(sent_at, self.messages[-1].sent_at)
        self.messages.append(Message(sent_at, None, Kind.SYSTEM, text))

    def _close(self) -> None:
        """Give the lines since the last message to it, save blank ones at their end."""
        lines, self.open_lines = self.open_lines, []
        self.blank += _pop_blank(lines)
        if self._end_with_header(lines):
            del lines[-_HEADER_LINES:]
            self.headers += _HEADER_LINES
            self.blank += _pop_blank(lines)
        if lines and self.messages:
            last = self.messages[-1]
            last.text = "\n".join((last.text, *lines))
            self.continuations += len(lines)

    def _end_with_header(self, lines: list[str]) -> bool:
        """Whether what stands above a record is another export's header: exports were put together by hand."""
        grammar = self.grammar
        return bool(
            len(lines) >= _HEADER_LINES
            and grammar.saved.fullmatch(lines[-1].strip())
            and grammar.headers.fullmatch(lines[-_HEADER_LINES].strip())
        )

    def _report(self, lines: int) -> LineReport:
        report = LineReport(
            lines=lines,
            messages=len(self.messages),
            continuations=self.continuations,
            system=0,
            headers=self.headers,
            blank=self.blank,
            unrecognised=len(self.unrecognised_at),
        )
        report.check()
        return report

    def _warnings(self) -> Iterator[str]:
        for number in self.unrecognised_at[:_MAX_LINES_NAMED]:
            yield f"{number}번째 줄을 읽지 못했어요."
        if len(self.unrecognised_at) > _MAX_LINES_NAMED:
            yield f"읽지 못한 줄이 모두 {len(self.unrecognised_at)}줄이에요."
        if self.undated:
            yield _UNDATED_WARNING


def _chunks(header: re.Pattern[str], text: str, length: int) -> Iterator[str]:
    """So much of the text in pieces, all but the first of which begin with a header."""
    start = 0
    while start < length:
        found = header.search(text, start + _CHUNK_SIZE, length)
        end = found.start() if found else length
        yield text[start:end]
        start = end


def _pop_blank(lines: list[str]) -> int:
    """Take the blank lines off the end, and say how many they were."""
    written = len(lines)
    while written and not lines[written - 1].strip():
        written -= 1
    blank = len(lines) - written
    del lines[written:]
    return blank
