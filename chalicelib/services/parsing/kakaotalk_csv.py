"""KakaoTalk's CSV export from the PC and Mac clients."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime, tzinfo

from chalicelib.domain import Chat, Kind, LineReport, Message
from chalicelib.errors import UnreadableFile
from chalicelib.services.parsing.export import Export
from chalicelib.services.parsing.kakaotalk import VOCABULARY

COLUMNS = ["Date", "User", "Message"]
RECORD = re.compile(r'"?\d{4}-\d{2}-\d{2} \d{2}:\d{2}(?::\d{2})?"?,')
HEADER = re.compile(r'"?Date"?, ?"?User"?, ?"?Message"?')
SAVED = re.compile(r'"?(?:저장한 날짜|Date Saved) ?[:,] ?[^\n]{1,60}')
LOOKED_AT = 5
# Kakao cuts messages at some thousand characters; this only bounds what one field may take.
LARGEST_FIELD = 64 * 1024 * 1024


class KakaoTalkCsv:
    """``Date,User,Message``, quoted where need be, with seconds; with or without its first line."""

    name = "kakaotalk_csv"

    def claims(self, export: Export) -> set[int]:
        """All records or none: what follows the first ones may be text between quotes."""
        first = [record for record in export.sample[:LOOKED_AT] if record.strip() and not SAVED.match(record)]
        fits = bool(first) and bool(HEADER.fullmatch(first[0].strip()) or RECORD.match(first[0]))
        return set(range(len(export.sample))) if fits else set()

    def read(self, export: Export) -> Chat:
        """The chat in the export; the report counts records, since a record may hold line breaks."""
        csv.field_size_limit(LARGEST_FIELD)
        messages: list[Message] = []
        headers = blank = records = 0
        rows = csv.reader(io.StringIO(export.text, newline=""), strict=True)
        try:
            for row in rows:
                records += 1
                if not any(row):
                    blank += 1
                elif not messages and (row == COLUMNS or SAVED.match(",".join(row))):
                    headers += 1
                else:
                    messages.append(_message(row, export.zone))
        except (csv.Error, ValueError) as error:
            raise UnreadableFile("unrecognised_format", line=rows.line_num) from error
        system = sum(message.sender is None for message in messages)
        report = LineReport(records, len(messages) - system, 0, system, headers, blank, 0)
        return Chat(self.name, messages, report)


def _message(row: list[str], zone: tzinfo) -> Message:
    date, user, text = row
    sent_at = datetime.fromisoformat(date).replace(tzinfo=zone)
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    # A notice is written as if who it is about had said it.
    if text.startswith(user) and VOCABULARY.is_notice(text):
        return Message(sent_at, None, Kind.SYSTEM, text)
    kind, count = VOCABULARY.kind_of(text)
    return Message(sent_at, user, kind, text, count)


FORMATS = (KakaoTalkCsv(),)
