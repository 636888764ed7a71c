"""The number of statements that each route sends. A read sends one, a write as few as possible."""

from __future__ import annotations

import json

import pytest

from tests.support.exports import android

ROOM = {"partner_name": "바다", "partner_relationship": "썸"}
TURN = {"user_message": "뭐라고 하지", "ai_responses": []}
CHAT = android([("하늘", "안녕"), ("바다", "나 오늘 힘들었어ㅠㅠ")])

# The statements of a route that writes:
#   account  lock the account, so that it cannot be erased in the meantime
#   check    account, count the request, read profile and consents
STATEMENTS = {
    ("GET", "/health"): 0,
    ("GET", "/openapi.json"): 0,
    ("GET", "/user-profile"): 1,
    ("PUT", "/user-profile"): 4,  # account, read, write users, write user_profiles
    ("GET", "/user-export"): 9,  # profile, seven tables, messages
    ("POST", "/partner-profile"): 5,  # check, account, insert
    ("GET", "/partner-profile"): 1,
    ("PUT", "/partner-profile"): 7,  # check, read, its room, account, write
    ("DELETE", "/partner-profile"): 3,  # account, rooms that name it, erase
    ("POST", "/chat-rooms"): 2,  # account, insert
    ("GET", "/chat-rooms"): 1,
    ("PUT", "/chat-rooms"): 3,  # account, read, write
    ("GET", "/messages"): 1,
    ("GET", "/process-file"): 1,
    ("POST", "/analyze-speech"): 3,  # check
    ("POST", "/emotion-analysis"): 3,  # check
    ("GET", "/emotion-analysis"): 1,
    ("POST", "/analyze"): 10,  # check, room, stored answer?, account, credit, messages, account, insert
    ("POST", "/conversation-history"): 3,  # consents, account, insert
    ("PUT", "/conversation-history"): 2,  # account, write
    ("GET", "/conversation-history"): 1,
    # An upload: check, account, insert. An inline import: check, account, stored file?, insert; then the
    # room, account and messages, account, room and file.
    ("POST", "/process-file"): 5,
    # One statement per table and batch, so these two grow with the stored rows: here one room with one import.
    ("DELETE", "/chat-rooms"): 9,
    ("DELETE", "/user-profile"): 17,
}


@pytest.fixture
def ids(client):
    file = client.send_file(CHAT).json
    return {
        "room_id": file["room_id"],
        "file_id": file["file_id"],
        "profile_id": client.post("/partner-profile", {"name": "바다", "relationship": "썸"}).json["profile_id"],
        "conversation_id": client.post("/conversation-history", TURN).json["conversation_id"],
    }


def request_of(route, ids):
    """Return a typical request of the route: a query for GET, otherwise a body."""
    bodies = {
        ("POST", "/partner-profile"): {"name": "바다", "relationship": "썸"},
        ("PUT", "/partner-profile"): {"profile_id": ids["profile_id"], "age": 20},
        ("DELETE", "/partner-profile"): {"profile_id": ids["profile_id"]},
        ("POST", "/chat-rooms"): ROOM,
        ("PUT", "/chat-rooms"): {"room_id": ids["room_id"], "name": "우리"},
        ("DELETE", "/chat-rooms"): {"room_id": ids["room_id"]},
        ("GET", "/chat-rooms"): {"room_id": ids["room_id"]},
        ("GET", "/messages"): {"room_id": ids["room_id"]},
        ("GET", "/process-file"): {"file_id": ids["file_id"]},
        ("GET", "/emotion-analysis"): {"room_id": ids["room_id"]},
        ("GET", "/partner-profile"): {"profile_id": ids["profile_id"]},
        ("POST", "/process-file"): {"filename": "a.txt", "size": 1},
        ("POST", "/analyze-speech"): {"messages": ["안녕"]},
        ("POST", "/emotion-analysis"): {"text": "안녕"},
        ("POST", "/analyze"): {"room_id": ids["room_id"]},
        ("POST", "/conversation-history"): TURN,
        ("PUT", "/conversation-history"): {"conversation_id": ids["conversation_id"], "feedback_rating": 4},
        ("PUT", "/user-profile"): {"username": "하늘"},
    }
    fields = bodies.get(route, {})
    return {"query": fields} if route[0] == "GET" else {"body": fields}


def statements(client, logs, route, body=None, query=None):
    before = len(logs().splitlines())
    reply = client.request(*route, body, **(query or {}))
    assert reply.status in (200, 201), reply
    (line,) = (json.loads(line) for line in logs().splitlines()[before:] if '"message":"request"' in line)
    return line["queries"]


def test_every_route_is_in_the_table(app):
    import app as project

    assert set(STATEMENTS) == {(operation.method, operation.path) for operation in project.api.operations}


@pytest.mark.parametrize("route", STATEMENTS, ids=" ".join)
def test_a_route_sends_this_number_of_statements(client, ids, logs, route):
    assert statements(client, logs, route, **request_of(route, ids)) == STATEMENTS[route]


def test_a_list_takes_one_statement(client, ids, logs):
    for path in ("/chat-rooms", "/partner-profile", "/conversation-history"):
        assert statements(client, logs, ("GET", path)) == 1


def test_an_inline_import_sends_eleven_statements(client, logs):
    body = {"file_content": android([("하늘", "하나"), ("바다", "둘")]).decode()}
    assert statements(client, logs, ("POST", "/process-file"), body=body) == 11


def test_an_import_of_five_thousand_messages_sends_twenty_statements(client, logs):
    lines = [("하늘" if number % 2 else "바다", f"{number}번째 말") for number in range(5_000)]
    body = {"file_content": android(lines).decode()}
    assert statements(client, logs, ("POST", "/process-file"), body=body) == 20


def test_a_stored_answer_sends_no_writing_statement_after_the_check(client, ids, logs):
    request = {"body": {"room_id": ids["room_id"]}}
    statements(client, logs, ("POST", "/analyze"), **request)
    assert statements(client, logs, ("POST", "/analyze"), **request) == 5
