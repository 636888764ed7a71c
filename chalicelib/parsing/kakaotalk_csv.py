"""KakaoTalk's CSV export from the PC and Mac clients, also where a spreadsheet saved it again."""

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
_COLUMN_COUNT = len(_COLUMNS)
# Spreadsheets write the last two in some countries and as text.
_DELIMITERS = (",", ";", "\t")
# Where the first line is missing, that the app quotes who wrote tells its table from others.
_HEADERLESS_RECORD = re.compile(r'"?\d{4}-\d{2}-\d{2} \d{2}:\d{2}(?::\d{2})?"?,"')
_SAVED_ON = re.compile(r'"?(?:저장한 날짜|Date Saved) ?[:,] ?[^\n]{1,60}')
# As spreadsheets write what the app wrote as 2026-03-01 09:00:40.
_SPREADSHEET_TIMESTAMP = re.compile(
    r"(?P<date>\d{4}[-./] ?\d{1,2}[-./] ?\d{1,2})\.? (?P<time>(?:오전 |오후 )?\d{1,2}:\d{2}(?::\d{2})?(?: [AP]M)?)"
)
_HEADER_SEARCH_RECORDS = 5
# Kakao cuts messages at some thousand characters; this only bounds what one field may take.
_MAX_FIELD_SIZE = 64 * 1024 * 1024


@dataclass(frozen=True)
class _Layout:
    """How a table is written.

    ``delimiter`` stands between cells, ``cells`` takes date, user and message out of
    a row, and ``empty`` is how many columns without a name follow them.
    """

    delimiter: str
    cells: Callable[[list[str]], tuple[str, ...]]
    empty: int = 0

    def columns(self, row: list[str]) -> tuple[str, ...]:
        """Date, user and message of a row; delimiters of a message that nobody quoted are its own."""
        *others, first = row[:_COLUMN_COUNT]
        return self.cells([*others, self.delimiter.join((first, *row[_COLUMN_COUNT : len(row) - self.empty]))])


_DEFAULT_LAYOUT = _Layout(_DELIMITERS[0], itemgetter(0, 1, 2))


class KakaoTalkCsv:
    """``Date,User,Message``, quoted where need be, with seconds; with or without its first line."""

    name = "kakaotalk_csv"

    def claims(self, export: Export) -> set[int]:
        """All records or none: what follows the first ones may be text between quotes."""
        first = _first_record(export)
        fits = _layout_of(first) is not None or _HEADERLESS_RECORD.match(first)
        return set(range(len(export.sample))) if fits else set()

    def read(self, export: Export) -> Chat:
        """The chat in the export; the report counts records, since a record may hold line breaks."""
        csv.field_size_limit(_MAX_FIELD_SIZE)
        table = _layout_of(_first_record(export)) or _DEFAULT_LAYOUT
        rows = csv.reader(io.StringIO(export.text, newline=""), delimiter=table.delimiter, strict=True)
        found = _RowReader()
        try:
            found.read(rows, table, export.zone)
        except (csv.Error, ValueError, LookupError) as error:
            raise UnreadableFile("unrecognised_format", line=rows.line_num) from error
        VOCABULARY.tell_kinds(found.messages)
        chat = Chat(self.name, found.messages, found.report())
        chat.recount_notices()
        return chat


@dataclass
class _RowReader:
    """What was found in a table's rows."""

    messages: list[Message] = field(default_factory=list)
    records: int = 0
    headers: int = 0
    blank: int = 0

    def read(self, rows: Iterable[list[str]], table: _Layout, zone: tzinfo) -> None:
        """Read rows. A notice is written as if who it is about had said it, or nobody, then also without a time."""
        add, at, cells, kind = self.messages.append, datetime.fromisoformat, table.cells, Kind.TEXT
        combine = datetime.combine  # in a third of the time that replacing a zone takes
        for self.records, row in enumerate(rows, 1):
            if not any(row):
                self.blank += 1
                continue
            if (row[0] in _COLUMNS and _is_header(row)) or (not self.messages and _SAVED_ON.match(",".join(row))):
                self.headers += 1
                continue
            date, user, text = cells(row) if len(row) <= _COLUMN_COUNT else table.columns(row)
            try:
                written = at(date)
                sent_at = combine(written, written.time(), zone)
            except ValueError:
                sent_at = _parse_spreadsheet_timestamp(date, zone) if date or user else self.messages[-1].sent_at
            if "\r" in text:
                text = text.replace("\r\n", "\n")
            is_notice = not user or (text.startswith(user) and VOCABULARY.is_notice(text))
            add(Message(sent_at, None if is_notice else user, kind, text))

    def report(self) -> LineReport:
        """Where every row went."""
        return LineReport(self.records, len(self.messages), 0, 0, self.headers, self.blank, 0)


def _first_record(export: Export) -> str:
    """The first record that may be a table's, or none."""
    looked_at = (record.strip() for record in export.sample[:_HEADER_SEARCH_RECORDS])
    return next((record for record in looked_at if record and not _SAVED_ON.match(record)), "")


def _layout_of(first: str) -> _Layout | None:
    """The table that a header begins."""
    for delimiter in _DELIMITERS:
        names = [name.strip('"') for name in first.split(delimiter)]
        if _is_header(names):
            return _Layout(delimiter, itemgetter(*map(names.index, _COLUMNS)), len(names) - len(_COLUMNS))
    return None


def _is_header(row: list[str]) -> bool:
    """Whether these are the names of the columns, in any order; spreadsheets add columns without any."""
    return row[0] in _COLUMNS and sorted(filter(None, row)) == sorted(_COLUMNS)


def _parse_spreadsheet_timestamp(text: str, zone: tzinfo) -> datetime:
    found = _SPREADSHEET_TIMESTAMP.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return datetime.combine(parse_date(found["date"]), parse_time(found["time"]), zone)


FORMATS = (KakaoTalkCsv(),)
