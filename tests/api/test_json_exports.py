"""Import of JSON exports and archives. Hostile contents are replaced or refused."""

from __future__ import annotations

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


def send(client, content):
    return client.post("/process-file", {"file_content": content, "encoding": "base64"})


def test_an_archive_of_a_thread_becomes_a_room(client):
    newer = [("바다", "잘 자", FIRST_S + 120), thread_item("하늘", at=FIRST_S + 180, photos=[{"uri": "1.jpg"}] * 2)]
    older = [("하늘", "저녁 먹었어?", FIRST_S), ("바다", "응", FIRST_S + 60)]
    reply = send(client, zipped(message_1=to_json(thread(newer)), message_2=to_json(thread(older))))
    assert (reply.status, reply.json["format"], reply.json["report"]["lines"]) == (201, "instagram", 4)
    room = client.get("/chat-rooms", room_id=reply.json["room_id"]).json["rooms"][0]
    assert (room["my_name"], room["partner_name"]) == ("하늘", "바다")
    messages = client.get("/messages", room_id=reply.json["room_id"], order="asc").json["messages"]
    assert [message["text"] for message in messages] == ["저녁 먹었어?", "응", "잘 자", "사진"]


def test_characters_that_postgresql_cannot_store_are_replaced(client):
    export = to_json(
        telegram([("바\0다", "가\ud800\0", FIRST_S), ("하늘", "응", FIRST_S), telegram_item(3, media_type="\0")])
    )
    reply = send(client, base64.b64encode(export.encode()).decode())
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
def test_a_refused_archive_stores_nothing(client, members, code):
    reply = send(client, zipped(**members))
    assert (reply.status, reply.json["code"]) == (422, code)
    assert client.get("/chat-rooms").json["rooms"] == []


def test_an_inline_archive_has_the_size_limit_of_an_inline_file(client):
    chat = to_json(thread([("하늘", "안녕 " * 500, FIRST_S + number) for number in range(1_000)]))
    content = zipped(message_1=chat)
    assert len(content) < 100_000
    assert send(client, content).json["code"] == "use_upload_form"
