"""Repeated, limited and concurrent requests."""

from __future__ import annotations

import threading

import pytest

from chalicelib.services import accounts, chat_analysis
from tests.support.exports import android

ROOM = {"partner_name": "바다", "partner_relationship": "썸"}
KEY = {"Idempotency-Key": "key-1"}


def call_concurrently(*calls):
    """Call all functions at the same moment and return their results."""
    start, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(number, call):
        start.wait(10)
        results[number] = call()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.fixture
def twins(client, app, issuer):
    """A function that makes clients of one user, one per thread: Chalice's test client is not thread-safe."""
    from tests.support.client import Client

    def make(number):
        twins = [Client(app, issuer) for _ in range(number)]
        for twin in twins:
            twin.user_id, twin.token = client.user_id, client.token
        return twins

    return make


# Idempotency-Key


POSTS = [
    ("/chat-rooms", ROOM),
    ("/partner-profile", {"name": "바다", "relationship": "썸"}),
    ("/process-file", {"file_content": android([("하늘", "안녕"), ("바다", "응")]).decode()}),
    ("/process-file", {"filename": "a.txt", "size": 10}),
    ("/conversation-history", {"user_message": "뭐라고 하지", "ai_responses": []}),
    ("/analyze", {"context": "뭐해?", "regenerate": True}),
]


@pytest.mark.parametrize(("path", "body"), POSTS)
def test_the_same_key_and_body_return_the_first_reply(client, path, body):
    first = client.post(path, body, headers=KEY)
    repeated = client.post(path, body, headers=KEY)
    assert (repeated.status, repeated.json) == (first.status, first.json)
    other = client.post(path, body, headers={"Idempotency-Key": "key-2"})
    assert other.json != first.json


def test_the_same_key_with_another_body_is_409(client):
    client.post("/chat-rooms", ROOM, headers=KEY)
    reply = client.post("/chat-rooms", {**ROOM, "name": "다른 방"}, headers=KEY)
    assert (reply.status, reply.json["code"]) == (409, "idempotency_conflict")
    reply = client.post("/partner-profile", ROOM | {"name": "a", "relationship": "b"}, headers=KEY)
    assert reply.status == 409
    assert len(client.get("/chat-rooms").json["rooms"]) == 1


def test_a_failed_request_can_be_repeated_with_its_key(client):
    assert client.post("/analyze", {"room_id": "00000000-0000-0000-0000-000000000000"}, headers=KEY).status == 404
    assert client.post("/chat-rooms", ROOM, headers=KEY).status == 201


def test_two_users_can_use_the_same_key(client, app, issuer):
    from tests.support.client import Client

    client.post("/chat-rooms", ROOM, headers=KEY)
    other = Client(app, issuer)
    assert other.post("/chat-rooms", {**ROOM, "name": "남의 방"}, headers=KEY).status == 201


@pytest.mark.parametrize("key", ["", "k" * 65])
def test_an_invalid_key_is_422(client, key):
    assert client.post("/chat-rooms", ROOM, headers={"Idempotency-Key": key}).status == 422


def test_concurrent_requests_with_one_key_create_one_room(client, twins):
    replies = call_concurrently(*(lambda twin=twin: twin.post("/chat-rooms", ROOM, headers=KEY) for twin in twins(4)))
    room_ids = {reply.json["room"]["room_id"] for reply in replies if reply.status == 201}
    assert len(room_ids) == 1
    assert {reply.json["code"] for reply in replies if reply.status != 201} <= {"request_in_progress"}
    assert len(client.get("/chat-rooms").json["rooms"]) == 1


# Limits


COSTLY = [
    ("POST", "/process-file", {"filename": "a.txt", "size": 1}),
    ("POST", "/analyze-speech", {"messages": ["안녕"]}),
    ("POST", "/emotion-analysis", {"text": "안녕"}),
    ("POST", "/analyze", {"context": "뭐해?"}),
    ("POST", "/partner-profile", {"name": "바다", "relationship": "썸"}),
]


def test_the_costly_operations_have_quotas_and_those_of_one_path_share_one(app):
    import app as project

    quotas = {(operation.method, operation.path): operation.quota for operation in project.api.operations}
    costly = {(method, path) for method, path, _ in COSTLY} | {("PUT", "/partner-profile")}
    assert {operation: quota for operation, quota in quotas.items() if quota} == {
        (method, path): path for method, path in costly
    }


