"""Repeated exports of one chat, from both phones and in any time zone, merge into one room."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from chalicelib.domain import Caller
from chalicelib.services import files
from chalicelib.services.files import Upload
from tests.support.exports import FIRST, SEOUL, android

TALK = [
    ("나", "오늘 회의 너무 길었다"),
    ("너", "고생했어 저녁은 먹었고?"),
    ("나", "아직 ㅋㅋ"),
    ("너", "사진"),
    ("나", "와 그 떡볶이 어디서 샀어"),
    ("너", "응"),
    ("너", "성수역 3번 출구 앞에"),
    ("나", "응"),
    ("나", "내일 거기 갈래?"),
    ("너", "좋아 7시에 보자"),
]
MINE, THEIRS = {"나": "회원님", "너": "바다"}, {"나": "하늘", "너": "회원님"}


def lines(names, start=0, stop=None):
    return [(names[who], text) for who, text in TALK[start:stop]]


def mine(start=0, stop=None):
    """Return the export of the user's phone, where the user's own name is 회원님."""
    return android(lines(MINE, start, stop), title="바다 님과 카카오톡 대화", start=start)


def theirs(start=0, stop=None):
    """Return the export of the partner's phone."""
    return android(lines(THEIRS, start, stop), title="하늘 님과 카카오톡 대화", start=start)


def send(client, content, **fields):
    body = {"file_content": base64.b64encode(content).decode(), "encoding": "base64", **fields}
    reply = client.post("/process-file", body)
    assert reply.status == 201, reply.json
    return reply.json


def room_of(client, room_id):
    return client.get("/chat-rooms", room_id=room_id).json["rooms"][0]


def senders_and_texts(client, file):
    page = client.get("/messages", room_id=file["room_id"], order="asc", limit=200).json["messages"]
    return [(message["sender"], message["text"]) for message in page]


@pytest.mark.parametrize(
    ("first", "second"),
    [((0, 7), (3, 10)), ((3, 10), (0, 7)), ((0, 10), (0, 10)), ((0, 10), (2, 6)), ((2, 6), (0, 10))],
    ids=["later", "earlier", "the same", "a part", "more"],
)
def test_the_partners_export_is_merged_whichever_part_it_has(client, first, second):
    file = send(client, mine(*first))
    other = send(client, theirs(*second), room_id=file["room_id"])
    room = room_of(client, file["room_id"])
    assert senders_and_texts(client, file) == lines(MINE)
    assert (room["my_name"], room["partner_name"], room["message_count"]) == ("회원님", "바다", 10)
    assert other["my_name"] == "회원님"
    assert {person["name"] for person in room["statistics"]["participants"]} == {"회원님", "바다"}
    assert any("이름을 맞췄어요" in warning or "이름으로 맞췄어요" in warning for warning in other["warnings"])


def test_the_partners_export_gives_the_same_statistics_as_the_users(client):
    once, twice = send(client, mine()), send(client, mine(0, 6))
    send(client, theirs(), room_id=twice["room_id"])
    assert twice["room_id"] != once["room_id"]
    assert room_of(client, twice["room_id"])["statistics"] == room_of(client, once["room_id"])["statistics"]


def test_an_export_of_another_chat_is_not_matched(client):
    file = send(client, mine())
    talk = [("소라", "처음 뵙겠습니다"), ("하늘", "네 안녕하세요"), ("소라", "주말에 시간 되세요?")]
    other = send(client, android(talk, title="소라 님과 카카오톡 대화", start=20), room_id=file["room_id"])
    assert {"소라", "하늘"} <= {sender for sender, _ in senders_and_texts(client, file)}
    assert "이 방에 없던 이름이 있어요: 소라, 하늘" in other["warnings"]


def test_a_later_export_in_another_time_zone_is_not_counted_twice(client):
    file = send(client, mine(0, 8), timezone="Asia/Seoul")
    again = send(client, mine(), room_id=file["room_id"], timezone="America/New_York")
    assert (again["new_messages"], room_of(client, file["room_id"])["message_count"]) == (2, 10)
    assert senders_and_texts(client, file) == lines(MINE)


def test_a_pasted_text_without_dates_is_matched_to_its_day(client):
    file = send(client, mine(0, 8))
    pasted = [f"[{name}] [오전 9:{number:02}] {text}" for number, (name, text) in enumerate(lines(MINE))][2:]
    again = send(client, "\n".join(pasted).encode(), room_id=file["room_id"])
    assert again["new_messages"] == 2
    assert senders_and_texts(client, file) == lines(MINE)
    assert room_of(client, file["room_id"])["statistics"]["last_message_at"].startswith("2026-03-01")


def year():
    """Yield messages on every day of a year, some of them equal and in the same minute."""
    for day in range(364):
        at = FIRST + timedelta(days=day, minutes=day * 37 % 600)
        yield at, ("바다" if day % 3 else "하늘"), f"{day}번째 날이야 ㅎㅎ"
        if day % 5 == 0:
            yield from [(at, "바다", "응")] * 2
            yield at + timedelta(minutes=day % 7), "하늘", "그래요 좋아요"


def export_of(messages):
    return android([(sender, text) for _, sender, text in messages], times=[at for at, _, _ in messages])


@pytest.mark.slow
@pytest.mark.parametrize("weeks_on_the_phone", [52, 3], ids=["all of it", "the latest three weeks"])
def test_a_year_of_weekly_imports_gives_the_statistics_of_a_single_import(client, weeks_on_the_phone):
    messages, room = list(year()), None
    for week in range(1, 53):
        end, begin = FIRST + timedelta(weeks=week), FIRST + timedelta(weeks=week - weeks_on_the_phone)
        content = export_of([message for message in messages if begin <= message[0] < end])
        room = import_at(client, content, end.astimezone(SEOUL), room_id=room).room_id
    once = import_at(client, export_of(messages) + b"\r\n", end.astimezone(SEOUL)).room_id
    assert once != room
    assert room_of(client, room)["statistics"] == room_of(client, once)["statistics"]


def import_at(client, content, now, **fields):
    upload = Upload("KakaoTalkChats.txt", len(content), **fields)
    return files.import_inline(Caller(client.user_id, None, now, quota="tests"), upload, content)
