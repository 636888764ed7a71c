"""Hostile headers, origins, body sizes and slow bodies."""

from __future__ import annotations

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
def test_no_request_header_is_repeated_in_a_reply(client, header, value):
    for method, path, body in (("GET", "/chat-rooms", None), ("POST", "/emotion-analysis", {"text": "좋아"})):
        reply = client.request(method, path, body, headers={header: value})
        assert reply.status in (200, 422)
        assert "set-cookie" not in reply.headers
        assert not any(value in other for other in reply.headers.values() if len(value) > 1)


CROSS_ORIGIN_REQUESTS = """
import json
from chalice.test import Client
from app import app

with Client(app) as client:
    print(json.dumps([dict(client.http.get(path, headers={"Origin": "https://other.example"}).headers)
                      for path in ("/health", "/chat-rooms")]))
"""


def test_a_stage_can_restrict_the_allowed_origin():
    """The test needs a separate process, because the app reads the setting when it is imported."""
    environment = {**os.environ, "CORS_ALLOW_ORIGIN": "https://love-q.example"}
    command = [sys.executable, "-c", CROSS_ORIGIN_REQUESTS]
    process = subprocess.run(command, cwd=PROJECT, env=environment, check=True, capture_output=True, text=True)
    for headers in json.loads(process.stdout.splitlines()[-1]):
        assert headers["Access-Control-Allow-Origin"] == "https://love-q.example"
        assert "Access-Control-Allow-Credentials" not in headers


@pytest.mark.parametrize("size", [MAX_BODY_BYTES + 1, 3 * MAX_BODY_BYTES])
def test_a_body_over_the_limit_is_413(client, size):
    reply = client.post("/chat-rooms", b'{"partner_name": "' + b"a" * size + b'"}')
    assert (reply.status, reply.json["code"]) == (413, "too_large")


@pytest.mark.parametrize("depth", [33, 5_000, 200_000])
def test_a_body_nested_too_deep_is_refused(client, depth):
    body = b'{"ai_responses": ' + b"[" * depth + b"]" * depth + b', "user_message": "x"}'
    assert client.post("/conversation-history", body).status in (400, 422)


# Slow bodies. API Gateway reads the whole body before it calls the Lambda, so these tests concern the local server.


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
def begin(port, remote):
    """A function that begins a request to create a room, and sends the given part of its body."""
    connections = []

    def send(body, size):
        connection = socket.create_connection(("127.0.0.1", port))
        connections.append(connection)
        head = f"POST /chat-rooms HTTP/1.1\r\nHost: love-q\r\nAuthorization: Bearer {remote.token}\r\n"
        connection.sendall(f"{head}Content-Type: application/json\r\nContent-Length: {size}\r\n\r\n".encode() + body)
        return connection

    yield send
    for connection in connections:
        connection.close()


def read_until_closed(connections):
    """Return what the server sends until it closes each connection. Every second connection keeps sending blanks."""
    open_connections, received = list(connections), []
    while open_connections:
        readable, _, _ = select.select(open_connections, [], [], 0.2)
        open_connections = [connection for connection in open_connections if connection not in readable]
        received += [receive(connection) for connection in readable]
        for connection in connections[1::2]:
            if connection in open_connections:
                with suppress(OSError):
                    connection.send(b" ")
    return received


def receive(connection):
    try:
        return connection.recv(65536)
    except ConnectionResetError:
        # A blank was in transit when the server closed the connection.
        return b""


@pytest.mark.timeout(60)
def test_unfinished_bodies_block_no_other_request_and_store_nothing(begin, remote, port, issuer):
    """One of the bodies is complete JSON, but shorter than its announced length."""
    slow = [begin(body, 10_000) for body in (b"", ROOM[:20], ROOM) for _ in range(4)]
    other = RemoteClient(port, issuer)
    other.give_consents()
    for _ in range(10):
        assert other.post("/chat-rooms", json.loads(ROOM)).status == 201
    assert select.select(slow, [], [], 0)[0] == []
    assert read_until_closed(slow) == [b""] * len(slow)
    assert len(other.get("/chat-rooms").json["rooms"]) == 10
    assert remote.get("/chat-rooms").json["rooms"] == []


def test_a_body_whose_sender_hangs_up_stores_nothing(begin, remote):
    connection = begin(ROOM, len(ROOM) + 1)
    connection.shutdown(socket.SHUT_WR)
    assert read_until_closed([connection]) == [b""]
    assert remote.get("/chat-rooms").json["rooms"] == []


def test_a_body_sent_in_pieces_is_accepted(begin, remote):
    connection = begin(ROOM[:20], len(ROOM))
    assert remote.get("/chat-rooms").json["rooms"] == []
    connection.sendall(ROOM[20:])
    assert connection.recv(65536).startswith(b"HTTP/1.1 201")
    assert len(remote.get("/chat-rooms").json["rooms"]) == 1
