"""KakaoTalk's CSV export from the PC and Mac clients."""

from __future__ import annotations

import csv
import io
from datetime import datetime, tzinfo

from chalicelib.domain import Chat, Kind, LineReport, Message
from chalicelib.errors import UnreadableFile
from chalicelib.services.parsing.placeholders import kind_of

FORMAT = "kakaotalk_csv"
# Kakao cuts messages at some thousand characters; this only bounds what one field may take.
LARGEST_FIELD = 64 * 1024 * 1024


def recognises(text: str) -> bool:
    """Whether a text begins as this format does."""
    return text.startswith("Date,User,Message")


def read(text: str, encoding: str, zone: tzinfo) -> Chat:
    """The chat in ``text``; the report counts records, since a record may hold line breaks.

    Raises:
        UnreadableFile: a quote is missing, or a record is not what it must be.
        ValueError: a date does not exist.
    """
    csv.field_size_limit(LARGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    messages: list[Message] = []
    blank = records = 0
    try:
        for row in reader:
            records += 1
            if not row:
                blank += 1
            elif records > 1:
                messages.append(_message(row, zone))
    except (csv.Error, IndexError) as error:
        raise UnreadableFile("unrecognised_format", line=reader.line_num) from error
    system = sum(message.kind is Kind.SYSTEM for message in messages)
    report = LineReport(records, len(messages) - system, 0, system, 1, blank, 0)
    return Chat(FORMAT, encoding, messages, report)


def _message(row: list[str], zone: tzinfo) -> Message:
    sent_at = datetime.fromisoformat(row[0]).replace(tzinfo=zone)
    text = row[2].replace("\r\n", "\n")
    kind, count = kind_of(text)
    return Message(sent_at, None if kind is Kind.SYSTEM else row[1], kind, text, count)
