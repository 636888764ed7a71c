"""Parts of one chat are joined. Files of several chats are refused."""

from __future__ import annotations

import itertools

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from chalicelib.domain import LineReport
from tests.support.export_writers_json import (
    FIRST_S,
    NAMES,
    encrypted,
    minute_lines,
    telegram,
    thread,
    thread_item,
    to_json,
)
from tests.support.exports import android, read, refusal, texts, zip_contents, zip_members

CHAT = android([("하늘", "안녕"), ("바다", "응")])


def part(start, stop, **options):
    """Write the messages from one minute to another."""
    lines = [(NAMES[minute % 2], f"{minute}분") for minute in range(start, stop)]
    return android(lines, start=start, **options)


def test_parts_are_joined_in_order_of_time_independently_of_their_names():
    whole, parts = read(part(0, 90)), [part(60, 90), part(0, 30), part(30, 60)]
    chat = read(zip_members(*((f"Talk_2026.3.2 21:10-{number}.txt", content) for number, content in enumerate(parts))))
    assert chat.messages == whole.messages
    assert (chat.format, chat.partner_name, chat.encoding) == (whole.format, "바다", "utf-8")
    assert (chat.report.messages, chat.warnings) == (90, [])
    assert chat.report.lines == sum(read(content).report.lines for content in parts)
    chat.report.check()


def test_a_chat_that_was_split_within_a_minute_loses_no_message():
    first = android([("하늘", "ㅋㅋ"), ("바다", "ㅋㅋ"), ("하늘", "ㅋㅋ")], minutes=0)
    second = android([("하늘", "ㅋㅋ"), ("바다", "ㅋㅋ"), ("하늘", "또")], minutes=0)
    assert texts(read(zip_members(("1.txt", first), ("2.txt", second)))) == ["ㅋㅋ"] * 5 + ["또"]


def test_the_files_of_a_thread_are_joined():
    inbox = "your_instagram_activity/messages/inbox/bada_1"
    content = zip_members(
        (f"{inbox}/message_1.json", to_json(thread(minute_lines(*range(5, 9))))),
        (f"{inbox}/message_2.json", to_json(thread(minute_lines(*range(5))))),
        (f"{inbox}/photos/1.jpg", b"\xff\xd8\xff"),
        ("your_instagram_activity/messages/secret_conversations.json", b"{"),
        ("connections/followers_1.json", b'{"a": ' * 9),
    )
    chat = read(content)
    assert texts(chat) == [f"{number}분" for number in range(9)]
    assert (chat.report, chat.warnings) == (LineReport(9, 9, 0, 0, 0, 0, 0), [])


def test_all_parts_of_a_thread_get_the_app_that_one_of_them_shows():
    sticker = thread_item("바다", at=FIRST_S + 999, sticker={"uri": "messages/stickers_used/1.png"})
    for folder in ("", "bada_1/", "messages/inbox/bada_1/"):
        parts = [to_json(thread(minute_lines(0, 1))), to_json(thread([sticker]))]
        content = zip_members(*((f"{folder}message_{number}.json", content) for number, content in enumerate(parts)))
        assert (read(content).format, len(read(content).messages)) == ("messenger", 3)


def test_an_empty_thread_is_ignored():
    content = zip_members(
        ("messages/inbox/bada_1/message_1.json", to_json(thread(minute_lines(0, 1)))),
        ("messages/inbox/gureum_2/message_1.json", to_json(thread([], title="구름", participants=["하늘", "구름"]))),
    )
    assert len(read(content).messages) == 2


def test_a_part_within_the_period_of_another_is_left_out():
    chat = read(zip_members(("1.txt", part(0, 20)), ("2.txt", part(0, 60)), ("3.txt", part(30, 50))))
    whole = read(part(0, 60))
    assert (chat.messages, chat.report) == (whole.messages, whole.report)
    assert chat.warnings == ["다른 파일과 기간이 겹치는 파일 2개는 제외했어요. 줄 수에도 포함하지 않았어요."]


def test_a_part_that_begins_within_another_continues_it():
    chat = read(zip_members(("1.txt", part(0, 40)), ("2.txt", part(30, 60))))
    assert chat.messages == read(part(0, 60)).messages
    assert chat.report.messages == 70
    chat.report.check()
    assert chat.warnings == ["여러 파일에 겹치는 메시지 10개는 한 번만 가져왔어요."]


CHAT_LINES = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(["ㅋㅋ", "응", "또"]), st.integers(0, 2)), min_size=4
)


@settings(deadline=None, max_examples=60)
@given(CHAT_LINES, st.data())
def test_joined_parts_equal_the_whole_chat(chat_lines, data):
    minutes = itertools.accumulate(pause for _, _, pause in chat_lines)
    # The additional first line ensures that the first part is longer than one minute.
    timed_lines = [("하늘", "처음", FIRST_S - 60)]
    timed_lines += [(name, text, FIRST_S + 60 * at) for (name, text, _), at in zip(chat_lines, minutes, strict=True)]
    second_start = data.draw(st.integers(1, len(timed_lines) - 1))
    first_end = data.draw(st.integers(second_start, len(timed_lines)))
    overlaps = timed_lines[second_start][2] < timed_lines[first_end - 1][2]
    first, second = timed_lines[: first_end if overlaps else second_start], timed_lines[second_start:]
    parts = [("1.json", to_json(telegram(first))), ("2.json", to_json(telegram(second)))]
    chat = read(zip_members(*data.draw(st.permutations(parts))))
    assert [(message.sender, message.text) for message in chat.messages] == [line[:2] for line in timed_lines]


LINES_WITH_A_THIRD_PERSON = [("하늘", "안녕", FIRST_S + 9_999), ("구름", "응", FIRST_S + 9_999)]
OTHER_CHAT = encrypted(LINES_WITH_A_THIRD_PERSON, name="구름_8", participants=["하늘", "구름"])
GROUP = {"type": "private_group", "name": "방"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (zip_contents(CHAT, android([("하늘", "안녕")], title="구름 님과 카카오톡 대화", start=99)), "several_chats"),
        (
            zip_contents(
                to_json(telegram(minute_lines(0, 1), **GROUP)), to_json(telegram(LINES_WITH_A_THIRD_PERSON, **GROUP))
            ),
            "several_chats",
        ),
        (zip_contents(to_json(encrypted(minute_lines(0, 1))), to_json(OTHER_CHAT)), "several_chats"),
        (zip_contents(CHAT, to_json(telegram(minute_lines(0, 1)))), "mixed"),
        (
            zip_members(
                ("messages/inbox/bada_1/message_1.json", to_json(thread(minute_lines(0, 1)))),
                ("messages/inbox/bada_2/message_1.json", to_json(thread(minute_lines(5, 6)))),
            ),
            "several_chats",
        ),
        (zip_contents(*(f"{number}".encode() for number in range(201))), "several_chats"),
    ],
)
def test_files_of_several_chats_are_refused(content, reason):
    error = refusal(content)
    assert (error.code, error.facts["reason"]) == ("unrecognised_format", reason)


def test_parts_of_a_group_may_have_different_senders():
    later = [("하늘", "안녕", FIRST_S + 9_999), ("바다", "응", FIRST_S + 9_999), ("구름", "응", FIRST_S + 9_999)]
    parts = [telegram(minute_lines(0, 1), **GROUP), telegram(later, **GROUP)]
    assert len(read(zip_contents(*map(to_json, parts), suffix="json")).messages) == 5
