"""Behaviour that all routes share: bodies, problems, languages, caching, CORS and log lines."""

from __future__ import annotations

import json

import pytest

from chalicelib.services import health

ROOM = {"partner_name": "바다", "partner_relationship": "썸"}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "unreadable_body"),
        (b"{", 400, "unreadable_body"),
        (b"\xff\xfe", 400, "unreadable_body"),
        (b"[" * 100_000, 400, "unreadable_body"),
        (b"[]", 422, "invalid_field"),
        (b'"text"', 422, "invalid_field"),
        (b"null", 422, "invalid_field"),
        (b"{}", 422, "invalid_field"),
        (b'{"partner_name": 7, "partner_relationship": "\xec\x8d\xb8"}', 422, "invalid_field"),
        (b'{"partner_name": ["a"], "partner_relationship": "b"}', 422, "invalid_field"),
        (b'{"partner_name": "", "partner_relationship": "b"}', 422, "invalid_field"),
        (b'{"partner_name": "a\\u0000b", "partner_relationship": "b"}', 422, "invalid_field"),
        (b'{"partner_name": "\\ud800", "partner_relationship": "b"}', 422, "invalid_field"),
    ],
)
def test_an_invalid_body_is_refused(client, body, status, code):
    reply = client.post("/chat-rooms", body)
    assert (reply.status, reply.json["code"]) == (status, code)
    assert client.get("/chat-rooms").json["rooms"] == []


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999"])
def test_an_invalid_json_number_is_400(client, number):
    body = b'{"partner_name": "a", "partner_relationship": "b", "x": ' + number + b"}"
    assert client.post("/chat-rooms", body).json["code"] == "unreadable_body"


def test_an_integer_can_have_a_decimal_point(client):
    body = b'{"name": "a", "relationship": "b", "age": 36.0}'
    assert client.post("/partner-profile", body).json["profile"]["age"] == 36
    assert client.post("/partner-profile", body.replace(b"36.0", b"36.5")).status == 422


def test_a_backslash_with_digits_is_ordinary_text(client):
    name = "\\u0000 \\ud800"
    reply = client.post("/chat-rooms", {**ROOM, "partner_name": name})
    assert reply.json["room"]["partner_name"] == name


def test_an_invalid_field_is_named_in_the_users_language(client):
    body = {"partner_name": "a" * 101, "partner_relationship": 7}
    korean = client.post("/chat-rooms", body).json
    english = client.post("/chat-rooms", body, headers={"Accept-Language": "en-US,en;q=0.9,ko;q=0.5"}).json
    assert korean["errors"] == [
        {"field": "partner_name", "message": "100자까지 쓸 수 있어요."},
        {"field": "partner_relationship", "message": "문자열이어야 해요."},
    ]
    assert [error["message"] for error in english["errors"]] == [
        "may have at most 100 characters.",
        "must be a string.",
    ]
    assert english["detail"] == english["error"] == "A field is invalid."


def test_an_error_is_a_problem_with_cors_and_a_request_id(stranger):
    reply = stranger.get("/chat-rooms", headers={"Authorization": None})
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["access-control-expose-headers"] == "ETag,Retry-After,X-Request-Id"
    assert reply.headers["cache-control"] == "no-store"
    assert reply.json["request_id"] == reply.headers["x-request-id"]
    assert set(reply.json) == {"type", "title", "status", "detail", "error", "code", "request_id"}


def test_an_unsupported_method_is_a_problem_with_the_allowed_methods(client):
    reply = client.request("PATCH", "/chat-rooms", {})
    assert (reply.status, reply.json["code"]) == (405, "method_not_allowed")
    assert set(reply.headers["allow"].split(", ")) == {"GET", "POST", "PUT", "DELETE"}
    assert reply.headers["access-control-allow-origin"] == "*"


def test_a_content_type_other_than_json_is_415(client):
    reply = client.post("/chat-rooms", b"partner_name=a", headers={"Content-Type": "text/plain"})
    assert (reply.status, reply.json["code"]) == (415, "unsupported_media_type")


def test_a_content_type_can_have_a_charset(client):
    reply = client.post("/chat-rooms", ROOM, headers={"Content-Type": "Application/JSON; charset=utf-8"})
    assert reply.status == 201


def test_a_get_request_can_have_any_content_type(client):
    assert client.get("/chat-rooms", headers={"Content-Type": "text/plain"}).status == 200


