"""A chat that is written in any form of any app's text export is read back unchanged."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from chalicelib.domain import Kind
from tests.support.export_writers_text import WRITERS, SentMessage
from tests.support.exports import counted_lines, read

# Names with spaces, brackets, emoji, colons between spaces, and marks for right-to-left writing.
NAMES = [
    *("하늘", "바다", "홍 길 동", "은하 : 서울", "Dr: Kim", "r. m. - O'Neil", "#1 팬", "🌙달🌙", "김/하나(97)"),
    *("[공지] 지우", "은비 [3반]", "\u202bنور\u202c", "a\u200fb"),
]
FIRST_TIMES = (datetime(2020, 1, 3), datetime(2025, 6, 1))  # noqa: DTZ001 (exports carry no zone)
# Messages without a colon, so that no sender's messages all begin alike up to a colon.
PLAIN_TEXTS = ["ㅋㅋㅋ", "응", "그래 알았어"]
# Lines of a message that look like records. Only line ends or quotes distinguish them.
PASTED_LINES = [
    *(
        "2026년 3월 1일 오전 9:00, 하늘 : 복사",
        "2026년 3월 1일 오전 9:00",
        "2026. 3. 1. 오전 9:03: 철수님이 나갔습니다.",
    ),
    *("September 21, 2022, 5:12 PM, Haneul : hi", "Jul 9, 2015, 8:34 PM, You : hi", "8:34pm, July 9, 2015, A : hi"),
    *("2026년 3월 1일 일요일", "Thursday, July 9, 2015", "--------------- 2026년 3월 1일 일요일 ---------------"),
    *("[하늘] [오전 9:00] 안녕", "[Haneul] [2:37 PM] hi", "철수님이 나갔습니다.", '2026-03-01 09:00:40,"하늘","안녕"'),
    *("5/4/23, 9:01 PM - 하늘: 안녕", "[04/05/2023, 21:01:22] 하늘: 안녕", "2025/04/18(金)", "12:08\t花子\tはい"),
    *("저장한 날짜 : 2026-03-02 21:10:41", "[LINE] 花子とのトーク履歴", "나: 응", "", " ", "\t"),
]
# Without digits no line looks like a record.
LETTERS = "가나다라ㅋㅠabcABC .,!?~:;[](){}<>'\"#@/\\|-_=+*&%$😀❤👨\u200d👩é한\u1112\u1161ー日본\u00a0\u202f"


def join_lines(lines):
    return unicodedata.normalize("NFC", "\n".join(lines))


def is_text(text):
    """Return whether a text can be read back: it ends with neither a blank line nor an open quote of LINE."""
    has_open_quote = "\n" not in text and text.startswith('"') and text.count('"') % 2 == 1
    return text.split("\n")[-1].strip() != "" and not has_open_quote


def is_name(name):
    """Return whether apps write a name unchanged and without a separator in it."""
    return (
        name == name.strip() != ""
        and name[0] not in "~-"
        and name.isprintable()
        and unicodedata.is_normalized("NFC", name)
    )


names = st.sampled_from(NAMES) | st.text(LETTERS.replace(":", ""), min_size=1, max_size=12).filter(is_name)
plain_lines = st.text(LETTERS, max_size=30)
plain_texts = st.lists(plain_lines, min_size=1, max_size=4).map(join_lines).filter(is_text)
any_texts = (
    st.lists(plain_lines | st.sampled_from(PASTED_LINES), min_size=1, max_size=4).map(join_lines).filter(is_text)
)


@st.composite
def chats(draw, texts):
    """Generate a chat of a few months. It begins after the 12th of a month, so the order of dates is certain."""
    first = draw(st.datetimes(*FIRST_TIMES)).replace(second=0, microsecond=0)
    senders = draw(st.lists(names, min_size=2, max_size=4, unique=True))
    lines = draw(st.lists(st.tuples(st.sampled_from(senders), texts), max_size=8))
    lines += [(sender, text) for text in PLAIN_TEXTS for sender in senders]
    pauses = st.integers(0, 3) | st.integers(0, 20_000)
    at, chat = first.replace(day=13 + first.day % 16), []
    for sender, text in draw(st.permutations(lines)):
        chat.append(SentMessage(at, sender, text))
        at += timedelta(minutes=draw(pauses))
    return chat


def minute(message):
    return message.sent_at.replace(second=0, tzinfo=None)


def assert_read_back(chat, writer, line_end=None):
    note(writer.id)
    result = read(writer.write(chat, line_end))
    assert result.format == writer.format
    messages = [message for message in result.messages if message.sender is not None]
    assert [(minute(message), message.sender, message.text) for message in messages] == [
        (sent.at, writer.name(sent.sender), sent.text) for sent in chat
    ]
    assert {message.kind for message in messages} <= {Kind.TEXT}
    assert counted_lines(result.report) == result.report.lines
    assert result.report.unrecognised == 0
    assert result.report.messages == len(chat)


@settings(deadline=None, max_examples=20)
@given(chat=chats(any_texts))
def test_every_export_is_read_back_even_if_messages_contain_records(chat):
    for writer in WRITERS:
        if writer.is_unambiguous or (writer.record_end == "\r\n" and any("\n" in message.text for message in chat)):
            assert_read_back(chat, writer)


@settings(deadline=None, max_examples=20)
@given(chat=chats(plain_texts))
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_unified_line_ends_change_nothing_if_no_line_looks_like_a_record(chat, line_end):
    for writer in WRITERS:
        assert_read_back(chat, writer, line_end)
