"""What comes around the fields: headers, origins, sizes, slowness."""

import json
import os
import select
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from chalicelib.api.request import MAX_BODY_BYTES
from tests.support.api_server import RemoteClient, served

PROJECT = Path(__file__).resolve().parents[2]
ROOM = json.dumps({"partner_name": "바다", "partner_relationship": "썸"}).encode()


@pytest.mark.parametrize("header", ["Idempotency-Key", "Accept-Language", "If-None-Match", "X-Request-Id"])
@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: stolen=1", "\x00", "x" * 10_000, "{}'\"--"])
def test_no_header_of_a_request_comes_back_in_a_reply(client, header, value):
    for method, path, body in (("GET", "/chat-rooms", None), ("POST", "/emotion-analysis", {"text": "좋아"})):
        reply = client.request(method, path, body, headers={header: value})
        assert reply.status in (200, 422)
        assert "set-cookie" not in reply.headers
        assert not any(value in kept for kept in reply.headers.values() if len(value) > 1)


ASKED_FROM_ELSEWHERE = """
import json
from chalice.test import Client
from app import app

with Client(app) as client:
    print(json.dumps([dict(client.http.get(path, headers={"Origin": "https://other.example"}).headers)
                      for path in ("/health", "/chat-rooms")]))
"""


def test_a_stage_may_narrow_who_may_ask():
    """In a process of its own: origins are read when the application is loaded."""
    environment = {**os.environ, "CORS_ALLOW_ORIGIN": "https://love-q.example"}
    command = [sys.executable, "-c", ASKED_FROM_ELSEWHERE]
    answered = subprocess.run(command, cwd=PROJECT, env=environment, check=True, capture_output=True, text=True)
    for headers in json.loads(answered.stdout.splitlines()[-1]):
        assert headers["Access-Control-Allow-Origin"] == "https://love-q.example"
        assert "Access-Control-Allow-Credentials" not in headers


@pytest.mark.parametrize("size", [MAX_BODY_BYTES + 1, 3 * MAX_BODY_BYTES])
def test_a_body_that_is_too_large_is_413_before_it_is_read(client, size):
    reply = client.post("/chat-rooms", b'{"partner_name": "' + b"a" * size + b'"}')
    assert (reply.status, reply.json["code"]) == (413, "too_large")


@pytest.mark.parametrize("depth", [33, 5_000, 200_000])
def test_a_body_that_is_too_deep_is_refused(client, depth):
    body = b'{"ai_responses": ' + b"[" * depth + b"]" * depth + b', "user_message": "x"}'
    assert client.post("/conversation-history", body).status in (400, 422)


# Slow bodies: deployed, API Gateway takes them in before it asks anybody. The local server is the one to be held up.


@pytest.fixture(scope="module")
def port(stage, tmp_path_factory):
    with served(tmp_path_factory.mktemp("served"), BODY_TIMEOUT_S="4") as port:
        yield port


@pytest.fixture
def remote(port, issuer):
    client = RemoteClient(port, issuer)
    client.give_consents()
    return client


@pytest.fixture
def began(port, remote):
    """Begins a request for a room, and sends of its body what it is told to."""
    opened = []

    def begin(body, size):
        one = socket.create_connection(("127.0.0.1", port))
        opened.append(one)
        head = f"POST /chat-rooms HTTP/1.1\r\nHost: love-q\r\nAuthorization: Bearer {remote.token}\r\n"
        one.sendall(f"{head}Content-Type: application/json\r\nContent-Length: {size}\r\n\r\n".encode() + body)
        return one

    yield begin
    for one in opened:
        one.close()


def ended(connections):
    """What the server says until it has ended each; every second one goes on sending, a blank at a time."""
    waiting, said = list(connections), []
    while waiting:
        heard, _, _ = select.select(waiting, [], [], 0.2)
        waiting = [one for one in waiting if one not in heard]
        said += [last_words(one) for one in heard]
        for one in connections[1::2]:
            if one in waiting:
                with suppress(OSError):
                    one.send(b" ")
    return said


def last_words(connection):
    try:
        return connection.recv(65536)
    except ConnectionResetError:
        # A blank was on its way when it was ended.
        return b""


@pytest.mark.timeout(60)
def test_bodies_that_do_not_come_hold_up_nobody_and_store_nothing(began, remote, port, issuer):
    """Whole rooms among them, of which more was announced: half a body is none."""
    slow = [began(body, 10_000) for body in (b"", ROOM[:20], ROOM) for _ in range(4)]
    other = RemoteClient(port, issuer)
    other.give_consents()
    for _ in range(10):
        assert other.post("/chat-rooms", json.loads(ROOM)).status == 201
    assert select.select(slow, [], [], 0)[0] == []
    assert ended(slow) == [b""] * len(slow)
    assert len(other.get("/chat-rooms").json["rooms"]) == 10
    assert remote.get("/chat-rooms").json["rooms"] == []


def test_a_body_whose_sender_hangs_up_is_none(began, remote):
    one = began(ROOM, len(ROOM) + 1)
    one.shutdown(socket.SHUT_WR)
    assert ended([one]) == [b""]
    assert remote.get("/chat-rooms").json["rooms"] == []


def test_a_body_that_comes_in_pieces_is_taken(began, remote):
    one = began(ROOM[:20], len(ROOM))
    assert remote.get("/chat-rooms").json["rooms"] == []
    one.sendall(ROOM[20:])
    assert one.recv(65536).startswith(b"HTTP/1.1 201")
    assert len(remote.get("/chat-rooms").json["rooms"]) == 1