@pytest.mark.parametrize("where", ["query", "body"])
def test_the_id_of_a_changed_item_can_be_in_query_or_body(client, where):
    room_id = client.post("/chat-rooms", ROOM).json["room"]["room_id"]
    if where == "query":
        reply = client.request("PUT", "/chat-rooms", {"name": "우리"}, room_id=room_id)
    else:
        reply = client.put("/chat-rooms", {"name": "우리", "room_id": room_id})
    assert (reply.status, reply.json["room"]["name"]) == (200, "우리")


@pytest.mark.parametrize("where", ["query", "body"])
def test_another_users_user_id_is_403(client, where):
    if where == "query":
        reply = client.get("/chat-rooms", user_id="somebody-else")
    else:
        reply = client.post("/chat-rooms", {**ROOM, "user_id": "somebody-else"})
    assert (reply.status, reply.json["code"]) == (403, "user_mismatch")


def test_the_callers_own_user_id_is_accepted(client):
    assert client.post("/chat-rooms", {**ROOM, "user_id": client.user_id}).status == 201


def test_a_large_body_is_413(client):
    body = {**ROOM, "name": "가" * 600_000}
    reply = client.post("/chat-rooms", body)
    assert (reply.status, reply.json["code"]) == (413, "too_large")


def test_an_unchanged_reply_is_304(client):
    first = client.get("/chat-rooms")
    repeated = client.get("/chat-rooms", headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
    assert (repeated.status, repeated.raw) == (304, "")
    assert repeated.headers["etag"] == first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    client.post("/chat-rooms", ROOM)
    assert client.get("/chat-rooms", headers={"If-None-Match": first.headers["etag"]}).status == 200


@pytest.mark.parametrize("query", [{"limit": "many"}, {"limit": 0}, {"limit": 201}, {"offset": -1}, {"cursor": "x"}])
def test_an_invalid_page_request_is_422(client, query):
    assert client.get("/chat-rooms", **query).status == 422


def test_health_needs_no_token(stranger):
    reply = stranger.get("/health", headers={"Authorization": None})
    assert reply.json == {"status": "ok", "stage": "test", "version": "0.1.0", "checks": None}


def test_the_deep_health_check_needs_a_token_and_checks_each_dependency(stranger):
    assert stranger.get("/health", headers={"Authorization": None}, deep="true").json["checks"] is None
    health.reset()
    checked = stranger.get("/health", deep="true").json
    assert checked["status"] == "ok"
    assert {name: part["status"] for name, part in checked["checks"].items()} == {
        "database": "ok",
        "bucket": "ok",
        "bedrock": "off",
        "comprehend": "off",
    }
    assert checked["checks"]["database"]["latency_ms"] >= 0
    assert stranger.get("/health", headers={"Authorization": "Bearer nonsense"}, deep="true").status == 401


def test_dependencies_are_checked_at_most_once_a_minute():
    calls, clock = [], [0.0]
    checks = health.CheckCache(clock=lambda: clock[0])
    parts = {"database": lambda: calls.append(1), "bucket": _refuse, "bedrock": None}
    for seconds, times in ((0, 1), (59, 1), (60, 2)):
        clock[0] = float(seconds)
        assert {name: part.status for name, part in checks.latest(parts).items()} == {
            "database": "ok",
            "bucket": "down",
            "bedrock": "off",
        }
        assert len(calls) == times


def _refuse():
    raise ConnectionRefusedError


def test_a_request_writes_one_log_line_without_its_text(client, logs):
    client.post("/chat-rooms", {**ROOM, "name": "canary-4711"})
    client.post("/chat-rooms", {**ROOM, "name": ["canary-4711"]})
    lines = [json.loads(line) for line in logs().splitlines()]
    created, _, refused = lines
    assert (created["route"], created["method"], created["status"], created["queries"]) == (
        "/chat-rooms",
        "POST",
        201,
        2,
    )
    assert refused["status"] == 422
    assert "canary" not in logs()
    assert client.user_id not in logs()


def test_a_bug_is_a_500_without_details_and_is_logged_with_its_place(client, logs, monkeypatch):
    import app

    def broken(*_):
        raise ZeroDivisionError("canary-4711")

    monkeypatch.setattr(app.rooms, "page", broken)
    reply = client.get("/chat-rooms")
    assert (reply.status, reply.json["code"]) == (500, "internal_error")
    failed = json.loads(logs().splitlines()[0])
    assert failed["error"] == "ZeroDivisionError"
    assert "test_endpoint.py" in failed["where"][-1]
    assert "canary" not in logs() + reply.raw
