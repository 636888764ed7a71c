"""Read the text exports that have one message per record.

A grammar describes the export of one app on one platform. The reader is the same for all grammars. A line that does not
begin a record continues the message above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import islice, repeat
from typing import NamedTuple

from chalicelib.domain import Chat, Kind, LineReport, Message
from chalicelib.errors import UnreadableFile
from chalicelib.parsing.export import Export
from chalicelib.parsing.placeholders import Vocabulary
from chalicelib.parsing.separator_names import restore_names
from chalicelib.parsing.timestamps import parse_date, parse_time

_ONE_DAY, _ZERO_DAYS = timedelta(days=1), timedelta()
# A placeholder for the day of messages above the first day line. ``_assign_days`` replaces it.
_UNKNOWN_DAY = date(2000, 1, 1)
_MAX_LINES_IN_WARNINGS = 10
# In characters. A chunk and the strings it is split into fit into a processor's cache.
_CHUNK_SIZE = 1 << 16
# The header of an export is a title and, below it, the time of the export.
_HEADER_LINES = 2
# A header is expected within the first records of a file.
_HEADER_SEARCH_RECORDS = 20
NEVER_MATCHES = re.compile("(?!)")
# The digits of the seconds in a time of day.
_SECONDS_DIGITS = 2
_UNDATED_WARNING = "날짜가 없는 대화라서, 마지막 메시지를 가장 최근으로 보고 날짜를 정했어요."


@dataclass(frozen=True, eq=False)
class Grammar:
    """The patterns of one app's export on one platform. Implements ``Format``.

    Attributes:
        name: The name of the format.
        vocabulary: The app's placeholders and notices.
        message: Matches the beginning of a record that is a message, with the groups ``date``, ``time`` and ``name``.
            The rest of the record is the text. ``date`` is empty if day lines have the dates. ``name`` is None for a
            notice.
        day: Matches a line between two days. It has a group ``date`` if messages have no dates.
        headers: Matches the lines above the first message. Each group in it is the partner's name.
        saved: Matches the header line with the time of the export.
        own_names: The app's words for the user who exports.
        order: The order of year, month and day in a date.
        separator: The text between a name and its message, if a name may contain it too.
        bare_notices: Whether all notices are lines without a time.
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
        """Claim the sampled records that begin a message, are day lines or belong to the header."""
        begins_message, is_day, is_header = self.message.match, self.day.fullmatch, self.headers.fullmatch
        return {
            index
            for index, record in enumerate(export.sample)
            if begins_message(record) or is_day(record) or (index < _HEADER_SEARCH_RECORDS and is_header(record))
        }

    def read(self, export: Export) -> Chat:
        """Read an export of this grammar.

        Raises:
            UnreadableFile: A date or time does not exist; ``line`` is its line.
        """
        chat = _Reader(self, export).read()
        if self.separator:
            restore_names(chat.messages, self.separator, chat.partner_name, self.vocabulary)
        return chat


class _DateCache(dict[str, date]):
    """Parsed dates by their text. The text is empty in formats that write dates on day lines."""

    def __init__(self, order: str) -> None:
        self._order = order

    def __missing__(self, text: str) -> date:
        if not text:
            return _UNKNOWN_DAY  # not cached, because the next day line sets the date of the empty text
        day = self[text] = parse_date(text, self._order)
        return day


