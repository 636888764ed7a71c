"""LINE's exports in every supported language, from phones and PC."""

from __future__ import annotations

from datetime import datetime

import pytest

from chalicelib.domain import Kind
from tests.support.exports import SEOUL, counted_lines, read, refusal, rows, texts

HEADER = "[LINE] 花子とのトーク履歴\n保存日時：2026/08/21 11:59\n\n2025/04/18(金)\n"


def test_a_japanese_export_is_read():
    chat = read(
        HEADER + "12:08\t花子\t[写真]\n"
        "12:09\t花子\t一行目\n"
        "14:13\t太郎\t12:30に、駅で\tね\n"
        "21:38\t花子\t☎ 不在着信\n"
        "22:05\t\tメッセージの送信を取り消しました\n"
        "22:10\t花子がメッセージの送信を取り消しました\n"
        "22:11\t花子\t\n"
        "\n"
        "2025/04/19(土)\n"
        "午前00:05\t花子\t☎ 通話時間 1:02:03\n"
    )
    assert rows(chat) == [
        ("花子", Kind.PHOTO, "[写真]"),
        ("花子", Kind.TEXT, "一行目"),
        ("太郎", Kind.TEXT, "12:30に、駅で\tね"),
        ("花子", Kind.CALL, "☎ 不在着信"),
        (None, Kind.SYSTEM, "メッセージの送信を取り消しました"),
        (None, Kind.SYSTEM, "花子がメッセージの送信を取り消しました"),
        ("花子", Kind.TEXT, ""),
        ("花子", Kind.CALL, "☎ 通話時間 1:02:03"),
    ]
    assert chat.messages[-1].count == 3_723
    assert chat.messages[-1].sent_at == datetime(2025, 4, 19, 0, 5, tzinfo=SEOUL)
    assert (chat.format, chat.partner_name, chat.my_name) == ("line", "花子", None)
    assert counted_lines(chat.report) == chat.report.lines == 14
    assert (chat.report.headers, chat.report.unrecognised) == (4, 0)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_between_quotes_are_one_message_even_if_they_look_like_records(end):
    chat = read(
        (
            HEADER + '12:08\t花子\t"これ見て\n10:30\t次郎\t""うそ""だ\n\n2025/04/17(木)\n09:00\t次郎\tほんと"\n'
            '12:09\t太郎\t"うん"って\n'
            '12:10\t太郎\t"うん"\n'
        ).replace("\n", end)
    )
    assert rows(chat) == [
        ("花子", Kind.TEXT, 'これ見て\n10:30\t次郎\t"うそ"だ\n\n2025/04/17(木)\n09:00\t次郎\tほんと'),
        ("太郎", Kind.TEXT, '"うん"って'),
        ("太郎", Kind.TEXT, '"うん"'),
    ]
    assert counted_lines(chat.report) == chat.report.lines == 11


def test_a_quote_without_an_end_is_text():
    filler = "12:30\t太郎\tながい話\n" * 1_000
    chat = read(HEADER + '12:08\t花子\t"えっ\n' + filler + '12:40\t花子\tなに"\n')
    assert len(chat.messages) == 1_002
    assert chat.messages[0].text == '"えっ'


def test_several_lines_without_quotes_are_one_message():
    chat = read(HEADER + "12:08\t花子\t一\n\n三\n12:09\t太郎\t四\n")
    assert rows(chat) == [("花子", Kind.TEXT, "一\n\n三"), ("太郎", Kind.TEXT, "四")]


