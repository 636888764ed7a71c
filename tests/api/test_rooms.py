"""Chat rooms, their messages and their pages."""

from __future__ import annotations

import pytest

from chalicelib.services import chat_import
from tests.support.exports import android

BADA = {"partner_name": "바다", "partner_relationship": "썸"}


def test_a_room_is_created_and_listed(client):
    created = client.post("/chat-rooms", {**BADA, "name": "설렘"})
    room = created.json["room"]
    assert created.status == 201
    assert created.json["message"]
    assert room["id"] == room["room_id"]
    assert (room["name"], room["partner_name"], room["message_count"]) == ("설렘", "바다", 0)
    details = client.get("/chat-rooms", room_id=room["room_id"]).json["rooms"][0]
    assert (details["statistics"], details["files"]) == (None, [])
    assert client.get("/chat-rooms").json == {"rooms": [room], "next_cursor": None}


def test_a_room_is_changed_field_by_field(client):
    room = client.post("/chat-rooms", BADA).json["room"]
    body = {"room_id": room["room_id"], "partner_relationship": "연인", "last_message": "안녕", "message_count": 3}
    changed = client.put("/chat-rooms", body).json["room"]
    assert changed["partner_name"] == "바다"
    assert (changed["partner_relationship"], changed["last_message"], changed["message_count"]) == ("연인", "안녕", 3)


def test_a_request_cannot_overwrite_imported_figures(client):
    file = client.send_file(android([("하늘", "안녕"), ("바다", "응")])).json
    body = {"room_id": file["room_id"], "last_message": "딴말", "message_count": 99}
    room = client.put("/chat-rooms", body).json["room"]
    assert (room["last_message"], room["message_count"]) == ("응", 2)


@pytest.mark.parametrize("room_id", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_room_is_404(client, room_id):
    assert client.get("/chat-rooms", room_id=room_id).status == 404
    assert client.put("/chat-rooms", {"room_id": room_id, "name": "a"}).status == 404
    assert client.get("/messages", room_id=room_id).status == 404
    assert client.post("/analyze", {"room_id": room_id}).status == 404
    assert client.post("/analyze-speech", {"room_id": room_id}).status == 404


def test_pages_neither_skip_nor_repeat_while_rooms_are_added(client):
    names = [f"방 {number}" for number in range(7)]
    for name in names:
        client.post("/chat-rooms", {**BADA, "name": name})
    seen, cursor = [], None
    while True:
        page = client.get("/chat-rooms", limit=3, **({"cursor": cursor} if cursor else {})).json
        seen += [room["name"] for room in page["rooms"]]
        client.post("/chat-rooms", {**BADA, "name": "나중에 온 방"})
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == names[::-1]


def test_a_page_by_offset_is_empty_beyond_the_end(client):
    for number in range(3):
        client.post("/chat-rooms", {**BADA, "name": str(number)})
    assert [room["name"] for room in client.get("/chat-rooms", offset=1).json["rooms"]] == ["1", "0"]
    assert client.get("/chat-rooms", offset=50).json == {"rooms": [], "next_cursor": None}


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_messages_are_paged_in_either_order(client, order):
    lines = [("하늘" if number % 2 else "바다", f"{number}") for number in range(25)]
    file = client.send_file(android(lines)).json
    seen, cursor = [], None
    while True:
        query = {"room_id": file["room_id"], "order": order, "limit": 10}
        page = client.get("/messages", **query, **({"cursor": cursor} if cursor else {})).json
        seen += page["messages"]
        if (cursor := page["next_cursor"]) is None:
            break
    texts = [text for _, text in lines]
    assert [message["text"] for message in seen] == (texts if order == "asc" else texts[::-1])
    assert {message["role"] for message in seen} == {"me", "partner"}
    assert set(seen[0]) == {"message_id", "sender", "role", "kind", "text", "sent_at", "expires_at"}


def test_only_the_latest_messages_are_stored_and_all_are_counted(client, stage, monkeypatch):
    monkeypatch.setattr(chat_import, "settings", lambda: stage.model_copy(update={"kept_messages": 10}))
    file = client.send_file(android([("하늘", f"{number}") for number in range(25)])).json
    assert (file["messages_count"], file["kept_messages"]) == (25, 10)
    messages = client.get("/messages", room_id=file["room_id"], limit=200).json["messages"]
    assert [message["text"] for message in messages] == [f"{number}" for number in range(24, 14, -1)]
    room = client.get("/chat-rooms", room_id=file["room_id"]).json["rooms"][0]
    assert room["message_count"] == room["statistics"]["participants"][0]["messages"] == 25


def test_statistics_follow_the_users_name_in_the_room(client):
    chat = android(
        [("하늘", "안녕"), ("바다", "응")] * 4 + [("바다", "자?")], title="모임 2 카카오톡 대화", minutes=400
    )
    room_id = client.send_file(chat).json["room_id"]
    figures = client.get("/chat-rooms", room_id=room_id).json["rooms"][0]["statistics"]
    assert {person["role"] for person in figures["participants"]} == {"other"}
    assert {week["initiation_share"] for week in figures["weekly"]} == {None}
    client.put("/chat-rooms", {"room_id": room_id, "my_name": "바다"})
    figures = client.get("/chat-rooms", room_id=room_id).json["rooms"][0]["statistics"]
    assert {person["name"]: person["role"] for person in figures["participants"]} == {"하늘": "partner", "바다": "me"}
    begun = sum(person["initiations"] for person in figures["participants"])
    (mine,) = (person["initiations"] for person in figures["participants"] if person["role"] == "me")
    shares = [week["initiation_share"] for week in figures["weekly"]]
    assert min(shares) <= mine / begun <= max(shares)
