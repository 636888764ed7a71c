"""Telegram Desktop's ``result.json`` is read as messages, or refused."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings

from chalicelib.domain import Kind
from tests.support.export_writers_json import (
    CHAT_LINES,
    FIRST_S,
    damaged_documents,
    expected_rows,
    read_or_refused,
    telegram,
    telegram_item,
    timed_rows,
    to_json,
    with_timestamps,
)
from tests.support.exports import SEOUL, read, refusal, texts

NOT_EXPORTED = "(File not included. Change data exporting settings to download.)"


def service_item(action, **fields):
    return telegram_item(9) | {"type": "service", "action": action, "actor": "하늘", "actor_id": "user1"} | fields


def read_one(item):
    """Return the message that is read from one item, in a chat with another message."""
    chat = read(to_json(telegram([item, telegram_item(2, text="응", at=FIRST_S + 999_999)])))
    return chat.messages[0]


def test_both_sides_of_a_personal_chat_get_their_names():
    chat = read(to_json(telegram([("하늘", "잘 잤어?", FIRST_S), ("바다", "응", FIRST_S + 60)]), escaped=False))
    assert timed_rows(chat) == [
        ("하늘", Kind.TEXT, "잘 잤어?", datetime(2026, 3, 1, 9, 0, tzinfo=SEOUL)),
        ("바다", Kind.TEXT, "응", datetime(2026, 3, 1, 9, 1, tzinfo=SEOUL)),
    ]
    assert (chat.format, chat.partner_name, chat.my_name) == ("telegram", "바다", "하늘")
    assert (chat.report.lines, chat.report.messages, chat.warnings) == (2, 2, [])


def test_a_group_has_no_partner():
    lines = [("하늘", "안녕", FIRST_S), ("바다", "응", FIRST_S), ("구름", "하이", FIRST_S)]
    chat = read(to_json(telegram(lines, type="private_supergroup", name="스터디")))
    assert (chat.partner_name, chat.my_name) == (None, None)


def test_a_deleted_account_gets_a_fixed_name():
    chat = read(to_json(telegram([("하늘", "있어?", FIRST_S), (None, "응", FIRST_S)], name=None)))
    assert [message.sender for message in chat.messages] == ["하늘", "(알 수 없음)"]
    assert (chat.partner_name, chat.my_name) == ("(알 수 없음)", "하늘")


def test_a_text_in_pieces_is_joined():
    pieces = ["여기 ", {"type": "link", "text": "https://example.com"}, " 봐", {"type": "bold", "text": "!"}]
    assert read_one(telegram_item(1, text=pieces)).text == "여기 https://example.com 봐!"


@pytest.mark.parametrize(
    ("fields", "kind", "text"),
    [
        ({"photo": NOT_EXPORTED, "width": 4, "height": 3}, Kind.PHOTO, "사진"),
        ({"photo": "photos/photo_1.jpg", "text": "노을"}, Kind.PHOTO, "노을"),
        ({"file": NOT_EXPORTED, "media_type": "sticker", "sticker_emoji": "😴"}, Kind.EMOTICON, "😴"),
        ({"file": NOT_EXPORTED, "media_type": "sticker"}, Kind.EMOTICON, "이모티콘"),
        ({"file": "a.mp4", "media_type": "animation"}, Kind.EMOTICON, "이모티콘"),
        ({"file": "a.ogg", "media_type": "voice_message", "duration_seconds": 7}, Kind.VOICE, "음성메시지"),
        ({"file": "a.mp4", "media_type": "video_message"}, Kind.VIDEO, "동영상"),
        ({"file": "a.mp4", "media_type": "video_file", "text": "이거 봐"}, Kind.VIDEO, "이거 봐"),
        (
            {"file": "a.mp3", "media_type": "audio_file", "performer": "파도", "title": "밤"},
            Kind.FILE,
            "파일: 파도 - 밤",
        ),
        ({"file": "files/러닝코스.pdf", "text": "여기"}, Kind.FILE, "파일: 러닝코스.pdf\n여기"),
        ({"file": NOT_EXPORTED, "mime_type": "application/pdf"}, Kind.FILE, "파일"),
        ({"file": NOT_EXPORTED, "file_name": "표.xlsx"}, Kind.FILE, "파일: 표.xlsx"),
        (
            {"contact_information": {"first_name": "구름", "last_name": "", "phone_number": "1"}},
            Kind.CONTACT,
            "연락처: 구름",
        ),
        ({"location_information": {"latitude": 37.5, "longitude": 127.1}}, Kind.MAP, "지도: 37.5, 127.1"),
        ({"location_information": None}, Kind.MAP, "지도"),
        ({"place_name": "서울숲", "address": "성동구", "location_information": {}}, Kind.MAP, "지도: 서울숲, 성동구"),
        (
            {"poll": {"question": "몇 시?", "closed": False, "answers": [{"text": "7시"}, {"text": "8시"}]}},
            Kind.BOARD,
            "투표: 몇 시?\n- 7시\n- 8시",
        ),
        ({"text": "사진 보내줘", "reply_to_message_id": 3}, Kind.TEXT, "사진 보내줘"),
    ],
)
def test_the_attachment_decides_the_kind_and_its_caption_is_the_text(fields, kind, text):
    message = read_one(telegram_item(1, **fields))
    assert (message.sender, message.kind, message.text, message.count) == ("바다", kind, text, 1)


@pytest.mark.parametrize(
    ("item", "text", "count"),
    [
        (service_item("phone_call", duration_seconds=185, discard_reason="hangup"), "통화", 185),
        (service_item("phone_call", discard_reason="missed"), "부재중 통화", 0),
        (service_item("phone_call", duration_seconds=10**18), "통화", 0),
        (service_item("phone_call", duration_seconds="185"), "통화", 0),
    ],
)
def test_a_call_has_a_sender(item, text, count):
    message = read_one(item)
    assert (message.sender, message.kind, message.text, message.count) == ("하늘", Kind.CALL, text, count)


@pytest.mark.parametrize(
    ("item", "text"),
    [
        (service_item("pin_message", message_id=1), "하늘님이 메시지를 고정했습니다."),
        (service_item("invite_members", members=["바다", None, "구름"]), "하늘님이 초대했습니다. (바다, 구름)"),
        (service_item("edit_group_title", title="여행"), "하늘님이 그룹 이름을 바꿨습니다. (여행)"),
        (service_item("something_new", actor=None), "something new"),
    ],
)
def test_other_service_messages_are_notices(item, text):
    message = read_one(item)
    assert (message.sender, message.kind, message.text) == (None, Kind.SYSTEM, text)


def test_a_gift_has_a_sender():
    message = read_one(service_item("send_star_gift"))
    assert (message.sender, message.kind, message.text) == ("하늘", Kind.GIFT, "선물")


def test_a_date_without_a_unix_time_is_in_the_given_zone():
    item = telegram_item(1, text="응", at=FIRST_S)
    del item["date_unixtime"]
    assert read_one(item).sent_at == datetime(2026, 3, 1, 9, 0, tzinfo=SEOUL)


def test_items_that_telegram_could_not_export_are_counted_with_a_warning():
    chat = read(to_json(telegram([*[("바다", "응", FIRST_S)] * 8, {"id": 9, "type": "unsupported"}, 5])))
    assert (chat.report.lines, chat.report.messages, chat.report.unrecognised) == (10, 8, 2)
    assert chat.warnings == ["메시지로 읽지 못한 항목이 2개 있어요."]


def account(*chats, **lists):
    return to_json(
        {
            "about": "Here is the data you requested.",
            "personal_information": {"user_id": 1, "first_name": "하늘"},
            "chats": {"about": "This page lists all chats from this export.", "list": list(chats)},
        }
        | lists
    )


def test_an_account_with_one_chat_is_read_as_that_chat():
    exported = telegram([("하늘", "안녕", FIRST_S), ("바다", "응", FIRST_S)])
    notice = service_item("joined_telegram", actor="구름")
    chat = read(account(telegram([], name="빈 방"), telegram([notice], name="구름"), exported))
    assert texts(chat) == ["안녕", "응"]
    assert chat.partner_name == "바다"


def test_an_account_with_several_chats_is_refused():
    chat = telegram([("하늘", "안녕", FIRST_S)])
    other = telegram([service_item("phone_call", duration_seconds=3)], name="구름")
    for export in (account(chat, other), account(chat, left_chats={"list": [other]})):
        error = refusal(export)
        assert (error.code, error.facts) == ("unrecognised_format", {"reason": "several_chats"})


@pytest.mark.parametrize(
    "export", [to_json(telegram([])), account(telegram([])), to_json(telegram([service_item("x")]))]
)
def test_a_chat_without_messages_of_a_sender_is_refused(export):
    assert refusal(export).code == "no_messages"


@pytest.mark.parametrize(
    "export",
    [
        "{}",
        "[]",
        "[1, 2, 3]",
        "null",
        '{"name": "love-q", "version": "1.0.0", "type": "module", "dependencies": {}}',
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": {"type": "Point"}}]}',
        '{"messages": [{"role": "user", "content": "안녕"}]}',
        '{"type": "personal_chat", "messages": {"0": {}}}',
        '{"type": "personal_chat", "messages": [{"id": 1, "type": "message"}]}',
        '{"chats": {"list": [{"messages": []}]}}',
        '{"chats": [{"type": "personal_chat", "messages": []}]}',
        '{"type": ["personal_chat"], "messages": []}',
        "[" * 10_000,
        "[" * 10_000 + "]" * 10_000,
        '{"a":' * 10_000 + "1" + "}" * 10_000,
        '{"type": "personal_chat", "messages": [' + "9" * 10_000 + "]}",
        to_json(telegram([("바다", "응", FIRST_S)]))[:-2],
    ],
)
def test_json_that_is_not_a_chat_is_not_recognised(export):
    error = refusal(export)
    assert error.code == "unrecognised_format"
    assert "telegram" in error.facts["looked_for"]


@pytest.mark.parametrize(
    "timestamp", ["-1000000", "4200000000", "99999999999999", "9" * 400, "soon", "", 1e300, float("nan"), float("inf")]
)
def test_an_impossible_time_is_refused(timestamp):
    items = [("바다", "응", FIRST_S), telegram_item(2, text="응", date_unixtime=timestamp)]
    assert refusal(to_json(telegram(items))).code == "unrecognised_format"


def test_the_position_of_an_impossible_time_is_reported():
    items = [("바다", "응", FIRST_S), telegram_item(2, text="응", date_unixtime=None, date="2026-02-30T09:00:00")]
    assert refusal(to_json(telegram(items))).facts == {"line": 2}


@pytest.mark.parametrize("timestamp", ["0", "4133894400"])
def test_the_first_and_the_last_year_are_read(timestamp):
    assert read(to_json(telegram([telegram_item(1, text="응", date_unixtime=timestamp)]))).messages


@settings(deadline=None, max_examples=40)
@given(CHAT_LINES)
def test_a_chat_is_read_back_as_it_was_written(chat_lines):
    lines = with_timestamps(chat_lines)
    for escaped in (True, False):
        assert timed_rows(read(to_json(telegram(lines), escaped=escaped))) == expected_rows(lines)


EXPORT = telegram(
    [
        ("하늘", "안녕", FIRST_S),
        telegram_item(2, text=["가", {"type": "link", "text": "나"}]),
        telegram_item(3, photo="a.jpg", text="노을"),
        telegram_item(4, file="a.webp", media_type="sticker", sticker_emoji="😴"),
        telegram_item(5, poll={"question": "몇 시?", "answers": [{"text": "7시", "voters": 1}]}),
        telegram_item(6, location_information={"latitude": 1.5, "longitude": 2.5}, place_name="숲"),
        telegram_item(7, contact_information={"first_name": "구름"}, contact_vcard="a.vcf"),
        service_item("phone_call", duration_seconds=3),
        service_item("invite_members", members=["구름"]),
    ]
)


@settings(deadline=None, max_examples=150)
@given(damaged_documents(EXPORT))
def test_a_damaged_export_is_read_or_refused(document):
    read_or_refused(to_json(document))
