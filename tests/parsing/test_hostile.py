"""Hostile files are read or refused in bounded time, and raise only the declared errors."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.errors import UnreadableFile
from tests.support.complexity import is_linear
from tests.support.exports import android, read, refusal

TIMESTAMP = "2026년 3월 1일 오전 9:00"
HEADER = "\ufeff바다 님과 카카오톡 대화\r\n저장한 날짜 : 2026년 3월 2일 오후 9:10\n\n\r\n"
WINDOWS = "바다 님과 카카오톡 대화\r\n\r\n--------------- 2026년 3월 1일 일요일 ---------------\r\n"
CSV = "Date,User,Message\r\n"
# Texts on which a careless parser takes more than linear time, by their size ``n``.
BAIT = {
    "one line": lambda n: "ㅋ" * n,
    "one message": lambda n: f"{HEADER}{TIMESTAMP}, 하늘 : {'ㅋ' * n}",
    "lines of a letter": lambda n: f"{HEADER}{TIMESTAMP}, 하늘 : 응" + "\nㅋ" * (n // 2),
    "blank lines": lambda n: f"{HEADER}{TIMESTAMP}, 하늘 : 응" + "\n" * n + "끝",
    "spaces": lambda n: " " * n + "a",
    "tabs": lambda n: "\t" * n + "a",
    "timestamps": lambda n: f"{TIMESTAMP}, " * (n // 20),
    "timestamps without an end": lambda n: HEADER + f"{TIMESTAMP}, 하늘 {TIMESTAMP}" * (n // 40),
    "separators": lambda n: f"{TIMESTAMP}, {' : ' * n}",
    "no separator": lambda n: f"{TIMESTAMP}, {'하' * n}",
    "brackets": lambda n: WINDOWS + "[" * n,
    "names in brackets": lambda n: WINDOWS + "[a] " * (n // 4),
    "half timestamps in brackets": lambda n: WINDOWS + "[a] [오전 9:00" * (n // 12),
    "hyphens": lambda n: "-" * n,
    "names in invitations": lambda n: WINDOWS + "[a] [오전 9:00] b\r\n" + ("님이 " * 500 + "초대\r\n") * (n // 1_500),
    "invitations": lambda n: CSV + ('2026-03-01 09:00:40,"a","' + "a invited " * 200 + '"\r\n') * (n // 2_000),
    "digits": lambda n: "1" * n,
    "dots": lambda n: "2026. " * (n // 6),
    "quotes": lambda n: CSV + '"' * n,
    "commas": lambda n: CSV + "," * n,
    "an open quote": lambda n: CSV + '2026-03-01 09:00:40,"하늘","' + "\n가" * (n // 2),
    "lists": lambda n: "[" * n,
    "objects": lambda n: '{"a":' * (n // 5),
    "marks on a letter": lambda n: f"{TIMESTAMP}, 하늘 : a" + "\u0301\u0323" * (n // 2),
    "jamo": lambda n: f"{TIMESTAMP}, 하늘 : " + "\u1112\u1161\u11ab" * (n // 3),
    "names": lambda n: f"KakaoTalk Chats with {'a' * n}",
    "a title of titles": lambda n: "님과 " * (n // 3) + "카카오톡 대화",
    "names in names": lambda n: HEADER + f"{TIMESTAMP}, 하늘 : {'a : ' * (n // 12)}\r\n" * 3,
    "labels": lambda n: "a:" * (n // 2),
    "labelled lines": lambda n: "가: 나\n" * (n // 5),
}


@pytest.mark.parametrize("bait", BAIT.values(), ids=BAIT)
def test_reading_time_grows_linearly_with_the_size(bait):
    size = 40_000
    contents = {size: bait(size).encode(), 8 * size: bait(8 * size).encode()}

    def read_or_refuse(size):
        with suppress(UnreadableFile):
            read(contents[size])

    assert is_linear(read_or_refuse, size)


def test_a_line_of_50_megabytes_is_refused_or_one_message():
    line = "가나다라마바사아자차카타파하" * 1_190_000
    assert refusal(line).code == "unrecognised_format"
    chat = read(f"{HEADER}{TIMESTAMP}, 하늘 : {line}\r\n")
    assert [len(message.text) for message in chat.messages] == [len(line)]


def test_a_million_lines_of_one_letter_are_one_message():
    chat = read(f"{HEADER}{TIMESTAMP}, 하늘 : 응\r\n" + "ㅋ\n" * 1_000_000)
    assert chat.report.continuations == 1_000_000
    assert len(chat.messages) == 1


def test_ten_thousand_participants_are_read():
    chat = read(android([(f"사람{number}", "안녕") for number in range(10_000)]))
    assert len({message.sender for message in chat.messages}) == 10_000


PIECES = [
    HEADER,
    WINDOWS,
    CSV,
    f"{TIMESTAMP}, 하늘 : ",
    "[하늘] [오전 9:00] ",
    "\r\n",
    "\n",
    "\r",
    "\t",
    " : ",
    ": ",
    '"',
    ",",
    "안녕",
    "사진",
    "ㅋㅋㅋ",
    "2026. 3. 1. 오전 9:00, 하늘 : ",
    "2026. 3. 1. 오전 9:03: ",
    "2026년 3월 1일 일요일\r\n",
    "September 21, 2023 at 5:12\u202fPM, Haneul : ",
    "Jul 9, 2015, 8:34 PM, You : ",
    "25:61",
    "\u202f",
    "\u200e",
    "9:46AM, February 20, 2014, A : ",
    "[5/4/23, 9:01:22\u202fPM] 하늘: ",
    "04/05/2023, 21:01 - 하늘: ",
    "나: ",
    "A: ",
    "2023. 5. 4. 오후 9:01 - 하늘: ",
    "[LINE] 花子とのトーク履歴\n",
    "2025/04/18(金)\n",
    "09:01\t花子\t",
    "\ufeff",
    "2월 30일",
    "2026-03-01 09:00:40,",
    '{"messages": [',
    "{",
    "]",
    "}",
    "2026-02-30 25:00:00,a,b\n",
    "하늘님이 나갔습니다.",
    '{"participants":[{"name":"a"}],"messages":[{"sender_name":"a","timestamp_ms":1714800000000,"content":"b"}]}',
    "0년 0월 0일 오전 0:00, a : b\n",
]
CODES = {"empty_file", "undecodable_text", "unrecognised_format", "no_messages"}


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=30).map("".join))
@example("\r")
@example("[" * 100_000)
def test_any_combination_of_pieces_is_read_or_refused_and_every_line_is_counted(text):
    try:
        chat = read(text.encode("utf-8", "surrogatepass"))
    except UnreadableFile as error:
        if error.code not in CODES:
            raise
        return
    chat.report.check()
    assert chat.messages == sorted(chat.messages, key=lambda message: message.sent_at)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content):
    with suppress(UnreadableFile):
        read(content)
