"""Regressions: defects that were found and must not return."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain import Caller
from chalicelib.repositories.database import database
from chalicelib.services import erasure, files, retention
from chalicelib.services.files import Upload
from tests.support.client import Client
from tests.support.exports import android

WEEK = timedelta(days=7)
LINES = [("하늘" if number % 3 else "바다", f"{number}번째 말") for number in range(20)]


def cursor(*values):
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def rows(client, table, condition="true"):
    sql = f"SELECT count(*) AS rows FROM {table} WHERE user_id = :user_id AND {condition}"
    return database().read(client.user_id, lambda tx: tx.row(sql))["rows"]


def import_at(client, content, now, **fields):
    return files.import_inline(
        Caller(client.user_id, None, now, quota="tests"), Upload("chat.txt", len(content), **fields), content
    )


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_cursor_with_an_impossible_time_is_422_and_replies_stay_with_their_users(client, app, issuer, at):
    client.put("/user-profile", {"username": "하늘"})
    other = Client(app, issuer)
    other.put("/user-profile", {"username": "구름"})
    for path in ("/chat-rooms", "/partner-profile", "/conversation-history"):
        assert client.get(path, cursor=cursor(at, "00000000-0000-0000-0000-000000000001")).status == 422
        assert other.get("/user-profile").json["username"] == "구름"
        assert client.get("/user-profile").json["username"] == "하늘"


@pytest.mark.parametrize("position", [1e999, 99_999_999_999, -1, "7", None, 1.5])
def test_a_cursor_with_an_impossible_position_is_422(client, position):
    room_id = client.send_file(android(LINES)).json["room_id"]
    assert client.get("/messages", room_id=room_id, cursor=cursor(position)).status == 422


@pytest.mark.parametrize(("year", "zone"), [("0001", "Asia/Seoul"), ("9999", "America/New_York"), ("1969", "UTC")])
def test_a_file_with_impossible_dates_is_refused(client, year, zone):
    text = android(LINES).decode().replace("2026년 3월 1일", f"{year}년 12월 31일")
    reply = client.post("/process-file", {"file_content": text, "timezone": zone})
    assert (reply.status, reply.json["code"]) == (422, "unrecognised_format")
    assert client.get("/user-profile").status == 200


def test_messages_of_an_earlier_import_expire_at_their_own_time(client):
    now = datetime.now(UTC)
    old = import_at(client, android(LINES[:10]), now - timedelta(days=6))
    import_at(client, android(LINES[5:], start=5), now - timedelta(days=1), room_id=old.room_id)
    later = now + timedelta(days=1, minutes=1)
    retention.erase_expired(later)
    assert rows(client, "messages") == 10
    import_at(client, android([("바다", "나중에")], start=60), later, room_id=old.room_id)
    assert rows(client, "messages") == 11


def test_the_next_request_completes_an_interrupted_withdrawal(client, sample, monkeypatch):
    file = client.send_file(sample("kakaotalk_android.txt")).json

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(erasure.uploads, "erase_all", killed)
        with pytest.raises(KeyboardInterrupt):
            client.put("/user-profile", {"consents": {"terms": False}})
    assert client.put("/user-profile", {"consents": {"terms": False}}).status == 200
    assert (rows(client, "messages"), rows(client, "files")) == (0, 0)
    assert client.get("/process-file", file_id=file["file_id"]).status == 404


@pytest.fixture
def linked(client, sample):
    """A room with a partner profile and a chat that gives evidence for it."""
    profile_id = client.post("/partner-profile", {"name": "바다", "relationship": "썸", "age": 27}).json["profile_id"]
    room = {"partner_name": "바다", "partner_relationship": "썸", "partner_profile_id": profile_id}
    client.room_id = client.post("/chat-rooms", room).json["room"]["room_id"]
    client.profile_id = profile_id
    client.send_file(sample("kakaotalk_android.txt"), room_id=client.room_id)
    assert client.get("/partner-profile").json["profiles"][0]["analysis"]["evidence"]
    return client


def test_withdrawing_a_consent_erases_every_quote_of_a_chat(linked):
    turn = {"user_message": "a", "ai_responses": [], "context_text": "바다가 한 말"}
    linked.post("/conversation-history", turn)
    speech = linked.post("/analyze-speech", {"messages": ["오 좋아 ㅋㅋ", "뭐해?", "나도", "ㅇㅋ", "헐"]}).json
    linked.put("/user-profile", {"speech_analysis": speech})
    profile = linked.put("/user-profile", {"consents": {"terms": False}}).json
    assert (profile["response_examples"], profile["total_messages"]) == ([], 0)
    assert linked.get("/partner-profile").json["profiles"][0]["analysis"] is None
    assert linked.get("/conversation-history").json["conversations"][0]["context_text"] is None


def test_erasing_a_room_erases_its_quotes_in_partner_profiles(linked):
    linked.request("DELETE", "/chat-rooms", {"room_id": linked.room_id})
    analysis = linked.get("/partner-profile").json["profiles"][0]["analysis"]
    assert (analysis["evidence"], analysis["compatibility_score"]) == ([], None)


def test_a_stored_answer_is_not_used_once_an_age_has_changed(linked):
    linked.put("/user-profile", {"birth_year": 1990})
    assert linked.post("/analyze", {"room_id": linked.room_id}).json["recommendation"]["action"] == "send"
    linked.put("/partner-profile", {"profile_id": linked.profile_id, "age": 15})
    answer = linked.post("/analyze", {"room_id": linked.room_id}).json
    assert (answer["recommendation"]["action"], answer["stored"]) == ("do_not_contact", False)


def test_a_chat_without_an_answer_can_be_coached(client):
    file = client.send_file(android([("하늘", "자?"), ("하늘", "바빠?")]), my_name="하늘").json
    room = client.get("/chat-rooms", room_id=file["room_id"]).json["rooms"][0]
    assert (room["my_name"], room["partner_name"]) == ("하늘", "바다")
    assert client.post("/analyze", {"room_id": file["room_id"]}).status == 200


def test_expired_messages_are_erased_although_the_room_was_changed(client):
    now = datetime.now(UTC)
    room_id = import_at(client, android(LINES), now - WEEK - timedelta(seconds=1)).room_id
    assert client.put("/chat-rooms", {"room_id": room_id, "name": "우리"}).json["room"]["last_message"] is None
    retention.erase_expired(now)
    assert rows(client, "messages") == 0
    assert rows(client, "chat_rooms", "examples IS NULL AND last_message IS NULL") == 1


def test_a_last_message_set_by_hand_expires_too(client):
    room = client.post("/chat-rooms", {"partner_name": "바다", "partner_relationship": "썸"}).json["room"]
    client.put("/chat-rooms", {"room_id": room["room_id"], "last_message": "안녕"})
    assert client.get("/chat-rooms").json["rooms"][0]["last_message"] == "안녕"
    retention.erase_expired(datetime.now(UTC) + WEEK + timedelta(minutes=1))
    assert rows(client, "chat_rooms", "last_message IS NULL") == 1


def test_equal_messages_of_two_imports_have_different_ids(client):
    first = android([("하늘", "안녕"), ("바다", "ㅋㅋ")])
    room_id = client.send_file(first).json["room_id"]
    same_minute = first.decode() + "2026년 3월 1일 오전 9:01, 바다 : ㅋㅋ\r\n2026년 3월 1일 오전 9:02, 하늘 : 응\r\n"
    cut = same_minute.replace("2026년 3월 1일 오전 9:00, 하늘 : 안녕\r\n", "")
    client.post("/process-file", {"file_content": cut, "room_id": room_id})
    messages = client.get("/messages", room_id=room_id).json["messages"]
    assert len(messages) == len({message["message_id"] for message in messages}) == 4


def test_the_same_file_after_its_expiry_is_imported_into_the_same_room(client):
    now = datetime.now(UTC)
    first = import_at(client, android(LINES), now - WEEK - timedelta(seconds=1))
    retention.erase_expired(now)
    assert import_at(client, android(LINES), now).room_id == first.room_id