@pytest.mark.parametrize(
    ("header", "day", "clocks", "partner"),
    [
        (
            "[LINE] Chat history with 하늘\nSaved on: 2025/04/20 11:59\n\n",
            "2025/04/18(Fri)",
            ("09:01", "21:02"),
            "하늘",
        ),
        ("Chat history with 하늘\nSaved on: 2025/04/20 11:59\n\n", "2025/04/18 Fri", ("09:01", "21:02"), "하늘"),
        ("[LINE] Chat history in 모임\nSaved on: 04/20/2025\n\n", "Fri, 04/18/2025", ("09:01AM", "09:02PM"), None),
        ("[LINE] Chat history in 모임\nSaved on: 20/04/2025\n\n", "Fri, 18/04/2025", ("9:01 AM", "9:02 PM"), None),
        (
            "[LINE] 하늘님과의 대화\n저장한 날짜: 2025.04.20\n\n",
            "2025.04.18 금요일",
            ("오전 9:01", "오후 9:02"),
            "하늘",
        ),
        ("[LINE] 하늘님과의 대화\n\n", "2025/04/18(금)", ("오전 09:01", "오후 09:02"), "하늘"),
        ("[LINE] 與하늘的聊天記錄\n儲存日期：2025/04/20\n\n", "2025/4/18（週五）", ("上午09:01", "下午09:02"), "하늘"),
        ("[LINE] 모임のトーク履歴\n保存日時：2025/04/20\n\n", "2025/04/18(金)", ("午前9:01", "午後9:02"), None),
        ("", "2025.04.18 Friday", ("9:01 AM", "9:02\u202fPM"), None),
    ],
)
def test_all_languages_are_the_same_format(header, day, clocks, partner):
    chat = read(f"{header}{day}\n{clocks[0]}\t하늘\t안녕\n{clocks[1]}\t나\t[스티커]\n")
    assert rows(chat) == [("하늘", Kind.TEXT, "안녕"), ("나", Kind.EMOTICON, "[스티커]")]
    assert [message.sent_at for message in chat.messages] == [
        datetime(2025, 4, 18, hour, minute, tzinfo=SEOUL) for hour, minute in [(9, 1), (21, 2)]
    ]
    assert chat.partner_name == partner
    assert chat.report.unrecognised == 0


def test_the_weekday_decides_whether_day_or_month_comes_first():
    chat = read("Wed, 05/03/2025\n09:01\t하늘\t안녕\nSat, 08/03/2025\n09:01\t하늘\t안녕\n")
    assert [message.sent_at.month for message in chat.messages] == [3, 3]
    chat = read("Sat, 05/03/2025\n09:01\t하늘\t안녕\nSun, 08/03/2025\n09:01\t하늘\t안녕\n")
    assert [message.sent_at.month for message in chat.messages] == [5, 8]


def test_the_hour_after_midnight_may_be_24():
    chat = read("2025/04/18(Fri)\n24:05\t하늘\t자?\n01:05\t바다\t아니\n")
    assert [message.sent_at.hour for message in chat.messages] == [0, 1]
    assert {message.sent_at.day for message in chat.messages} == {18}


def test_a_pc_export_has_spaces_instead_of_tabs():
    chat = read(
        "2025.04.18 금요일\n"
        "09:12 김 하늘 잘 잤어?\n"
        "09:13 바다 Photos\n"
        "09:14 김 하늘 어디야\n"
        "둘째 줄\n"
        "09:15 바다 가는 중\n"
        "09:16 김 하늘 응\n"
        "09:17 바다 left the group.\n"
    )
    assert rows(chat) == [
        ("김 하늘", Kind.TEXT, "잘 잤어?"),
        ("바다", Kind.PHOTO, "Photos"),
        ("김 하늘", Kind.TEXT, "어디야\n둘째 줄"),
        ("바다", Kind.TEXT, "가는 중"),
        ("김 하늘", Kind.TEXT, "응"),
        (None, Kind.SYSTEM, "바다 left the group."),
    ]
    assert counted_lines(chat.report) == chat.report.lines == 8


@pytest.mark.parametrize(
    "text",
    [
        "09:00\tstart\tok\n09:05\tstop\tok\n",
        "09:00 start ok\n09:05 stop ok\n",
        "2025.04.18 Friday\n09:00 회의 준비\n10:30 치과 예약\n12:00 점심 약속\n",
        "2025/04/18(金)\n2025/04/19(土)\n",
    ],
)
def test_a_table_of_times_or_a_calendar_is_not_a_chat(text):
    assert refusal(text).code in {"unrecognised_format", "no_messages"}


def test_the_header_of_an_appended_export_is_not_text():
    part = "[LINE] 花子とのトーク履歴\n保存日時：2026/08/21 11:59\n\n2026/0{month}/01(日)\n09:01\t花子\tはい\n"
    chat = read(part.replace("{month}", "3") + "\n" + part.replace("{month}", "4"))
    assert [(message.text, message.sent_at.month) for message in chat.messages] == [("はい", 3), ("はい", 4)]
    assert (chat.report.headers, chat.report.continuations, chat.report.unrecognised) == (6, 0, 0)


def test_quotes_around_several_lines_in_a_pc_export_are_text():
    chat = read('2026.03.01 일요일\n09:01 하늘 "첫 줄\n둘째 줄"\n09:02 바다 응\n09:03 하늘 그래\n09:04 바다 응\n')
    assert texts(chat) == ['"첫 줄\n둘째 줄"', "응", "그래", "응"]
