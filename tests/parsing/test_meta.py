"""Exports of Instagram, Messenger and Messenger's encrypted chats are read as messages, or refused."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings

from chalicelib.domain import Kind
from chalicelib.parsing.meta import repair_encoding
from tests.support.export_writers_json import (
    CHAT_LINES,
    FIRST_S,
    as_latin1,
    damaged_documents,
    encrypted,
    encrypted_item,
    expected_rows,
    read_or_refused,
    thread,
    thread_item,
    timed_rows,
    to_json,
    with_timestamps,
)
from tests.support.exports import SEOUL, read, refusal, texts

INBOX = "your_instagram_activity/messages/inbox/bada_1"


def read_one(*args, **fields):
    """Return the message that is read from one item."""
    chat = read(to_json(thread([thread_item(*args, **fields), ("하늘", "응", FIRST_S + 999_999)])))
    return chat.messages[0]


def row(message):
    return message.sender, message.kind, message.text, message.count


def test_a_thread_is_repaired_and_sorted_and_both_sides_get_their_names():
    chat = read(to_json(thread([("하늘", "잘 잤어?", FIRST_S), ("바다", "응 😴", FIRST_S + 60)])))
    assert timed_rows(chat) == [
        ("하늘", Kind.TEXT, "잘 잤어?", datetime(2026, 3, 1, 9, 0, tzinfo=SEOUL)),
        ("바다", Kind.TEXT, "응 😴", datetime(2026, 3, 1, 9, 1, tzinfo=SEOUL)),
    ]
    assert (chat.partner_name, chat.my_name) == ("바다", "하늘")
    assert (chat.report.lines, chat.report.messages, chat.warnings) == (2, 2, [])


def test_messages_of_one_second_keep_their_order():
    lines = [("하늘", text, FIRST_S) for text in ("하나", "둘", "셋")]
    assert texts(read(to_json(thread(lines)))) == ["하나", "둘", "셋"]
    assert texts(read(to_json(encrypted(lines)))) == ["하나", "둘", "셋"]


@pytest.mark.parametrize(
    ("in_file", "repaired"),
    [
        ("\u00ed\u0095\u0098\u00eb\u008a\u0098", "하늘"),
        ("\u00f0\u009f\u0098\u0082", "😂"),
        ("plain", "plain"),
        ("caf\u00e9", "café"),
        ("이미 고친 글", "이미 고친 글"),
        ("하늘 \u00ed\u0095", "하늘 \u00ed\u0095"),
        ("\u0000\u00ed\u0095\u0098", "\ufffd하"),
        ("\u00e1\u0084\u0092\u00e1\u0085\u00a1\u00e1\u0086\u00ab", "한"),
        ("", ""),
    ],
)
def test_only_text_decoded_as_latin_1_is_repaired(in_file, repaired):
    assert repair_encoding(in_file) == repaired


@pytest.mark.parametrize("odd", ["이미 고친 글", "하늘 \u00ed\u0095", "\u0000", 7, ["a"]])
def test_an_unrepairable_message_does_not_change_the_others(odd):
    """Texts are repaired in batches, and one by one if any text of a batch cannot be repaired."""
    items = [thread_item(text=f"{number}번") for number in range(3)]
    items[1]["content"] = odd
    chat = read(to_json(thread(items)))
    assert {message.text for message in chat.messages} >= {"0번", "2번"}
    assert chat.report.messages + chat.report.unrecognised == 3


def test_half_of_a_surrogate_pair_is_replaced():
    (message,) = read(to_json(thread([thread_item(content="가\ud83d나")]))).messages
    assert message.text == "가\ufffd나"


@pytest.mark.parametrize(
    ("fields", "kind", "text", "count"),
    [
        ({"photos": [{"uri": f"{INBOX}/photos/1.jpg"}] * 3}, Kind.PHOTO, "사진", 3),
        ({"text": "노을", "photos": [{"uri": f"{INBOX}/photos/1.jpg"}]}, Kind.PHOTO, "노을", 1),
        ({"text": "바다님이 사진을 보냈습니다.", "photos": [{"uri": "1.jpg"}]}, Kind.PHOTO, "사진", 1),
        ({"videos": [{"uri": f"{INBOX}/videos/1.mp4"}]}, Kind.VIDEO, "동영상", 1),
        ({"audio_files": [{"uri": f"{INBOX}/audio/1.mp4"}]}, Kind.VOICE, "음성메시지", 1),
        ({"gifs": [{"uri": "1.gif"}]}, Kind.EMOTICON, "이모티콘", 1),
        ({"sticker": {"uri": "messages/stickers_used/1.png", "ai_stickers": []}}, Kind.EMOTICON, "이모티콘", 1),
        ({"files": [{"uri": as_latin1("files/표.pdf")}], "text": "여기"}, Kind.FILE, "파일: 표.pdf\n여기", 1),
        (
            {
                "text": "바다 sent an attachment.",
                "share": {"link": "https://a.example/p", "share_text": as_latin1("글")},
            },
            Kind.FILE,
            "https://a.example/p\n글",
            1,
        ),
        ({"text": "이거 너 같아", "share": {"link": "https://a.example/p"}}, Kind.TEXT, "이거 너 같아", 1),
        ({"share": {}}, Kind.FILE, "(내보내기에 없는 내용)", 1),
        ({"text": "바다님이 첨부 파일을 보냈습니다."}, Kind.FILE, "바다님이 첨부 파일을 보냈습니다.", 1),
        ({}, Kind.FILE, "(내보내기에 없는 내용)", 1),
        ({"text": "Video chat ended", "call_duration": 185}, Kind.CALL, "Video chat ended", 185),
        ({"call_duration": 0, "missed": True}, Kind.CALL, "통화", 0),
        ({"call_duration": -5}, Kind.CALL, "통화", 0),
        ({"text": "바다 missed a video chat"}, Kind.CALL, "바다 missed a video chat", 0),
        ({"is_unsent": True}, Kind.DELETED, "삭제된 메시지입니다.", 1),
        ({"text": "응", "is_unsent": False, "photos": []}, Kind.TEXT, "응", 1),
        ({"text": "응", "reactions": [{"reaction": "a", "actor": "b"}]}, Kind.TEXT, "응", 1),
        ({"text": "I replied to your message"}, Kind.TEXT, "I replied to your message", 1),
        ({"text": "친구가 left the group."}, Kind.TEXT, "친구가 left the group.", 1),
    ],
)
def test_the_attachment_decides_the_kind(fields, kind, text, count):
    assert row(read_one(**fields)) == ("바다", kind, text, count)


@pytest.mark.parametrize(
    "text",
    [
        "Liked a message",
        "Reacted 😂 to your message ",
        "메시지를 좋아합니다",
        "바다님이 메시지를 좋아합니다",
        "바다 reacted 😂 to your message",
        "바다님이 메시지에 😂 공감했습니다",
        "바다 named the group 여행.",
        "You named the group 여행.",
        "바다 left the group.",
        "바다 started a video chat",
        "You are now connected on Messenger",
    ],
)
def test_reactions_and_notices_have_no_sender(text):
    assert row(read_one("바다", text)) == (None, Kind.SYSTEM, text, 1)


def test_a_notice_may_begin_with_the_first_name():
    assert read_one("Bada Kim", "Bada pinned a message.").kind is Kind.SYSTEM
    assert read_one(" Bada", "somebody pinned a message.").kind is Kind.TEXT


def test_a_reaction_with_an_attachment_is_a_message():
    assert row(read_one("바다", "Liked a message", photos=[{"uri": "a.jpg"}])) == ("바다", Kind.PHOTO, "사진", 1)


@pytest.mark.parametrize(
    ("fields", "document", "app"),
    [
        ({}, {}, "instagram"),
        ({"photos": [{"uri": f"{INBOX}/1.jpg"}]}, {"thread_path": "archived_threads/bada_1"}, "instagram"),
        ({"photos": [{"uri": "your_facebook_activity/messages/inbox/b_1/1.jpg"}]}, {}, "messenger"),
        ({"videos": [{"uri": "your_activity_across_facebook/messages/inbox/b_1/1.mp4"}]}, {}, "messenger"),
        ({}, {"thread_path": "e2ee_cutover/bada_1"}, "messenger"),
        ({"sticker": {"uri": "messages/stickers_used/1.png"}}, {}, "messenger"),
        ({"gifs": [{"uri": "messages/inbox/b_1/1.gif"}]}, {}, "messenger"),
        ({"share": {"link": "https://www.instagram.com/reel/a/"}, "ip": "192.0.2.1"}, {}, "messenger"),
        ({"share": {"link": "https://a.example", "original_content_owner": "owner"}}, {}, "instagram"),
        ({"content": "Liked a message"}, {}, "instagram"),
    ],
)
def test_the_app_is_detected_by_values_that_only_it_writes(fields, document, app):
    lines = [("하늘", "응", FIRST_S), thread_item(at=FIRST_S + 60, **fields)]
    assert read(to_json(thread(lines, **document))).format == app


def test_a_group_has_no_partner():
    chat = read(to_json(thread([("하늘", "응", FIRST_S)], participants=["하늘", "바다", "구름"], title="여행")))
    assert (chat.partner_name, chat.my_name) == (None, None)


def test_an_encrypted_chat_belongs_to_messenger():
    chat = read(to_json(encrypted([("하늘", "잘 잤어?", FIRST_S), ("바다", "응 😴", FIRST_S + 60)]), escaped=False))
    assert timed_rows(chat) == [
        ("하늘", Kind.TEXT, "잘 잤어?", datetime(2026, 3, 1, 9, 0, tzinfo=SEOUL)),
        ("바다", Kind.TEXT, "응 😴", datetime(2026, 3, 1, 9, 1, tzinfo=SEOUL)),
    ]
    assert (chat.format, chat.partner_name, chat.my_name) == ("messenger", "바다", "하늘")


@pytest.mark.parametrize(
    ("fields", "kind", "text", "count"),
    [
        ({"type": "media", "media": [{"uri": "./media/1.jpeg"}, {"uri": "./media/2.jpeg"}]}, Kind.PHOTO, "사진", 2),
        ({"type": "media", "media": [{"uri": "./media/1.MP4"}], "text": "봐"}, Kind.VIDEO, "봐", 1),
        ({"type": "media", "media": [{"uri": "./media/1.m4a"}]}, Kind.VOICE, "음성메시지", 1),
        ({"type": "media", "media": [{"uri": "./media/1.gif"}]}, Kind.EMOTICON, "이모티콘", 1),
        ({"type": "media", "media": [{"uri": "Failed to download media"}]}, Kind.FILE, "파일", 1),
        ({"type": "link", "text": "https://a.example"}, Kind.TEXT, "https://a.example", 1),
        ({"type": "placeholder", "isUnsent": True, "text": "User unsent a message"}, Kind.DELETED, None, 1),
        ({"type": "placeholder"}, Kind.FILE, "(내보내기에 없는 내용)", 1),
    ],
)
def test_the_attachment_decides_the_kind_of_an_encrypted_message(fields, kind, text, count):
    message = read(to_json(encrypted([encrypted_item(**fields)]))).messages[0]
    assert row(message) == ("바다", kind, text or "삭제된 메시지입니다.", count)


@pytest.mark.parametrize(
    "document",
    [
        {"participants": [], "messages": []},
        {"participants": [{"name": "하늘"}], "messages": [{"text": "응"}], "title": "바다"},
        {"participants": ["하늘"], "messages": [], "title": "바다"},
        {"participants": [{"name": "하늘"}], "messages": {}, "title": "바다"},
        {"participants": [{"name": 1}], "messages": [], "title": "바다"},
        {"participants": [{"name": "하늘"}], "messages": [[]], "threadName": "바다"},
        thread([5, 5, ("바다", "응", FIRST_S)]),
        {"string_list_data": [{"value": "하늘", "timestamp": FIRST_S}]},
    ],
)
def test_other_json_is_not_recognised(document):
    error = refusal(to_json(document))
    assert error.code == "unrecognised_format"
    assert {"instagram", "messenger"} <= set(error.facts["looked_for"])


@pytest.mark.parametrize("document", [thread([]), encrypted([]), thread([("바다", "Liked a message", FIRST_S)])])
def test_a_thread_without_messages_of_a_sender_is_refused(document):
    assert refusal(to_json(document)).code == "no_messages"


@pytest.mark.parametrize(
    "timestamp", [-(10**12), 4_200_000_000_000, 10**17, 10**400, 1e300, float("nan"), float("-inf")]
)
def test_an_impossible_time_is_refused(timestamp):
    for document in (
        thread([("바다", "응", FIRST_S), thread_item("바다", "응", timestamp_ms=timestamp)]),
        encrypted([("바다", "응", FIRST_S), encrypted_item("바다", "응", timestamp=timestamp)]),
    ):
        assert refusal(to_json(document)).code == "unrecognised_format"


def test_items_that_are_not_messages_are_counted_with_a_warning():
    chat = read(to_json(thread([*[("바다", "응", FIRST_S)] * 8, None, thread_item(timestamp_ms="soon")])))
    assert (chat.report.lines, chat.report.messages, chat.report.unrecognised) == (10, 8, 2)
    assert chat.warnings == ["메시지로 읽지 못한 항목이 2개 있어요."]


@settings(deadline=None, max_examples=40)
@given(CHAT_LINES)
def test_a_chat_is_read_back_as_it_was_written(chat_lines):
    lines = with_timestamps(chat_lines)
    for document in (thread(lines), encrypted(lines)):
        for escaped in (True, False):
            assert timed_rows(read(to_json(document, escaped=escaped))) == expected_rows(lines)


THREAD = thread(
    [
        ("하늘", "안녕", FIRST_S),
        ("바다", "Reacted 😂 to your message ", FIRST_S),
        thread_item("바다", "노을", photos=[{"uri": f"{INBOX}/1.jpg", "creation_timestamp": FIRST_S}]),
        thread_item("바다", sticker={"uri": "messages/stickers_used/1.png"}),
        thread_item("바다", files=[{"uri": "a.pdf"}], reactions=[{"reaction": "a", "actor": "b"}]),
        thread_item("바다", share={"link": "https://a.example", "share_text": "a"}),
        thread_item("바다", call_duration=5),
        thread_item("바다", is_unsent=True),
    ]
)
ENCRYPTED_THREAD = encrypted(
    [
        ("하늘", "안녕", FIRST_S),
        encrypted_item(media=[{"uri": "a.jpeg"}], type="media"),
        encrypted_item(isUnsent=True, type="placeholder"),
        encrypted_item(text="응", reactions=[{"reaction": "a", "actor": "b"}]),
    ]
)


@settings(deadline=None, max_examples=150)
@given(damaged_documents(THREAD))
def test_a_damaged_thread_is_read_or_refused(document):
    read_or_refused(to_json(document))


@settings(deadline=None, max_examples=80)
@given(damaged_documents(ENCRYPTED_THREAD))
def test_a_damaged_encrypted_chat_is_read_or_refused(document):
    read_or_refused(to_json(document))
