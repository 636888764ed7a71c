"""Write a KakaoTalk export for Android, zip exports, and read them."""

from __future__ import annotations

import io
import warnings
import zipfile
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib import parsing
from chalicelib.errors import UnreadableFile

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
# The time of the first line that ``android`` writes.
FIRST = datetime(2026, 3, 1, 9, 0)  # noqa: DTZ001 (exports carry no zone)


def read(export, zone=SEOUL, now=NOW):
    """Read an export, given as bytes or text, as a chat."""
    return parsing.read(export.encode() if isinstance(export, str) else export, zone, now)


def refusal(export):
    """Return the error that reading an export raises."""
    with pytest.raises(UnreadableFile) as raised:
        read(export)
    return raised.value


def rows(chat):
    """Return (sender, kind, text) of every message."""
    return [(message.sender, message.kind, message.text) for message in chat.messages]


def texts(chat):
    """Return the text of every message."""
    return [message.text for message in chat.messages]


def counted_lines(report):
    """Return the sum of a report's parts, which must be the number of its lines."""
    return report.messages + report.continuations + report.system + report.headers + report.blank + report.unrecognised


def android(lines, *, title="바다 님과 카카오톡 대화", start=0, minutes=1, times=None):
    """Write a Korean KakaoTalk export for Android.

    Args:
        lines: (sender, text) of the messages.
        title: The first line of the header.
        start: The number of the first message.
        minutes: The minutes between two messages.
        times: The times of the messages by their number, instead of ``minutes``.
    """
    records = [f"\ufeff{title}\r\n저장한 날짜 : 2026년 3월 2일 오후 9:10\n\n\r\n"]
    day = None
    for number, (sender, text) in enumerate(lines, start):
        at = times[number] if times else FIRST + timedelta(minutes=minutes * number)
        timestamp = _korean_timestamp(at)
        if at.date() != day:
            day = at.date()
            records.append(f"{timestamp}\r\n")
        records.append(f"{timestamp}, {sender} : {text}\r\n")
    return "".join(records).encode()


def _korean_timestamp(at):
    """Write a time as ``2026년 3월 1일 오전 9:00``."""
    half = "오전" if at.hour < 12 else "오후"
    return f"{at.year}년 {at.month}월 {at.day}일 {half} {at.hour % 12 or 12}:{at.minute:02}"


def zip_members(*members, compression=zipfile.ZIP_DEFLATED):
    """Return a zip of members, given as (name or ZipInfo, content)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about duplicate names
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def zip_contents(*contents, suffix="txt"):
    """Return a zip of files with these contents and numbers as names."""
    return zip_members(*((f"{number}.{suffix}", content) for number, content in enumerate(contents)))
