"""No route lets a user read, change or count another user's data, by ids in query or body."""

from __future__ import annotations

import pytest

from chalicelib.repositories.database import connect_to_url
from tests.support.client import Client

ROOM = {"partner_name": "바다", "partner_relationship": "썸"}
TURN = {"user_message": "뭐라고 하지", "ai_responses": []}
CALLER_ONLY = "the route takes no id and affects only the caller"

# Requests that another user sends with the owner's ids, by method and path.
ATTEMPTS = {
    ("GET", "/health"): CALLER_ONLY,
    ("GET", "/openapi.json"): CALLER_ONLY,
    ("GET", "/user-profile"): CALLER_ONLY,
    ("PUT", "/user-profile"): CALLER_ONLY,
    ("DELETE", "/user-profile"): CALLER_ONLY,
    ("GET", "/user-export"): CALLER_ONLY,
    ("POST", "/partner-profile"): CALLER_ONLY,
    ("GET", "/partner-profile"): [{"profile_id": "profile"}],
    ("PUT", "/partner-profile"): [{"profile_id": "profile", "name": "뺏은 이름"}],
    ("DELETE", "/partner-profile"): [{"profile_id": "profile"}],
    ("POST", "/chat-rooms"): [{**ROOM, "partner_profile_id": "profile"}],
    ("GET", "/chat-rooms"): [{"room_id": "room"}],
    ("PUT", "/chat-rooms"): [
        {"room_id": "room", "name": "뺏은 방"},
        {"room_id": "own_room", "partner_profile_id": "profile"},
    ],
    ("DELETE", "/chat-rooms"): [{"room_id": "room"}],
    ("GET", "/messages"): [{"room_id": "room"}],
    ("POST", "/process-file"): [
        {"file_content": "x", "room_id": "room"},
        {"filename": "a.txt", "size": 1, "room_id": "room"},
    ],
    ("GET", "/process-file"): [{"file_id": "file"}],
    ("POST", "/analyze-speech"): [{"room_id": "room"}],
    ("POST", "/emotion-analysis"): [{"room_id": "room"}],
    ("GET", "/emotion-analysis"): [{"room_id": "room"}],
    ("POST", "/analyze"): [{"room_id": "room"}],
    ("POST", "/conversation-history"): [{**TURN, "room_id": "room"}, {**TURN, "analysis_id": "analysis"}],
    ("PUT", "/conversation-history"): [{"conversation_id": "conversation", "feedback_rating": 1}],
    ("GET", "/conversation-history"): [{"room_id": "room"}],
}
EMPTY_NOT_MISSING = {("GET", "/conversation-history")}
CASES = [(route, fields) for route, attempts in ATTEMPTS.items() if attempts is not CALLER_ONLY for fields in attempts]


@pytest.fixture(scope="module")
def owner(app, issuer):
    """A user with one item of every kind."""
    owner = Client(app, issuer)
    owner.give_consents()
    from tests.support.exports import android

    profile = owner.post("/partner-profile", {"name": "바다", "relationship": "썸"}).json
    file = owner.send_file(android([("하늘", "안녕"), ("바다", "응")])).json
    analysis = owner.post("/analyze", {"room_id": file["room_id"]}).json
    turn = owner.post("/conversation-history", {**TURN, "room_id": file["room_id"]}).json
    owner.ids = {
        "profile": profile["profile_id"],
        "room": file["room_id"],
        "file": file["file_id"],
        "analysis": analysis["analysis_id"],
        "conversation": turn["conversation_id"],
    }
    return owner


@pytest.fixture
def everything(database_url, owner):
    """A function that reads every row of the owner."""
    connection = connect_to_url(database_url)
    tables = connection.run(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'love_q' AND column_name = 'user_id' "
        "ORDER BY table_name"
    )

    def read():
        return [
            connection.run(
                f"SELECT t.* FROM {table} t WHERE user_id = :user_id ORDER BY t::text", user_id=owner.user_id
            )
            for (table,) in tables
        ]

    yield read
    connection.close()


def test_every_route_and_method_is_in_the_table(app):
    import app as project

    assert set(ATTEMPTS) == {(operation.method, operation.path) for operation in project.api.operations}
    registered = {(method, path) for path, methods in app.routes.items() for method in methods}
    assert set(ATTEMPTS) == registered


@pytest.mark.parametrize(
    ("route", "fields"), CASES, ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
@pytest.mark.parametrize("where", ["query", "body"])
def test_another_users_ids_are_404_and_nothing_is_changed(client, owner, everything, route, fields, where):
    method, path = route
    ids = owner.ids | {"own_room": client.post("/chat-rooms", ROOM).json["room"]["room_id"]}
    fields = {name: ids.get(value, value) if isinstance(value, str) else value for name, value in fields.items()}
    before = everything()
    if method == "GET" or (where == "query" and method == "DELETE"):
        reply = client.request(method, path, **fields)
    elif where == "query" and method == "PUT":
        named = {name: value for name, value in fields.items() if name.endswith("_id")}
        reply = client.request(method, path, {k: v for k, v in fields.items() if k not in named}, **named)
    else:
        reply = client.request(method, path, fields)
    if route in EMPTY_NOT_MISSING:
        assert (reply.status, reply.json["conversations"], reply.json["total_count"]) == (200, [], 0)
    else:
        assert (reply.status, reply.json["code"]) == (404, "not_found")
    assert everything() == before
    assert client.get("/user-profile").json["credits_used"] == 0


def test_lists_and_exports_have_nothing_of_other_users(client, owner):
    export = client.get("/user-export")
    listed = [client.get(path).raw for path in ("/chat-rooms", "/partner-profile", "/conversation-history")]
    for reply in (export.raw, *listed):
        assert not any(identity in reply for identity in owner.ids.values())
