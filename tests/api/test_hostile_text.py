"""Every text is stored unchanged or refused, and never causes a 500."""

from __future__ import annotations

import json

import pytest

TEXTS = {
    "right to left": "\u202e하늘\u200f שלום مرحبا",
    "emoji": "👩‍❤️‍💋‍👩" * 9,
    "sql": "'; DROP TABLE love_q.users; --",
    "placeholder": ":user_id %s $1 {0} \\x41",
    "html": "<script>alert(1)</script>",
    "json": '{"a": ["\\u0041"]}',
    "controls": "\x01\x02\x1b[31m\t\r\n",
    "combining": "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢",
    "jamo": "\u1112\u1161\u11ab ㅋㅠ",
    "private": "\ue000\uf8ff\U000f0000",
    "noncharacters": "\ufffe\uffff",
    "spaces": "  \u3000\u00a0 ",
}
UNSTORABLE = {"nul": "a\x00b", "lone surrogate": "\ud800", "reversed pair": "\udc00\ud800"}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_is_stored_unchanged(client, text):
    room = client.post("/chat-rooms", {"partner_name": text, "partner_relationship": text, "name": text}).json["room"]
    assert (room["partner_name"], room["partner_relationship"], room["name"]) == (text,) * 3
    assert client.get("/chat-rooms", room_id=room["room_id"]).json["rooms"][0]["name"] == text
    partner = client.post("/partner-profile", {"name": text, "relationship": text, "description": text}).json
    assert client.get("/partner-profile").json["profiles"][0]["description"] == text
    assert partner["profile"]["name"] == text
    turn = {"user_message": text, "ai_responses": [{"message": text, text: [text]}], "context_text": text}
    assert client.post("/conversation-history", turn).status == 201
    stored = client.get("/conversation-history").json["conversations"][0]
    assert {name: stored[name] for name in turn} == turn
    assert client.put("/user-profile", {"username": text}).json["username"] == text


@pytest.mark.parametrize("text", UNSTORABLE.values(), ids=UNSTORABLE)
def test_every_field_refuses_a_text_that_cannot_be_stored(client, text):
    raw = [
        ("POST", "/chat-rooms", {"partner_name": text, "partner_relationship": "썸"}),
        ("POST", "/partner-profile", {"name": "a", "relationship": "b", "interests": [text]}),
        ("POST", "/conversation-history", {"user_message": "a", "ai_responses": [{"a": {"b": [text]}}]}),
        ("POST", "/conversation-history", {"user_message": "a", "ai_responses": [{text: 1}]}),
        ("POST", "/analyze", {"context": text}),
        ("POST", "/analyze-speech", {"messages": ["안녕", text]}),
        ("POST", "/emotion-analysis", {"text": text}),
        ("POST", "/process-file", {"filename": text, "size": 1}),
        ("PUT", "/user-profile", {"username": text}),
    ]
    for method, path, body in raw:
        reply = client.request(method, path, json.dumps(body).encode())
        assert (reply.status, reply.json["errors"][0]["message"][:3]) == (422, "저장할"), path


@pytest.mark.parametrize("text", [*TEXTS.values(), "가" * 10_000, "😀" * 10_000, "ㅋ" * 9_999, "(" * 10_000])
def test_any_text_can_be_analysed(client, text):
    assert client.post("/analyze-speech", {"messages": [text] * 6}).status == 200
    assert client.post("/emotion-analysis", {"text": text}).status == 200
    question = {"context": text[:4_000], "situation": text[:2_000], "goal": text[:2_000], "draft": text[:2_000]}
    assert client.post("/analyze", question).status == 200


@pytest.mark.parametrize("levels", [31, 33, 900])
def test_nested_json_has_a_maximum_depth(client, levels):
    value = "x"
    for _ in range(levels - 1):
        value = [value]
    reply = client.post("/conversation-history", {"user_message": "a", "ai_responses": [{"a": value}]})
    assert reply.status == (201 if levels < 32 else 422), levels
    if reply.status == 422:
        assert reply.json["errors"] == [{"field": "ai_responses", "message": "32단계까지만 중첩할 수 있어요."}]


def test_a_name_of_ten_thousand_emoji_is_refused(client):
    reply = client.post("/chat-rooms", {"partner_name": "😀" * 10_000, "partner_relationship": "썸"})
    assert (reply.status, reply.json["errors"][0]["field"]) == (422, "partner_name")


@pytest.mark.parametrize("value", ["' OR 1=1 --", "\x00", "😀", "../..", "%00", "a" * 5_000])
def test_an_invalid_id_or_cursor_is_404_or_422(client, value):
    for path, name in [
        ("/chat-rooms", "room_id"),
        ("/chat-rooms", "cursor"),
        ("/messages", "room_id"),
        ("/process-file", "file_id"),
        ("/partner-profile", "profile_id"),
        ("/partner-profile", "cursor"),
        ("/conversation-history", "cursor"),
        ("/emotion-analysis", "room_id"),
    ]:
        assert client.get(path, **{name: value}).status in (404, 422), (path, name)
