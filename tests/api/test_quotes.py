"""Quotes of a chat are stored masked. Replies have the names of the user and the partner."""

from __future__ import annotations

import pytest

from chalicelib.repositories.database import database
from tests.support.exports import android

TEXT = "하늘아 오늘 수아 씨 만났어 고마워 정말 힘들었어ㅠㅠ 내 번호 010-1234-5678"
CHAT = [("하늘" if n % 2 else "바다", TEXT) for n in range(40)] + [("바다", TEXT)]
PRIVATE = ("하늘", "수아", "1234")


@pytest.fixture
def room_id(client):
    room_id = client.send_file(android(CHAT), my_name="하늘").json["room_id"]
    profile = {"name": "바다", "relationship": "썸"}
    profile_id = client.post("/partner-profile", profile).json["profile_id"]
    client.put("/chat-rooms", {"room_id": room_id, "partner_profile_id": profile_id})
    return room_id


def stored_evidence(client, table):
    rows = f"SELECT evidence FROM {table} WHERE user_id = :user_id AND evidence IS NOT NULL"
    return [row["evidence"] for row in database().read(client.user_id, lambda tx: tx.rows(rows))]


def quotes_of(answer):
    evidence = [one["quote"] for trait in answer["partner"]["traits"] for one in trait["evidence"]]
    return evidence + [response["explanation"] for response in answer["responses"]]


def test_an_answer_is_stored_with_masked_quotes(client, room_id):
    fresh = client.post("/analyze", {"room_id": room_id}).json
    assert any("하늘아" in quote for quote in quotes_of(fresh))
    (document,) = stored_evidence(client, "analyses")
    assert "고마워" in document
    quoted = document.partition('"partner_traits"')[2]
    assert not any(private in quoted for private in PRIVATE)
    stored = client.post("/analyze", {"room_id": room_id}).json
    assert stored["stored"]
    quotes = " ".join(quotes_of(stored))
    assert "하늘아" in quotes
    assert not any(private in quotes for private in ("수아", "1234"))
    assert [one["message"] for one in stored["responses"]] == [one["message"] for one in fresh["responses"]]


def test_a_partners_evidence_is_stored_masked(client, room_id):
    (document,) = stored_evidence(client, "partner_profiles")
    assert not any(private in document for private in PRIVATE)
    (profile,) = client.get("/partner-profile").json["profiles"]
    quotes = " ".join(one["quote"] for one in profile["analysis"]["evidence"])
    assert "하늘아 오늘 ○○ 씨" in quotes
    assert not any(private in quotes for private in ("수아", "1234"))
