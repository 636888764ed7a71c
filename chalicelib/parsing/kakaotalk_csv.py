"""KakaoTalk's CSV exports from the PC and Mac clients, and copies of them that a spreadsheet saved."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from operator import itemgetter

from chalicelib.domain import Chat, Kind, LineReport, Message
from chalicelib.errors import UnreadableFile
from chalicelib.parsing.export import Export
from chalicelib.parsing.kakaotalk import VOCABULARY
from chalicelib.parsing.timestamps import parse_date, parse_time

_COLUMNS = ("Date", "User", "Message")
# Spreadsheets write semicolons in some countries, and tabs in a text file.
_DELIMITERS = (",", ";", "\t")
# A record of a table without a header line. KakaoTalk quotes the user, other tables do not.
_HEADERLESS_RECORD = re.compile(r'"?\d{4}-\d{2}-\d{2} \d{2}:\d{2}(?::\d{2})?"?,"')
_SAVED_ON = re.compile(r'"?(?:저장한 날짜|Date Saved) ?[:,] ?[^\n]{1,60}')
# How spreadsheets write 2026-03-01 09:00:40.
_SPREADSHEET_TIMESTAMP = re.compile(
    r"(?P<date>\d{4}[-./] ?\d{1,2}[-./] ?\d{1,2})\.? (?P<time>(?:오전 |오후 )?\d{1,2}:\d{2}(?::\d{2})?(?: [AP]M)?)"
)
_HEADER_SEARCH_RECORDS = 5
# In characters. KakaoTalk cuts messages at some thousand characters; this only bounds the memory of one field.
_MAX_FIELD_SIZE = 64 * 1024 * 1024


@dataclass(frozen=True)
class _Layout:
    """The layout of a table.

    ``delimiter`` separates cells. ``select`` takes date, user and message from a row. ``unnamed_columns`` is the number
    of columns without a name, which follow the others.
    """

    delimiter: str
    select: Callable[[list[str]], tuple[str, ...]]
    unnamed_columns: int = 0

    def join_message(self, row: list[str]) -> list[str]:
        """Join the cells of a message that contains delimiters but is not in quotes."""
        *others, message = row[: len(_COLUMNS)]
        rest = row[len(_COLUMNS) : len(row) - self.unnamed_columns]
        return [*others, self.delimiter.join((message, *rest))]


_DEFAULT_LAYOUT = _Layout(_DELIMITERS[0], itemgetter(0, 1, 2))


class _CsvFormat:
    """``Date,User,Message`` with seconds, quoted where necessary, with or without the header line."""

    name = "kakaotalk_csv"

    def claims(self, export: Export) -> set[int]:
        """Claim all sampled records or none: the header decides, since other records may be lines of a message."""
        first = _first_record(export)
        is_table = _layout_of(first) is not None or _HEADERLESS_RECORD.match(first)
        return set(range(len(export.sample))) if is_table else set()

    def read(self, export: Export) -> Chat:
        """Read the table. The report counts records instead of lines, since a record may contain line breaks."""
        csv.field_size_limit(_MAX_FIELD_SIZE)
        layout = _layout_of(_first_record(export)) or _DEFAULT_LAYOUT
        rows = csv.reader(io.StringIO(export.text, newline=""), delimiter=layout.delimiter, strict=True)
        reader = _RowReader(layout, export.zone)
        try:
            reader.read(rows)
        except (csv.Error, ValueError, LookupError) as error:
            raise UnreadableFile("unrecognised_format", line=rows.line_num) from error
        VOCABULARY.assign_kinds(reader.messages)
        chat = Chat(self.name, reader.messages, reader.report())
        chat.recount_notices()
        return chat


@dataclass
class _RowReader:
    """Reads the rows of one table."""

    layout: _Layout
    zone: tzinfo
    messages: list[Message] = field(default_factory=list)
    records: int = 0
    headers: int = 0
    blank: int = 0

    def read(self, rows: Iterable[list[str]]) -> None:
        """Read all rows."""
        # Local names and no helper calls, because this loop runs for every message of an import.
        messages, select, zone, kind = self.messages, self.layout.select, self.zone, Kind.TEXT
        from_iso, combine, is_notice = datetime.fromisoformat, datetime.combine, VOCABULARY.is_notice
        for self.records, row in enumerate(rows, 1):
            if not any(row):
                self.blank += 1
                continue
            if (row[0] in _COLUMNS or not messages) and self._is_header(row):
                self.headers += 1
                continue
            date, user, text = select(row if len(row) <= len(_COLUMNS) else self.layout.join_message(row))
            try:
                local = from_iso(date)
                sent_at = combine(local, local.time(), zone)  # in a third of the time of local.replace(tzinfo=zone)
            except ValueError:
                sent_at = self._read_other_timestamp(date, user)
            if "\r" in text:
                text = text.replace("\r\n", "\n")
            # A notice has no user, or begins with the name of its user.
            sender = None if not user or (text.startswith(user) and is_notice(text)) else user
            messages.append(Message(sent_at, sender, kind, text))

    def report(self) -> LineReport:
        """Return the report. It counts notices as messages."""
        return LineReport(
            lines=self.records,
            messages=len(self.messages),
            continuations=0,
            system=0,
            headers=self.headers,
            blank=self.blank,
            unrecognised=0,
        )

    def _is_header(self, row: list[str]) -> bool:
        if row[0] in _COLUMNS and _has_column_names(row):
            return True
        return not self.messages and bool(_SAVED_ON.match(",".join(row)))

    def _read_other_timestamp(self, date: str, user: str) -> datetime:
        """Read a timestamp in the form of spreadsheets. A notice without one gets the time of the message above it."""
        if not date and not user:
            return self.messages[-1].sent_at
        match = _SPREADSHEET_TIMESTAMP.fullmatch(date)
        if match is None:
            raise ValueError(date)
        return datetime.combine(parse_date(match["date"]), parse_time(match["time"]), self.zone)


def _first_record(export: Export) -> str:
    """Return the first record that may belong to a table. Return an empty string without one."""
    records = (record.strip() for record in export.sample[:_HEADER_SEARCH_RECORDS])
    return next((record for record in records if record and not _SAVED_ON.match(record)), "")


def _layout_of(header: str) -> _Layout | None:
    """Return the layout of a table with this header line; None if the line is not one."""
    for delimiter in _DELIMITERS:
        names = [name.strip('"') for name in header.split(delimiter)]
        if _has_column_names(names):
            return _Layout(delimiter, itemgetter(*map(names.index, _COLUMNS)), len(names) - len(_COLUMNS))
    return None


def _has_column_names(row: list[str]) -> bool:
    """Return whether the row has the names of the columns, in any order. Spreadsheets add columns without a name."""
    return row[0] in _COLUMNS and sorted(filter(None, row)) == sorted(_COLUMNS)


FORMATS = (_CsvFormat(),)
