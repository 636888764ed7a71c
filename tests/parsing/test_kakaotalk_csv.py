"""KakaoTalk's CSV exports, and copies of them that a spreadsheet saved."""

from __future__ import annotations

import pytest

from chalicelib.domain import Kind
from tests.support.exports import read, refusal, rows


def test_a_csv_export_keeps_seconds_quotes_and_line_breaks():
    chat = read('Date,User,Message\r\n2026-03-01 09:00:40,"하늘","""2번"" 출구, 역 앞\n거기"\r\n')
    assert rows(chat) == [("하늘", Kind.TEXT, '"2번" 출구, 역 앞\n거기')]
    assert chat.messages[0].sent_at.second == 40


TABLE = "Date,User,Message\n2026-03-01 9:00,하늘,안녕\n2026-03-01 21:05,바다,응 그래\n"


@pytest.mark.parametrize(
    "table",
    [
        TABLE,
        TABLE.encode("cp949"),
        TABLE.replace("2026-03-01", "2026/3/1"),
        TABLE.replace("2026-03-01", "2026.3.1"),
        TABLE.replace("2026-03-01", "2026. 3. 1."),
        TABLE.replace("1 9:00", "1 오전 9:00:00").replace("1 21:05", "1 오후 9:05:00"),
        TABLE.replace("1 9:00", "1 9:00 AM").replace("1 21:05", "1 9:05 PM"),
        TABLE.replace(",", ";"),
        TABLE.replace(",", "\t").encode("utf-16"),
        TABLE.replace("\n", ",,\n"),
        "User,Date,Message\n하늘,2026-03-01 9:00,안녕\n바다,2026-03-01 21:05,응 그래\n",
        "\ufeff" + TABLE.replace("\n", "\r\n"),
    ],
)
def test_a_table_that_a_spreadsheet_saved_is_read(table):
    chat = read(table)
    assert rows(chat) == [("하늘", Kind.TEXT, "안녕"), ("바다", Kind.TEXT, "응 그래")]
    assert [(message.sent_at.hour, message.sent_at.minute) for message in chat.messages] == [(9, 0), (21, 5)]
    assert (chat.format, chat.report.headers, chat.report.lines) == ("kakaotalk_csv", 1, 3)


def test_unquoted_commas_belong_to_the_message():
    assert rows(read(TABLE.replace("안녕", "안녕, 너,"))) == [
        ("하늘", Kind.TEXT, "안녕, 너,"),
        ("바다", Kind.TEXT, "응 그래"),
    ]


def test_a_row_without_a_user_is_a_notice_even_without_a_time():
    chat = read(
        'Date,User,Message\n2026-03-01 09:00:40,"하늘","안녕"\n2026-03-01 09:01:00,"","방장이 바뀌었어요."\n'
        ',"","관리자가 메시지를 가렸습니다."\n2026-03-01 09:02:00,"바다","바다님이 부방장이 되었습니다."\n'
    )
    assert rows(chat) == [
        ("하늘", Kind.TEXT, "안녕"),
        (None, Kind.SYSTEM, "방장이 바뀌었어요."),
        (None, Kind.SYSTEM, "관리자가 메시지를 가렸습니다."),
        (None, Kind.SYSTEM, "바다님이 부방장이 되었습니다."),
    ]
    assert [message.sent_at.minute for message in chat.messages] == [0, 1, 1, 2]


@pytest.mark.parametrize(
    "table",
    [
        "2026-03-01 09:00:00,편의점,3000\n2026-03-02 10:00:00,카페,4500\n",
        "2026-03-01 09:00:00,sensor,23.5\n2026-03-01 09:01:00,sensor,23.6\n",
        "Date,User,Action\n2026-03-01 09:00:00,haneul,login\n",
        "Date,User,Level,Message\n2026-03-01 09:00:00,haneul,info,started\n",
    ],
)
def test_another_table_is_not_a_chat(table):
    assert refusal(table).code == "unrecognised_format"


def test_tables_may_be_concatenated():
    table = '\ufeffDate,User,Message\r\n2026-03-01 09:01:07,"바다","응"\r\n'
    chat = read(table + table.replace("2026-03", "2026-04"))
    assert [message.sent_at.month for message in chat.messages] == [3, 4]
    assert (chat.report.headers, chat.report.messages, chat.report.lines) == (2, 2, 4)
