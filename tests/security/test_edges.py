"""What comes around the fields: headers, origins, sizes, slowness."""

import pytest
from chalice.app import CORSConfig

from chalicelib.api.endpoint import MAX_BODY
from chalicelib.settings import Settings


@pytest.mark.parametrize("header", ["Idempotency-Key", "Accept-Language", "If-None-Match", "X-Request-Id"])
@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: stolen=1", "\x00", "x" * 10_000, "{}'\"--"])
def test_no_header_of_a_request_comes_back_in_a_reply(client, header, value):
    for method, path, body in (("GET", "/chat-rooms", None), ("POST", "/emotion-analysis", {"text": "좋아"})):
        reply = client.request(method, path, body, headers={header: value})
        assert reply.status in (200, 422)
        assert "set-cookie" not in reply.headers
        assert not any(value in kept for kept in reply.headers.values() if len(value) > 1)


def test_a_stage_may_narrow_who_may_ask():
    narrowed = Settings(cors_allow_origin="https://love-q.example")
    headers = CORSConfig(allow_origin=narrowed.cors_allow_origin).get_access_control_headers()
    assert headers["Access-Control-Allow-Origin"] == "https://love-q.example"
    assert "Access-Control-Allow-Credentials" not in headers


@pytest.mark.parametrize("size", [MAX_BODY + 1, 3 * MAX_BODY])
def test_a_body_that_is_too_large_is_413_before_it_is_read(client, size):
    reply = client.post("/chat-rooms", b'{"partner_name": "' + b"a" * size + b'"}')
    assert (reply.status, reply.json["code"]) == (413, "too_large")


@pytest.mark.parametrize("depth", [33, 5_000, 200_000])
def test_a_body_that_is_too_deep_is_refused(client, depth):
    body = b'{"ai_responses": ' + b"[" * depth + b"]" * depth + b', "user_message": "x"}'
    assert client.post("/conversation-history", body).status in (400, 422)
