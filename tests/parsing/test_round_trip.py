"""Whatever is said, and whichever app exports it: what is read is what was said."""

import unicodedata
from datetime import datetime, timedelta

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from chalicelib.domain import Kind
from tests.parsing.test_kakaotalk import accounted
from tests.support.export_writers_text import WRITERS, SentMessage
from tests.support.exports import read

# Names as people have them: blanks, brackets, emoji, colons between blanks, marks of right-to-left writing.
NAMES = [
    *("하늘", "바다", "홍 길 동", "은하 : 서울", "Dr: Kim", "r. m. - O'Neil", "#1 팬", "🌙달🌙", "김/하나(97)"),
    *("[공지] 지우", "은비 [3반]", "\u202bنور\u202c", "a\u200fb"),
]
BEGINNINGS = (datetime(2020, 1, 3), datetime(2025, 6, 1))  # noqa: DTZ001 (exports carry no zone)
# Nobody says the same words before a colon each time.
PLAIN = ["ㅋㅋㅋ", "응", "그래 알았어"]
# Lines of a message that only line ends or quotes tell from new messages.
PASTED = [
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
ALPHABET = "가나다라ㅋㅠabcABC .,!?~:;[](){}<>'\"#@/\\|-_=+*&%$😀❤👨\u200d👩é한\u1112\u1161ー日본\u00a0\u202f"


def composed(lines):
    return unicodedata.normalize("NFC", "\n".join(lines))


def is_text(text):
    """A text as typed: no blank line at its end, which no editor keeps, and no open quote, which only LINE's are."""
    opens = "\n" not in text and text.startswith('"') and text.count('"') % 2 == 1
    return text.split("\n")[-1].strip() != "" and not opens


def is_name(name):
    """A name without what separates it, and which the apps leave as it is."""
    return (
        name == name.strip() != ""
        and name[0] not in "~-"
        and name.isprintable()
        and unicodedata.is_normalized("NFC", name)
    )


names = st.sampled_from(NAMES) | st.text(ALPHABET.replace(":", ""), min_size=1, max_size=12).filter(is_name)
plain_lines = st.text(ALPHABET, max_size=30)
lines_of_plain_texts = st.lists(plain_lines, min_size=1, max_size=4).map(composed).filter(is_text)
lines_of_any_texts = (
    st.lists(plain_lines | st.sampled_from(PASTED), min_size=1, max_size=4).map(composed).filter(is_text)
)


@st.composite
def chats(draw, texts):
    """A chat of some months in which each sender has said something plain, begun after the 12th of a month."""
    first = draw(st.datetimes(*BEGINNINGS)).replace(second=0, microsecond=0)
    senders = draw(st.lists(names, min_size=2, max_size=4, unique=True))
    said = draw(st.lists(st.tuples(st.sampled_from(senders), texts), max_size=8))
    said += [(sender, text) for text in PLAIN for sender in senders]
    pauses = st.integers(0, 3) | st.integers(0, 20_000)
    at, chat = first.replace(day=13 + first.day % 16), []
    for sender, text in draw(st.permutations(said)):
        chat.append(SentMessage(at, sender, text))
        at += timedelta(minutes=draw(pauses))
    return chat


def minute(message):
    return message.sent_at.replace(second=0, tzinfo=None)


def assert_read_back(chat, writer, end=None):
    note(writer.id)
    found = read(writer.write(chat, end))
    assert found.format == writer.format
    said = [message for message in found.messages if message.sender is not None]
    assert [(minute(message), message.sender, message.text) for message in said] == [
        (said.at, writer.names(said.sender), said.text) for said in chat
    ]
    assert {message.kind for message in said} <= {Kind.TEXT}
    assert accounted(found.report) == found.report.lines
    assert found.report.unrecognised == 0
    assert found.report.messages == len(chat)


@settings(deadline=None, max_examples=20)
@given(chat=chats(lines_of_any_texts))
def test_what_apps_write_is_read_back_whatever_the_messages_look_like(chat):
    for writer in WRITERS:
        if writer.quoted or (writer.end == "\r\n" and any("\n" in said.text for said in chat)):
            assert_read_back(chat, writer)


@settings(deadline=None, max_examples=20)
@given(chat=chats(lines_of_plain_texts))
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_made_alike_change_nothing_where_no_line_looks_like_a_record(chat, end):
    for writer in WRITERS:
        assert_read_back(chat, writer, end)
