"""WhatsApp's exports in every language, with dates in any order."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from chalicelib.domain import Kind
from chalicelib.parsing.whatsapp import detect_date_order
from tests.support.exports import SEOUL, counted_lines, read, refusal, rows, texts

LRM, NNBSP = "\u200e", "\u202f"
ENCRYPTED = (
    "Messages and calls are end-to-end encrypted. No one outside of this chat, not even WhatsApp, can read or listen"
    " to them. Tap to learn more."
)


def times(chat):
    return [message.sent_at.replace(tzinfo=None) for message in chat.messages]


def test_an_android_export_is_read():
    chat = read(
        f"12/31/20, 11:58{NNBSP}PM - {ENCRYPTED}\n"
        f"12/31/20, 11:59{NNBSP}PM - 하늘: 첫 줄\n\n셋째 줄: 끝\n"
        f"1/1/21, 12:00{NNBSP}AM - 바다: <Media omitted>\n"
        f"1/1/21, 12:01{NNBSP}AM - 하늘 added 바다\n"
        f'1/1/21, 12:01{NNBSP}AM - 하늘 changed the subject from "모임: 하나" to "둘"\n'
        f"1/1/21, 12:02{NNBSP}AM - 바다: 12:30에 봐: 거기서 <This message was edited>\n"
        f"1/1/21, 12:03{NNBSP}AM - 바다:\n"
    )
    assert rows(chat) == [
        (None, Kind.SYSTEM, ENCRYPTED),
        ("하늘", Kind.TEXT, "첫 줄\n\n셋째 줄: 끝"),
        ("바다", Kind.FILE, "<Media omitted>"),
        (None, Kind.SYSTEM, "하늘 added 바다"),
        (None, Kind.SYSTEM, '하늘 changed the subject from "모임: 하나" to "둘"'),
        ("바다", Kind.TEXT, "12:30에 봐: 거기서"),
        ("바다", Kind.TEXT, ""),
    ]
    assert times(chat)[:3] == [datetime(2020, 12, 31, 23, 58), datetime(2020, 12, 31, 23, 59), datetime(2021, 1, 1)]  # noqa: DTZ001 (exports carry no zone)
    assert (chat.format, chat.warnings, chat.timed) == ("whatsapp_android", [], True)
    assert counted_lines(chat.report) == chat.report.lines == 9
    assert (chat.report.system, chat.report.unrecognised) == (3, 0)


def test_a_korean_ios_export_is_read():
    notice = "메시지 및 전화는 종단간 암호화되어 안전합니다. 아무도 엿보거나 들을 수 없습니다."
    chat = read(
        f"[2023. 5. 4. 오후 9:01:22] 바다: {LRM}{notice}\r\n"
        "[2023. 5. 4. 오후 9:01:30] 하늘: 두\n줄\r\n"
        f"{LRM}[2023. 5. 4. 오후 9:02:22] 바다: {LRM}<첨부됨: 00000012-PHOTO-2023-05-04-21-02-22.jpg>\r\n"
        f"{LRM}[2023. 5. 4. 오후 9:03:22] 바다: 예쁘지 {LRM}<첨부됨: 00000013-PHOTO-2023-05-04-21-03-22.jpg>\r\n"
        f"{LRM}[2023. 5. 4. 오후 9:04:22] 바다: 보고서.pdf • {LRM}3페이지 {LRM}문서 생략됨\r\n"
        f"[2023. 5. 5. 오전 12:04:22] ~{NNBSP}이웃: {LRM}부재중 전화\r\n"
        f"[2023. 5. 5. 오전 12:05:22] \u202a+82 10-0000-0000\u202c: 여보세요\r\n"
        f"[2023. 5. 5. 오전 12:06:22] 하늘: 고침 {LRM}<이 메시지는 편집됨>\r\n"
        f"[2023. 5. 5. 오전 12:07:22] 하늘:  {LRM}위치: https://maps.google.com/?q=37.54,127.04\r\n"
        f"[2023. 5. 5. 오전 12:08:22] 모임: {LRM}하늘님이 그룹 사진을 바꿨습니다\r\n"
    )
    assert rows(chat) == [
        (None, Kind.SYSTEM, notice),
        ("하늘", Kind.TEXT, "두\n줄"),
        ("바다", Kind.PHOTO, "<첨부됨: 00000012-PHOTO-2023-05-04-21-02-22.jpg>"),
        ("바다", Kind.PHOTO, "예쁘지 <첨부됨: 00000013-PHOTO-2023-05-04-21-03-22.jpg>"),
        ("바다", Kind.FILE, "보고서.pdf • 3페이지 문서 생략됨"),
        ("이웃", Kind.CALL, "부재중 전화"),
        ("+82 10-0000-0000", Kind.TEXT, "여보세요"),
        ("하늘", Kind.TEXT, "고침"),
        ("하늘", Kind.MAP, "위치: https://maps.google.com/?q=37.54,127.04"),
        (None, Kind.SYSTEM, "하늘님이 그룹 사진을 바꿨습니다"),
    ]
    assert chat.messages[1].sent_at == datetime(2023, 5, 4, 21, 1, 30, tzinfo=SEOUL)
    assert chat.messages[5].sent_at == datetime(2023, 5, 5, 0, 4, 22, tzinfo=SEOUL)
    assert chat.format == "whatsapp_ios"
    assert counted_lines(chat.report) == chat.report.lines == 11


def test_a_web_export_calls_the_user_you_and_has_a_hyphen_before_notices():
    chat = read(
        f"{ENCRYPTED}\n"
        "[5/14/26, 9:01:22 PM] - 하늘 added 바다\n"
        "[5/14/26, 9:01:23 PM] You: 안녕\n"
        "[5/14/26, 9:01:24 PM] 하늘: <image omitted> 예쁘지\n"
    )
    assert rows(chat) == [
        (None, Kind.SYSTEM, "하늘 added 바다"),
        ("You", Kind.TEXT, "안녕"),
        ("하늘", Kind.PHOTO, "<image omitted> 예쁘지"),
    ]
    assert (chat.my_name, chat.report.headers) == ("You", 1)


@pytest.mark.parametrize("placeholder", ["You deleted this message", "삭제한 메시지입니다"])
def test_the_sender_of_a_message_deleted_by_you_is_the_user(placeholder):
    chat = read(f"14/05/2023, 21:01 - 하늘: 안녕\n14/05/2023, 21:02 - 바다: {placeholder}\n")
    assert chat.messages[1].kind is Kind.DELETED
    assert chat.my_name == "바다"


def test_a_name_may_contain_a_colon():
    lines = [("Dr: Kim", "안녕하세요"), ("하늘", "네: 안녕하세요"), ("Dr: Kim", f"{LRM}image omitted"), ("하늘", "와")]
    lines += [("Dr: Kim", "어제: 바다")]
    chat = read(
        "".join(f"[14/05/2023, 21:01:{second}] {sender}: {text}\r\n" for second, (sender, text) in enumerate(lines, 10))
    )
    assert rows(chat) == [
        ("Dr: Kim", Kind.TEXT, "안녕하세요"),
        ("하늘", Kind.TEXT, "네: 안녕하세요"),
        ("Dr: Kim", Kind.PHOTO, "image omitted"),
        ("하늘", Kind.TEXT, "와"),
        ("Dr: Kim", Kind.TEXT, "어제: 바다"),
    ]


def test_quoted_labels_are_not_names():
    lines = [
        ("하늘", "A: 뭐래"),
        ("바다", "B: 응"),
        ("하늘", "B: 그래"),
        ("바다", "A: 왜"),
        ("하늘", "A: 그냥"),
        ("바다", "B: 음"),
    ]
    chat = read("".join(f"14/05/2023, 21:01 - {sender}: {text}\n" for sender, text in lines))
    assert [(message.sender, message.text) for message in chat.messages] == lines


@pytest.mark.parametrize(
    ("dates", "conventional", "expected"),
    [
        (["13/5/23", "1/6/23"], "mdy", ("dmy", True)),  # there is no month 13
        (["5/13/23", "6/1/23"], "dmy", ("mdy", True)),
        (["5/4/23", "6/4/23", "1/5/23"], "mdy", ("dmy", True)),  # dates do not go back
        (["4/5/23", "4/6/23", "5/1/23"], "dmy", ("mdy", True)),
        (["5/4/23", "6/4/23"], "mdy", ("mdy", False)),  # both are possible
        (["5/4/23", "6/4/23"], "dmy", ("dmy", False)),
        (["2023-05-04", "2023-05-06"], "dmy", ("ymd", True)),
        (["2023. 5. 4.", "2023. 5. 6."], "dmy", ("ymd", True)),
        (["24/2/8", "24/2/9"], "ymd", ("ymd", True)),
        (["25/7/21", "25/7/22", "25/7/24"], "dmy", ("ymd", True)),  # the chat would have one message a year
        (["25/07/21", "25/07/22"], "dmy", ("dmy", False)),
        (["25/07/21,", "25/07/22,"], "dmy", ("dmy", True)),
        (["04/05/2023"], "dmy", ("dmy", False)),
        (["05/05/2023"], "mdy", ("mdy", True)),  # the same in both orders
        (["12/11/26,"], "mdy", ("dmy", True)),  # 11 December is in the future
        (["13/5/23,", "5/13/23,", "14/5/23,"], "mdy", ("dmy", True)),  # one line was pasted
    ],
)
def test_the_order_of_dates_is_detected_from_the_whole_file(dates, conventional, expected):
    assert detect_date_order(dates, conventional, date(2026, 11, 20)) == expected


@pytest.mark.parametrize(
    ("timestamp", "day"),
    [
        ("5/4/23, 9:01 PM", date(2023, 5, 4)),  # a 12-hour clock and slashes are American
        ("5/4/23, 21:01", date(2023, 4, 5)),
        ("05.04.23, 21:01", date(2023, 4, 5)),
    ],
)
def test_an_uncertain_order_of_dates_follows_the_language_with_a_warning(timestamp, day):
    chat = read(f"{timestamp} - 하늘: 안녕\n{timestamp} - 바다: 응\n")
    assert {message.sent_at.date() for message in chat.messages} == {day}
    assert len(chat.warnings) == 1
    assert "순서로 읽었어요" in chat.warnings[0]


def test_a_korean_notice_shows_that_the_year_comes_first():
    chat = read("24/2/8 16:15 - 메시지와 통화는 종단간 암호화되어 있습니다.\n24/2/8 16:16 - 하늘: 안녕\n")
    assert chat.messages[1].sent_at.date() == date(2024, 2, 8)
    assert chat.warnings == []


def test_a_pasted_line_with_another_order_of_dates_belongs_to_its_message():
    chat = read("13/05/2023, 21:01 - 하늘: 이거 봐\n5/14/23, 9:01 PM - 바다: 미국\n15/05/2023, 21:01 - 바다: 응\n")
    assert texts(chat) == ["이거 봐\n5/14/23, 9:01 PM - 바다: 미국", "응"]


def test_a_date_that_does_not_exist_is_refused_with_its_line():
    error = refusal("28/02/2023, 21:01 - 하늘: 안녕\n30/02/2023, 21:01 - 바다: 응\n")
    assert error.code == "unrecognised_format"
    assert error.facts["line"] == 2


@pytest.mark.parametrize(
    "log",
    [
        "2024-01-28 15:30:00 - root: started\n2024-01-28 15:30:01 - root: ready\n",
        "2024-01-28 15:30 - INFO: started\n2024-01-28 15:31 - ERROR: failed\n",
        "[2024-01-28 15:30:00] INFO: started\n[2024-01-28 15:30:01] ERROR: failed\n",
        "[2024-01-28 15:30:00] production.ERROR: failed\n[2024-01-28 15:30:01] production.INFO: fine\n",
    ],
)
def test_logs_of_programs_are_not_chats(log):
    assert refusal(log).code == "unrecognised_format"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("09/12/2014 17:03:48", "25/12/2014 17:03:50"),
        ("12/9/14, 5:03:48 PM", "12/25/14, 5:03:50 PM"),
        ("9/12/14, 17:03:48", "25/12/14, 17:03:50"),
        ("2014-12-09, 5:03:48 PM", "2014-12-25, 5:03:50 PM"),
    ],
)
def test_an_ios_export_from_before_2018_has_no_brackets(first, second):
    chat = read(f"{first}: 하늘: 안녕: 너\n{first}: 하늘 changed the group icon\n{second}: 바다: 두\n줄\n")
    assert rows(chat) == [
        ("하늘", Kind.TEXT, "안녕: 너"),
        (None, Kind.SYSTEM, "하늘 changed the group icon"),
        ("바다", Kind.TEXT, "두\n줄"),
    ]
    assert [(at.month, at.day, at.hour, at.second) for at in times(chat)] == [(12, 9, 17, 48)] * 2 + [(12, 25, 17, 50)]
    assert (chat.format, chat.warnings) == ("whatsapp_ios", [])


@pytest.mark.parametrize(
    "line",
    [
        "2026-03-01 09:00:10: worker: done",
        "01/03/2026 09:00:10: INFO: started",
        "01/03/2026 09:00: 회의: 3층",
        "2026/03/01 09:00:10 worker: done",
    ],
)
def test_a_log_or_a_diary_is_not_a_chat(line):
    assert refusal(f"{line}\n" * 20).code == "unrecognised_format"