class _TimeCache(dict[str, time]):
    """Parsed times of day by their text."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def __missing__(self, text: str) -> time:
        before, _, after = text.rpartition(":")
        parsed = self[text] = self._with_seconds(before, after) if ":" in before else parse_time(text, self._zone)
        return parsed

    def _with_seconds(self, minute: str, after: str) -> time:
        """Add the seconds to a cached minute. A day has only 1,440 minutes to parse, but 86,400 seconds."""
        parsed = self[minute + after[_SECONDS_DIGITS:]]
        return time(parsed.hour, parsed.minute, int(after[:_SECONDS_DIGITS]), 0, self._zone)


class _Source(NamedTuple):
    """The text to read, the line end of its records, and its length without the last line end."""

    text: str
    record_end: str
    length: int


@dataclass
class _Reader:
    """Reads one export with one grammar."""

    grammar: Grammar
    export: Export
    messages: list[Message] = field(default_factory=list)
    # Maps each name to itself, so that all messages of a sender share one string.
    senders: dict[str, str] = field(default_factory=dict)
    partner_name: str | None = None
    # Counts of lines. The first line of a message is counted with the messages.
    continuations: int = 0
    headers: int = 0
    blank: int = 0
    # The numbers of the lines, from 1.
    unrecognised_lines: list[int] = field(default_factory=list)
    # The lines below the last message. They continue it, except for blank lines at the end.
    open_lines: list[str] = field(default_factory=list)
    dates: _DateCache = field(init=False)
    times: _TimeCache = field(init=False)
    # The number of messages above the first day line.
    undated: int = 0

    def __post_init__(self) -> None:
        self.dates = _DateCache(self.grammar.order)
        self.times = _TimeCache(self.export.zone)

    def read(self) -> Chat:
        """Read the messages with their kinds, and count the lines."""
        source = self._source()
        self._read_source(source)
        if self._all_are_undated():
            self._assign_days(self._latest_possible_day())
        chat = Chat(
            format=self.grammar.name,
            messages=self.messages,
            report=self._report(source.text.count("\n", 0, source.length) + 1),
            partner_name=self.partner_name,
            my_name=next(iter(self.senders.keys() & self.grammar.own_names), None),
            warnings=list(self._warnings()),
        )
        chat.recount_notices()
        return chat

    def _source(self) -> _Source:
        """Return the text to read. Unify its line ends, so that a record is a line, unless CRLF separates records."""
        text, end = self.export.text, self.export.record_end
        length = len(text) - len(end) * text.endswith(end)
        if end == "\n" or (end == "\r\n" and self._has_records()):
            return _Source(text, end, length)
        text = text[:length].replace(end, "\n")
        return _Source(text, "\n", len(text))

    def _has_records(self) -> bool:
        """Return whether messages begin at the start of records rather than at other lines."""
        begins_message = self.grammar.message.match
        inner_lines = [line for record in self.export.sample for line in record.split("\n")[1:]]
        inner_messages = sum(map(bool, map(begins_message, inner_lines)))
        return inner_messages <= sum(map(bool, map(begins_message, self.export.sample)))

    def _read_source(self, source: _Source) -> None:
        end = source.record_end
        message_start = re.compile(end + self.grammar.message.pattern)
        try:
            for chunk in _chunks(message_start, source.text, source.length):
                # A message start includes the end of the record above it. The text's first record has none above it.
                above, *parts = message_start.split(chunk if self._lines_read() else end + chunk)
                self._read_lines(above.split(end)[1:])
                self._read_messages(parts, message_start, end)
        except ValueError as error:
            raise UnreadableFile("unrecognised_format", line=self._lines_read() + 1) from error

    def _read_messages(self, parts: list[str], message_start: re.Pattern[str], end: str) -> None:
        """Read messages from ``parts``: the groups of a message start, then the text that follows it, and so on."""
        step = message_start.groups + 1
        dates, times, names = (parts[message_start.groupindex[group] - 1 :: step] for group in ("date", "time", "name"))
        texts = parts[message_start.groups :: step]
        sent_at = map(datetime.combine, map(self.dates.__getitem__, dates), map(self.times.__getitem__, times))
        senders = [self.senders.setdefault(name, name) for name in names]
        # Lazy, because the lines below one message may begin the day of the next one.
        new_messages = map(Message, sent_at, senders, repeat(Kind.TEXT), texts)
        first, consumed = len(self.messages), 0
        for index in [index for index, text in enumerate(texts, 1) if "\n" in text]:
            self.messages += islice(new_messages, index - consumed)
            self._split_last_message(end)
            consumed = index
        self.messages += new_messages
        self.grammar.vocabulary.assign_kinds(self.messages[first:])

    def _split_last_message(self, end: str) -> None:
        """Cut the last message at the end of its record, and read the records between it and the next message."""
        last = self.messages[-1]
        last.text, *records_below = last.text.split(end)
        self.continuations += last.text.count("\n")
        self._read_lines(records_below)

    def _assign_days(self, last_day: date) -> None:
        """Date the messages above the first day line, so that the last of them is on ``last_day``."""
        self.undated = len(self.messages)
        days_passed, previous = _ZERO_DAYS, self.messages[0].sent_at
        for message in self.messages:
            days_passed += _ONE_DAY if message.sent_at < previous else _ZERO_DAYS
            previous = message.sent_at
            message.sent_at += days_passed
        shift = last_day - self.messages[-1].sent_at.date()
        for message in self.messages:
            message.sent_at += shift

    def _latest_possible_day(self) -> date:
        now = self.export.now.astimezone(self.export.zone)
        return now.date() - (_ONE_DAY if self.messages[-1].sent_at.time() > now.time() else _ZERO_DAYS)

    def _read_lines(self, records: list[str]) -> None:
        """Read records that do not begin a message, line by line."""
        for record in records:
            for line in record.split("\n"):
                self._read_line(line)
        self._close_message()

    def _read_line(self, line: str) -> None:
        stripped = line.strip()
        if not stripped:
            self.open_lines.append(line)
        elif match := self.grammar.day.fullmatch(stripped):
            self._read_day(match)
        elif not self.messages and (match := self.grammar.headers.fullmatch(stripped)):
            self._read_header(match)
        elif self._is_bare_notice(stripped):
            self._read_bare_notice(stripped)
        elif self.messages:
            self.open_lines.append(line)
        else:
            self.unrecognised_lines.append(self._lines_read() + 1)

    def _lines_read(self) -> int:
        lines = len(self.messages) + self.continuations + self.headers + self.blank
        return lines + len(self.open_lines) + len(self.unrecognised_lines)

    def _read_day(self, match: re.Match[str]) -> None:
        self._close_message()
        self.headers += 1
        if "date" in match.re.groupindex:
            day = parse_date(match["date"], self.grammar.order)
            if self._all_are_undated():
                self._assign_days(day - _ONE_DAY)
            self.dates[""] = day

    def _read_header(self, match: re.Match[str]) -> None:
        self._close_message()
        self.headers += 1
        self.partner_name = self.partner_name or (match[match.lastindex] if match.lastindex else None)

    def _all_are_undated(self) -> bool:
        """Return whether there are messages, and neither a message nor a day line had a date so far."""
        return bool(self.messages) and not self.dates

    def _is_bare_notice(self, line: str) -> bool:
        """Return whether ``line`` is a notice without a time, below a message or a day line that dates it."""
        if not self.messages and "" not in self.dates:
            return False
        vocabulary = self.grammar.vocabulary
        return vocabulary.is_notice(line) if self.grammar.bare_notices else vocabulary.is_untimed_notice(line)

    def _read_bare_notice(self, text: str) -> None:
        """Add a notice without a time. It gets the time of the message above it, or the beginning of the day."""
        self._close_message()
        sent_at = datetime.combine(self.dates[""], time(), tzinfo=self.export.zone)
        if self.messages:
            sent_at = max(sent_at, self.messages[-1].sent_at)
        self.messages.append(Message(sent_at, None, Kind.SYSTEM, text))

    def _close_message(self) -> None:
        """Append the open lines to the last message, without the blank lines at their end."""
        lines, self.open_lines = self.open_lines, []
        self.blank += _pop_blank(lines)
        if self._ends_with_header(lines):
            del lines[-_HEADER_LINES:]
            self.headers += _HEADER_LINES
            self.blank += _pop_blank(lines)
        if lines and self.messages:
            last = self.messages[-1]
            last.text = "\n".join((last.text, *lines))
            self.continuations += len(lines)

    def _ends_with_header(self, lines: list[str]) -> bool:
        """Return whether the last lines are the header of another export, which was appended by hand."""
        grammar = self.grammar
        return bool(
            len(lines) >= _HEADER_LINES
            and grammar.saved.fullmatch(lines[-1].strip())
            and grammar.headers.fullmatch(lines[-_HEADER_LINES].strip())
        )

    def _report(self, lines: int) -> LineReport:
        """Return the report. It counts notices as messages."""
        report = LineReport(
            lines=lines,
            messages=len(self.messages),
            continuations=self.continuations,
            system=0,
            headers=self.headers,
            blank=self.blank,
            unrecognised=len(self.unrecognised_lines),
        )
        report.check()
        return report

    def _warnings(self) -> Iterator[str]:
        for number in self.unrecognised_lines[:_MAX_LINES_IN_WARNINGS]:
            yield f"{number}번째 줄을 읽지 못했어요."
        if len(self.unrecognised_lines) > _MAX_LINES_IN_WARNINGS:
            yield f"읽지 못한 줄은 모두 {len(self.unrecognised_lines)}줄이에요."
        if self.undated:
            yield _UNDATED_WARNING


def _chunks(message_start: re.Pattern[str], text: str, length: int) -> Iterator[str]:
    """Yield the first ``length`` characters in chunks. Every chunk except the first begins with a message."""
    start = 0
    while start < length:
        match = message_start.search(text, start + _CHUNK_SIZE, length)
        end = match.start() if match else length
        yield text[start:end]
        start = end


def _pop_blank(lines: list[str]) -> int:
    """Remove the blank lines at the end and return their number."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    blank = len(lines) - end
    del lines[end:]
    return blank