def test_the_users_export_counts_requests_by_route(client):
    for method, path, body in COSTLY:
        client.request(method, path, body)
    counts = client.get("/user-export").json["request_counts"]
    assert {count["route"] for count in counts} == {path for _, path, _ in COSTLY}


@pytest.mark.parametrize(("method", "path", "body"), COSTLY)
def test_a_request_beyond_the_limit_of_the_minute_is_429(client, stage, monkeypatch, method, path, body):
    monkeypatch.setattr(accounts, "settings", lambda: stage.model_copy(update={"requests_a_minute": 2}))
    statuses = [client.request(method, path, body).status for _ in range(3)]
    if statuses[-1] != 429:  # the minute was over in between
        statuses = [client.request(method, path, body).status for _ in range(3)]
    assert statuses[-1] == 429
    reply = client.request(method, path, body)
    assert reply.json["code"] == "too_many_requests"
    assert 0 < int(reply.headers["retry-after"]) <= 60


def test_concurrent_requests_spend_the_last_credit_once(client, twins, stage, monkeypatch):
    monkeypatch.setattr(chat_analysis, "settings", lambda: stage.model_copy(update={"daily_credits": 3}))
    calls = [lambda twin=twin, n=n: twin.post("/analyze", {"context": f"상대: {n}"}) for n, twin in enumerate(twins(6))]
    statuses = sorted(reply.status for reply in call_concurrently(*calls))
    assert statuses == [200] * 3 + [429] * 3
    assert client.get("/user-profile").json["credits_used"] == 3


# Races


def test_concurrent_first_requests_create_one_account(app, issuer):
    from tests.support.client import Client

    one, two = Client(app, issuer), Client(app, issuer)
    two.user_id, two.token = one.user_id, one.token
    first, second = call_concurrently(lambda: one.get("/user-profile"), lambda: two.get("/user-profile"))
    assert (first.status, second.status) == (200, 200)
    assert first.json["created_at"] == second.json["created_at"]


def test_concurrent_requests_erase_a_room_once(client, twins):
    room_id = client.post("/chat-rooms", ROOM).json["room"]["room_id"]
    replies = call_concurrently(
        *(lambda twin=twin: twin.request("DELETE", "/chat-rooms", {"room_id": room_id}) for twin in twins(4))
    )
    assert sorted(reply.status for reply in replies) == [200, 404, 404, 404]


def test_concurrent_changes_are_both_kept(client, twins):
    room_id = client.post("/chat-rooms", ROOM).json["room"]["room_id"]
    one, two = twins(2)
    replies = call_concurrently(
        lambda: one.put("/chat-rooms", {"room_id": room_id, "name": "우리"}),
        lambda: two.put("/chat-rooms", {"room_id": room_id, "partner_relationship": "연인"}),
    )
    assert [reply.status for reply in replies] == [200, 200]
    room = client.get("/chat-rooms", room_id=room_id).json["rooms"][0]
    assert (room["name"], room["partner_relationship"]) == ("우리", "연인")


def test_concurrent_imports_into_one_room_lose_no_message(client, twins):
    lines = [("하늘" if number % 3 else "바다", f"{number}번째") for number in range(40)]
    room_id = client.send_file(android(lines[:10])).json["room_id"]
    one, two = twins(2)
    replies = call_concurrently(
        lambda: one.send_file(android(lines[:30]), room_id=room_id),
        lambda: two.send_file(android(lines), room_id=room_id),
    )
    assert [reply.status for reply in replies] == [201, 201]
    messages = client.get("/messages", room_id=room_id, order="asc", limit=200).json["messages"]
    assert [message["text"] for message in messages] == [text for _, text in lines]


def test_concurrent_imports_of_one_file_store_it_once(client, twins):
    content = android([("하늘", "안녕"), ("바다", "응")])
    room_id = client.post("/chat-rooms", ROOM).json["room"]["room_id"]
    replies = call_concurrently(*(lambda twin=twin: twin.send_file(content, room_id=room_id) for twin in twins(3)))
    assert {reply.status for reply in replies} == {201}
    assert client.get("/chat-rooms", room_id=room_id).json["rooms"][0]["message_count"] == 2
    assert len(client.get("/messages", room_id=room_id).json["messages"]) == 2
