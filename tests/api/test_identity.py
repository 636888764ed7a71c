"""Only a request with a valid token is accepted."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from types import SimpleNamespace

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from chalicelib.api import identity
from chalicelib.errors import Unauthenticated, Unavailable
from tests.support.stage import stage_with
from tests.support.token_issuer import Issuer

NOW = int(time.time())
YEAR_S = 365 * 24 * 3600
ANOTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def answer(client, header):
    return client.get("/user-profile", headers={"Authorization": header})


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "token_missing"),
        ("", "token_missing"),
        ("Bearer", "token_invalid"),
        ("Basic aGFuZXVsOmJhZGE=", "token_invalid"),
        ("Bearer nonsense", "token_invalid"),
        ("Bearer a.b.c", "token_invalid"),
        ("Bearer " + "x" * 10_000, "token_invalid"),
    ],
)
def test_a_request_without_a_readable_token_is_401(stranger, header, code):
    reply = answer(stranger, header)
    assert reply.status == 401
    assert reply.json["code"] == code
    assert reply.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"exp": NOW - 3600}, "token_expired"),
        ({"key": ANOTHER_KEY}, "token_invalid"),
        ({"key_id": "unknown"}, "token_invalid"),
        ({"aud": "another-client"}, "token_invalid"),
        ({"iss": "https://example.com/pool"}, "token_invalid"),
        ({"token_use": "access"}, "token_invalid"),
        ({"token_use": None}, "token_invalid"),
        ({"exp": None}, "token_invalid"),
        ({"nbf": NOW + 3600}, "token_invalid"),
        ({"sub": None}, "token_invalid"),
    ],
)
def test_an_invalid_token_is_401(stranger, issuer, changes, code):
    user_id = stranger.user_id if "sub" not in changes else ""
    changes = {name: value for name, value in changes.items() if name != "sub"}
    reply = answer(stranger, f"Bearer {issuer.token(user_id, **changes)}")
    assert (reply.status, reply.json["code"]) == (401, code)


def test_a_token_signed_with_the_public_key_as_secret_is_401(stranger, issuer):
    pem = issuer.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    signed = part({"alg": "HS256", "kid": issuer.key_id}) + b"." + part(issuer.claims(stranger.user_id))
    signature = base64.urlsafe_b64encode(hmac.new(pem, signed, hashlib.sha256).digest()).rstrip(b"=")
    assert answer(stranger, f"Bearer {(signed + b'.' + signature).decode()}").status == 401


def test_an_unsigned_token_is_401(stranger, issuer):
    token = jwt.encode(issuer.claims(stranger.user_id), None, algorithm="none", headers={"kid": issuer.key_id})
    assert answer(stranger, f"Bearer {token}").status == 401


def test_a_refused_token_is_in_neither_reply_nor_log(stranger, logs):
    reply = answer(stranger, "Bearer canary-token-4711")
    assert "canary" not in reply.raw
    assert "canary" not in logs()


@pytest.fixture
def clock(monkeypatch):
    """The clock of PyJWT's key client, in seconds, as the only element of a list."""
    now = [0.0]
    monkeypatch.setattr("jwt.jwks_client.time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr("jwt.jwk_set_cache.time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


@pytest.fixture
def new_issuer(stage):
    """An issuer of the stage whose keys have not been fetched yet."""
    with Issuer() as issuer, stage_with(COGNITO_ISSUER=issuer.url):
        yield issuer


def test_twenty_made_up_key_ids_make_us_fetch_the_keys_once(new_issuer):
    for number in range(20):
        with pytest.raises(Unauthenticated, match="token_invalid"):
            identity.verify(new_issuer.token("user-1", key_id=f"made-up-{number}"))
    assert new_issuer.fetches == 1
    assert identity.verify(new_issuer.token("user-1")).user_id == "user-1"
    assert new_issuer.fetches == 1


def test_an_unreachable_issuer_is_a_503_not_a_401(stranger, issuer):
    with stage_with(COGNITO_JWKS_URL="http://127.0.0.1:9/jwks.json"):
        reply = answer(stranger, f"Bearer {stranger.token}")
    assert (reply.status, reply.json["code"]) == (503, "identity_unavailable")


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"keys": []}', b"{}"])
def test_an_issuer_without_readable_keys_is_a_503(new_issuer, body):
    new_issuer.body = body
    with pytest.raises(Unavailable, match="identity_unavailable"):
        identity.verify(new_issuer.token("user-1"))


def test_rotated_keys_are_fetched_after_the_cooldown(new_issuer, clock):
    old_token = new_issuer.token("user-1")
    identity.verify(old_token)
    new_issuer.key_id = "rotated"
    with pytest.raises(Unauthenticated):
        identity.verify(new_issuer.token("user-1"))
    clock[0] = identity.REFETCH_COOLDOWN_S + 1
    assert identity.verify(new_issuer.token("user-1")).user_id == "user-1"
    with pytest.raises(Unauthenticated):
        identity.verify(old_token)


def test_a_fetched_key_verifies_tokens_during_an_outage_of_the_issuer(new_issuer, clock):
    token = new_issuer.token("user-1")
    identity.verify(token)
    new_issuer.stop()
    clock[0] = YEAR_S
    with pytest.raises(Unavailable):
        identity.verify(new_issuer.token("user-1", key_id="unknown"))
    assert identity.verify(token).user_id == "user-1"
    assert new_issuer.fetches == 1


def test_audience_and_use_of_the_gateways_claims_are_checked(stage, issuer):
    def identify(claims):
        return identity.identify({}, {"authorizer": {"claims": claims}})

    valid = issuer.claims("user-1")
    with stage_with(AUTHORIZER="cognito"):
        assert identify(valid).user_id == "user-1"
        for invalid in (valid | {"aud": "another"}, valid | {"token_use": "access"}, {}):
            with pytest.raises(Unauthenticated):
                identify(invalid)


def test_the_lambda_authorizer_allows_the_tokens_user(app, stranger):
    import app as project

    request = {
        "type": "TOKEN",
        "authorizationToken": f"Bearer {stranger.token}",
        "methodArn": "arn:aws:execute-api:us-east-1:1:api/v1/GET/user-profile",
    }
    answer = project.auth_middleware(request, None)
    assert answer["principalId"] == stranger.user_id
    assert answer["policyDocument"]["Statement"][0]["Effect"] == "Allow"
    with pytest.raises(Exception, match=r"^Unauthorized$"):
        project.auth_middleware({**request, "authorizationToken": "Bearer nonsense"}, None)
