"""Writes chats the way apps export them, and reads them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib import parsing

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIRST = datetime(2026, 3, 1, 9, 0)  # noqa: DTZ001 (exports carry no zone)


def read(export, zone=SEOUL, now=NOW):
    """The chat in an export, bytes or text."""
    return parsing.read(export.encode() if isinstance(export, str) else export, zone, now)


def android(lines, *, title="바다 님과 카카오톡 대화", start=0, minutes=1, times=None):
    """KakaoTalk for Android, Korean: ``lines`` are (sender, text), ``minutes`` apart, the first the ``start``-th.

    ``times`` says when each was sent instead.
    """
    out = [f"\ufeff{title}\r\n저장한 날짜 : 2026년 3월 2일 오후 9:10\n\n\r\n"]
    day = None
    for number, (sender, text) in enumerate(lines, start):
        at = times[number] if times else FIRST + timedelta(minutes=minutes * number)
        stamp = korean_stamp(at)
        if at.date() != day:
            day = at.date()
            out.append(f"{stamp}\r\n")
        out.append(f"{stamp}, {sender} : {text}\r\n")
    return "".join(out).encode()


def korean_stamp(at):
    """``2026년 3월 1일 오전 9:00``."""
    half = "오전" if at.hour < 12 else "오후"
    return f"{at.year}년 {at.month}월 {at.day}일 {half} {at.hour % 12 or 12}:{at.minute:02}"
