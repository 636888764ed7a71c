"""Chats of other apps, and archives, go in like any export, and what they hide is stored or refused."""

import base64
import io
import zipfile

import pytest

from tests.support.export_writers_json import FIRST_S, telegram, telegram_item, thread, thread_item, to_json


def zipped(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"bada_1/{name}.json", content)
    return base64.b64encode(out.getvalue()).decode()


def sent(client, content):
    return client.post("/process-file", {"file_content": content, "encoding": "base64"})


def test_an_archive_of_a_thread_becomes_a_room(client):
    newer = [("바다", "잘 자", FIRST_S + 120), thread_item("하늘", at=FIRST_S + 180, photos=[{"uri": "1.jpg"}] * 2)]
    older = [("하늘", "저녁 먹었어?", FIRST_S), ("바다", "응", FIRST_S + 60)]
    reply = sent(client, zipped(message_1=to_json(thread(newer)), message_2=to_json(thread(older))))
    assert (reply.status, reply.json["format"], reply.json["report"]["lines"]) == (201, "instagram", 4)
    room = client.get("/chat-rooms", room_id=reply.json["room_id"]).json["rooms"][0]
    assert (room["my_name"], room["partner_name"]) == ("하늘", "바다")
    messages = client.get("/messages", room_id=reply.json["room_id"], order="asc").json["messages"]
    assert [message["text"] for message in messages] == ["저녁 먹었어?", "응", "잘 자", "사진"]


def test_strings_that_postgresql_does_not_take_are_stored_replaced(client):
    export = to_json(
        telegram([("바\0다", "가\ud800\0", FIRST_S), ("하늘", "응", FIRST_S), telegram_item(3, media_type="\0")])
    )
    reply = sent(client, base64.b64encode(export.encode()).decode())
    assert reply.status == 201
    messages = client.get("/messages", room_id=reply.json["room_id"], order="asc").json["messages"]
    assert (messages[0]["sender"], messages[0]["text"]) == ("바\ufffd다", "가\ufffd\ufffd")


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"message_1": "{", "a.zip": "PK"}, "unrecognised_format"),
        ({"message_1": to_json(thread([("바다", "응", FIRST_S)])), "../../message_2": "{}"}, "archive_unsafe"),
    ],
)
def test_an_archive_that_is_refused_leaves_nothing(client, members, code):
    reply = sent(client, zipped(**members))
    assert (reply.status, reply.json["code"]) == (422, code)
    assert client.get("/chat-rooms").json["rooms"] == []


def test_an_archive_sent_inline_may_hold_no_more_than_a_file_sent_inline(client):
    chat = to_json(thread([("하늘", "안녕 " * 500, FIRST_S + number) for number in range(1_000)]))
    content = zipped(message_1=chat)
    assert len(content) < 100_000
    assert sent(client, content).json["code"] == "use_upload_form"
