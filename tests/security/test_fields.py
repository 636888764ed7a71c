"""Hostile texts in every string field of every route."""

from __future__ import annotations

import copy
import json

import pytest

from chalicelib.repositories.database import connect_to_url
from chalicelib.settings import settings
from tests.support.exports import android

CANARY = "canary4711"
HOSTILE = [
    "'; DROP TABLE users; --",
    "' OR '1'='1",
    '"; DELETE FROM messages; --',
    "\\'; SELECT pg_sleep(5); --",
    ":user_id $1 %s {0} ${jndi:ldap://127.0.0.1/x}",
    "a\r\nSet-Cookie: stolen=1",
    'a\n{"level":"ERROR","message":"forged"}',
    "<script>alert(1)</script>",
    "../../../etc/passwd",
    "\u202egnp.exe\u200b",
]
CREATED = {
    "room_id": ("/chat-rooms", {"partner_name": "바다", "partner_relationship": "썸"}),
    "profile_id": ("/partner-profile", {"name": "바다", "relationship": "썸"}),
    "conversation_id": ("/conversation-history", {"user_message": "뭐라고 하지", "ai_responses": []}),
}
# Fields that the documented examples omit.
MORE = {
    "/analyze": {
        "situation": "싸웠어요",
        "draft": "미안해",
        "partner_info": {
            "name": "바다",
            "relationship": "썸",
            "description": "조용해요",
            "personality": "다정해요",
            "interests": "영화",
            "communication_style": "짧게",
        },
    },
    "/partner-profile": {"personality": "다정해요", "mbti": "INFP", "communication_style": "짧게"},
    "/chat-rooms": {"name": "바다랑", "partner_name": "바다", "my_name": "하늘", "last_message": "안녕"},
    "/conversation-history": {
        "partner_name": "바다",
        "partner_relationship": "썸",
        "session_id": "하나",
        "context_text": "안녕",
        "selected_response_type": "안전형",
        "selected_response": "응",
        "feedback_comment": "좋아요",
    },
    "/process-file": {"file_type": "txt", "filename": "a.txt", "my_name": "하늘", "timezone": "Asia/Seoul"},
}


def operations():
    import app
    from chalicelib.api.openapi.document import build

    paths = build(app.api.operations)["paths"]
    for path, methods in paths.items():
        for method, operation in methods.items():
            if method not in ("post", "put"):
                continue
            example = operation["requestBody"]["content"]["application/json"].get("example")
            if example:
                yield method.upper(), path, MORE.get(path, {}) | example


def string_paths(value, at=()):
    """Yield the path of every string in a JSON value."""
    if isinstance(value, str):
        yield at
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from string_paths(inner, (*at, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from string_paths(inner, (*at, index))


def with_text(example, at, text):
    """Return the example with another text at one path."""
    changed = copy.deepcopy(example)
    inner = changed
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = text
    return changed


@pytest.fixture(scope="module")
def string_fields(app):
    """Every string field of every body: (method, path, example, path of the field)."""
    fields = [
        (method, path, example, field_path)
        for method, path, example in operations()
        for field_path in string_paths(example)
    ]
    assert len(fields) > 70
    assert {path for _, path, _, _ in fields} >= {"/analyze", "/process-file", "/user-profile", "/conversation-history"}
    return fields


@pytest.fixture
def unlimited(stage, monkeypatch):
    """A stage without limits of requests."""
    monkeypatch.setenv("REQUESTS_A_MINUTE", "1000000")
    monkeypatch.setenv("DAILY_CREDITS", "1000000")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def with_own_ids(client):
    """A function that puts ids of the user's own items into an example."""
    ids = {}
    for name, (path, body) in CREATED.items():
        reply = client.post(path, body).json
        ids[name] = reply.get(name) or reply["room"][name]

    def of(example):
        return {key: ids.get(key, value) for key, value in example.items()}

    return of


def is_answered(reply):
    """Return whether the request was accepted or refused for its content: neither throttled nor failed."""
    return reply.status < 500 and reply.status != 429


def test_no_log_metric_or_error_has_the_text_of_a_field(client, with_own_ids, unlimited, string_fields, logs, capfd):
    for method, path, example, field_path in string_fields:
        reply = client.request(method, path, with_text(with_own_ids(example), field_path, CANARY))
        assert is_answered(reply), (method, path, field_path)
        if reply.status >= 400:
            assert CANARY not in reply.raw, (method, path, field_path)
    output = capfd.readouterr()
    assert "request" in logs()
    for text in (logs(), output.out, output.err):
        assert CANARY not in text


def test_no_log_or_metric_has_the_text_of_a_chat(client, logs, capfd):
    chat = android([("하늘", f"{CANARY} 안녕"), (CANARY, "응")], title=f"{CANARY} 님과 카카오톡 대화")
    room_id = client.send_file(chat, filename=f"{CANARY}.txt", my_name="하늘").json["room_id"]
    for path in ("/analyze", "/analyze-speech", "/emotion-analysis"):
        client.post(path, {"room_id": room_id})
    output = capfd.readouterr()
    assert not any(CANARY in text for text in (logs(), output.out, output.err))


def test_hostile_texts_are_neither_executed_nor_cause_errors(
    client, with_own_ids, unlimited, string_fields, database_url, logs
):
    before = tables(database_url)
    for method, path, example, field_path in string_fields:
        for text in HOSTILE:
            reply = client.request(method, path, with_text(with_own_ids(example), field_path, text))
            assert is_answered(reply), (method, path, field_path, text)
            assert "set-cookie" not in reply.headers
    assert tables(database_url) == before
    lines = [json.loads(line) for line in logs().splitlines()]
    assert not any(line["message"] == "forged" for line in lines)


def tables(database_url):
    connection = connect_to_url(database_url)
    names = connection.run("SELECT table_name FROM information_schema.tables WHERE table_schema = 'love_q'")
    users = connection.run("SELECT count(*) > 0 FROM love_q.users")
    connection.close()
    return sorted(name for (name,) in names), users


def test_a_request_cannot_set_internal_columns(client):
    """Mass assignment: columns that are not fields of a request."""
    room = client.post(
        "/chat-rooms",
        {
            "partner_name": "바다",
            "partner_relationship": "썸",
            "statistics": {"people": {}},
            "generation": "8b3b4026-a203-438a-ad11-540cb4b63bad",
            "version": 9,
            "created_at": "2001-01-01T00:00:00+00:00",
            "platform": "forged",
        },
    ).json["room"]
    assert (room["platform"], room["created_at"] > "2026") == (None, True)
    profile = client.put("/user-profile", {"credits_used": -100, "email": "a@b.c", "total_messages": 9}).json
    assert (profile["credits_used"], profile["total_messages"]) == (0, 0)
    assert profile["email"] != "a@b.c"


def test_every_reply_has_the_security_headers(client, stranger):
    replies = [
        client.get("/health"),
        client.get("/chat-rooms"),
        client.post("/chat-rooms", {}),
        client.request("PATCH", "/chat-rooms", {}),
        stranger.get("/user-profile", headers={"Authorization": None}),
    ]
    assert [reply.status for reply in replies] == [200, 200, 422, 405, 401]
    for reply in replies:
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in reply.headers["content-security-policy"]
        assert reply.headers["referrer-policy"] == "no-referrer"
        assert reply.headers["strict-transport-security"].startswith("max-age=31536000")
