"""The reader of text formats: headers in the middle of a file, and messages without dates."""

from __future__ import annotations

from datetime import datetime

import pytest

from chalicelib.domain import Kind
from tests.support.exports import SEOUL, counted_lines, read, rows

ANDROID_HEADER = "\ufeff바다 님과 카카오톡 대화\r\n저장한 날짜 : 2026년 3월 2일 오후 9:10\n\n\r\n"
IOS_HEADER = "\ufeffTalk_2026.3.2 21:10-1.txt\r\n저장한 날짜 : 2026. 3. 2. 오후 9:10\r\n\r\n\r\n\r\n"
WINDOWS_HEADER = "바다 님과 카카오톡 대화\r\n저장한 날짜 : 2026-03-02 21:10:41\r\n\r\n"
PARTS = {
    "android": (
        ANDROID_HEADER + "2026년 3월 1일 오전 9:01\r\n2026년 3월 1일 오전 9:01, 바다 : 응\r\n",
        ANDROID_HEADER + "2026년 4월 1일 오전 9:01\r\n2026년 4월 1일 오전 9:01, 하늘 : 사월\r\n",
    ),
    "ios": (
        IOS_HEADER + "2026년 3월 1일 일요일\r\n2026. 3. 1. 오전 9:01, 바다 : 응\r\n",
        IOS_HEADER.replace("-1.txt", "-2.txt") + "2026년 4월 1일 수요일\r\n2026. 4. 1. 오전 9:01, 하늘 : 사월\r\n",
    ),
    "windows": (
        WINDOWS_HEADER + "--------------- 2026년 3월 1일 일요일 ---------------\r\n[바다] [오전 9:01] 응\r\n",
        WINDOWS_HEADER + "--------------- 2026년 4월 1일 수요일 ---------------\r\n[하늘] [오전 9:01] 사월\r\n",
    ),
}


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("parts", PARTS.values(), ids=PARTS)
def test_the_header_of_an_appended_export_is_not_text(parts, end):
    chat = read("".join(parts).replace("\r\n", end))
    assert rows(chat) == [("바다", Kind.TEXT, "응"), ("하늘", Kind.TEXT, "사월")]
    assert [message.sent_at.month for message in chat.messages] == [3, 4]
    assert (chat.report.headers, chat.report.continuations, chat.report.unrecognised) == (6, 0, 0)
    assert counted_lines(chat.report) == chat.report.lines


def test_a_title_without_the_second_line_of_a_header_is_text():
    title = "바다 님과 카카오톡 대화"
    chat = read((ANDROID_HEADER + f"2026년 3월 1일 오전 9:01, 하늘 : 파일 이름이\r\n{title}\r\n").replace("\r\n", "\n"))
    assert rows(chat) == [("하늘", Kind.TEXT, f"파일 이름이\n{title}")]


def test_text_copied_without_dates_ends_today():
    chat = read(
        "[하늘] [오후 11:58] 자?\n[바다] [오후 11:59] 아니\n왜\n[하늘] [오전 12:03] 그냥\n[바다] [오전 12:03] 사진\n"
    )
    assert rows(chat) == [
        ("하늘", Kind.TEXT, "자?"),
        ("바다", Kind.TEXT, "아니\n왜"),
        ("하늘", Kind.TEXT, "그냥"),
        ("바다", Kind.PHOTO, "사진"),
    ]
    # Now is 20 November, 21:00 in Seoul.
    assert [message.sent_at for message in chat.messages] == [
        datetime(2026, 11, 19, 23, 58, tzinfo=SEOUL),
        datetime(2026, 11, 19, 23, 59, tzinfo=SEOUL),
        datetime(2026, 11, 20, 0, 3, tzinfo=SEOUL),
        datetime(2026, 11, 20, 0, 3, tzinfo=SEOUL),
    ]
    assert (chat.format, len(chat.warnings), chat.timed) == ("kakaotalk_windows_ko", 1, True)
    assert "날짜가 없는 대화" in chat.warnings[0]


def test_text_copied_without_dates_ends_yesterday_if_its_last_time_today_is_in_the_future():
    chat = read("[하늘] [21:01] 자?\n[바다] [23:59] 아니\n")
    assert [message.sent_at for message in chat.messages] == [
        datetime(2026, 11, 19, hour, minute, tzinfo=SEOUL) for hour, minute in [(21, 1), (23, 59)]
    ]


def test_text_copied_without_dates_is_dated_back_from_the_first_day_line():
    chat = read(
        "[하늘] [23:58] 자?\n[바다] [00:01] 아니\n"
        "--------------- 2026년 3월 2일 월요일 ---------------\n"
        "[하늘] [00:02] 잘자\n"
    )
    assert [message.sent_at for message in chat.messages] == [
        datetime(2026, 2, 28, 23, 58, tzinfo=SEOUL),
        datetime(2026, 3, 1, 0, 1, tzinfo=SEOUL),
        datetime(2026, 3, 2, 0, 2, tzinfo=SEOUL),
    ]


def test_a_date_in_a_message_of_the_pc_is_text():
    chat = read(
        f"{WINDOWS_HEADER}--------------- 2026년 3월 5일 목요일 ---------------\n[하늘] [오전 9:00] 그날이\n"
        "2026년 3월 1일 일요일\n이었어\n[바다] [오전 9:05] 맞아\n".replace("\r\n", "\n")
    )
    assert rows(chat) == [("하늘", Kind.TEXT, "그날이\n2026년 3월 1일 일요일\n이었어"), ("바다", Kind.TEXT, "맞아")]
    assert [message.sent_at.day for message in chat.messages] == [5, 5]


def test_a_notice_above_the_first_day_line_is_unrecognised():
    chat = read(
        "하늘님이 들어왔습니다.\r\n--------------- 2026년 3월 1일 일요일 ---------------\r\n[하늘] [오전 9:00] 안녕\r\n"
    )
    assert rows(chat) == [("하늘", Kind.TEXT, "안녕")]
    assert (chat.report.unrecognised, len(chat.warnings)) == (1, 1)
