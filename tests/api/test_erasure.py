"""Erasure removes everything of a user, and the export contains everything of a user."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime

import boto3
import pytest
from botocore.config import Config

from chalicelib.aws import clients
from chalicelib.domain import CHAT_RETENTION, ComprehendOperation, SentimentScores
from chalicelib.repositories import comprehend_results
from chalicelib.repositories.database import connect_to_url, database
from chalicelib.repositories.erasure import PRIMARY_KEYS, user_hash
from chalicelib.services import erasure
from local.resources import BUCKET
from local.resources import client as emulator_client
from tests.support.client import Client
from tests.support.exports import android

ROOM = {"partner_name": "바다", "partner_relationship": "썸"}
TURN = {"user_message": "뭐라고 하지", "ai_responses": []}


@pytest.fixture
def full(client, sample):
    """A client with rows in every table and a form to which nothing was posted."""
    client.post("/partner-profile", {"name": "바다", "relationship": "썸"})
    file = client.send_file(sample("kakaotalk_android.txt"), headers={"Idempotency-Key": "first"}).json
    client.post("/analyze", {"room_id": file["room_id"]})
    client.post("/conversation-history", {**TURN, "room_id": file["room_id"]})
    _read_by_comprehend(client.user_id)
    client.begun = client.post("/process-file", {"filename": "a.txt", "size": 10}).json
    client.room_id, client.file_id = file["room_id"], file["file_id"]
    return client


def _read_by_comprehend(user_id):
    read = {("hash", ComprehendOperation.SENTIMENT): SentimentScores(0.0, 0.0, 1.0, 0.0)}
    expires_at = datetime.now(UTC) + CHAT_RETENTION
    database().transaction(user_id, lambda tx: comprehend_results.save(tx, read, expires_at))


@pytest.fixture
def rows(database_url):
    """A function that counts a user's rows in every table that has a user id."""
    connection = connect_to_url(database_url)
    tables = connection.run(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'love_q' AND column_name = 'user_id'"
    )

    def count(user_id):
        return {
            table: connection.run(f"SELECT count(*) FROM {table} WHERE user_id = :user_id", user_id=user_id)[0][0]
            for (table,) in tables
        }

    yield count
    connection.close()


def objects_of(user_id, emulator):
    s3 = emulator_client("s3", emulator.url)
    return s3.list_objects_v2(Bucket=BUCKET, Prefix=f"uploads/{user_id}/").get("KeyCount", 0)


def test_every_table_with_a_user_id_is_erased(rows):
    assert set(rows("nobody")) == set(PRIMARY_KEYS)


def test_an_erased_account_leaves_a_receipt_and_nothing_else(full, rows, emulator):
    emulator_client("s3", emulator.url).put_object(
        Bucket=BUCKET, Key=f"uploads/{full.user_id}/{uuid.uuid4()}", Body=b"x"
    )
    before = rows(full.user_id)
    assert all(before.values()), before
    receipt = full.request("DELETE", "/user-profile").json
    assert set(receipt) == {"receipt_id", "erased_at", "erased"}
    assert {table: receipt["erased"][table] for table in before} == before
    assert receipt["erased"]["objects"] == 1
    assert not any(rows(full.user_id).values())
    assert objects_of(full.user_id, emulator) == 0


def test_the_receipt_has_only_a_hash_counts_and_a_time(full, database_url):
    full.request("DELETE", "/user-profile")
    connection = connect_to_url(database_url)
    (row,) = connection.run("SELECT * FROM erasure_receipts WHERE user_hash = :h", h=user_hash(full.user_id))
    connection.close()
    assert full.user_id not in str(row)
    assert all(isinstance(count, int) for count in json.loads(row[3]).values())


def test_a_repeated_erasure_returns_the_same_receipt(full):
    first = full.request("DELETE", "/user-profile").json
    again = full.request("DELETE", "/user-profile").json
    assert (again["receipt_id"], again["erased"]) == (first["receipt_id"], first["erased"])


def test_the_next_request_completes_an_interrupted_erasure(full, rows, monkeypatch):
    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(erasure.uploads, "erase_all", killed)
        with pytest.raises(KeyboardInterrupt):
            full.request("DELETE", "/user-profile")
    assert full.request("DELETE", "/user-profile").json["erased"]["cognito_user"] == 0
    assert not any(rows(full.user_id).values())


WRITES = [
    ("GET", "/user-profile", None),
    ("PUT", "/user-profile", {"username": "하늘"}),
    ("POST", "/chat-rooms", ROOM),
    ("POST", "/partner-profile", {"name": "바다", "relationship": "썸"}),
    ("POST", "/process-file", {"file_content": android([("하늘", "안녕")]).decode()}),
    ("POST", "/process-file", {"filename": "a.txt", "size": 1}),
    ("POST", "/analyze", {"context": "뭐해?"}),
    ("POST", "/analyze-speech", {"messages": ["안녕"]}),
    ("POST", "/emotion-analysis", {"text": "좋아"}),
]


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_a_valid_token_of_an_erased_account_creates_no_rows(full, rows, method, path, body):
    full.request("DELETE", "/user-profile")
    reply = full.request(method, path, body)
    assert (reply.status, reply.json["code"]) == (401, "account_erased")
    assert not any(rows(full.user_id).values())


def test_an_upload_for_an_erased_account_is_erased(full, rows, emulator):
    import app as project
    from tests.api.test_files import event_of, post_form

    full.request("DELETE", "/user-profile")
    post_form(full.begun["upload"], android([("하늘", "안녕")]))
    project.file_upload(event_of(full.begun["upload"]["fields"]["key"]), None)
    assert objects_of(full.user_id, emulator) == 0
    assert not any(rows(full.user_id).values())


def test_a_user_who_signs_up_again_gets_a_new_account(full, issuer):
    full.request("DELETE", "/user-profile")
    full.token = issuer.token(full.user_id, iat=issuer.claims("x")["iat"] + 5)
    profile = full.get("/user-profile")
    assert profile.status == 200
    assert profile.json["consents"]["terms"] is None


def test_other_users_keep_their_rows(full, app, issuer, rows):
    other = Client(app, issuer)
    other.give_consents()
    other.send_file(android([("하늘", "안녕")]))
    before = rows(other.user_id)
    full.request("DELETE", "/user-profile")
    assert rows(other.user_id) == before


# Rooms


@pytest.mark.parametrize("where", ["query", "body"])
def test_erasing_a_room_erases_its_messages_files_analyses_and_turns(full, rows, where):
    if where == "query":
        reply = full.request("DELETE", "/chat-rooms", room_id=full.room_id)
    else:
        reply = full.request("DELETE", "/chat-rooms", {"room_id": full.room_id})
    assert reply.status == 200
    left = rows(full.user_id)
    assert [left[table] for table in ("chat_rooms", "messages", "analyses", "conversations")] == [0, 0, 0, 0]
    assert full.get("/process-file", file_id=full.file_id).status == 404
    assert full.get("/chat-rooms", room_id=full.room_id).status == 404
    assert full.request("DELETE", "/chat-rooms", {"room_id": full.room_id}).status == 404


def test_an_import_into_a_room_erased_meanwhile_stores_nothing(client, rows, monkeypatch):
    from chalicelib.services import chat_import

    room = client.post("/chat-rooms", ROOM).json["room"]
    real = chat_import._write_messages

    def erase_meanwhile(*arguments):
        real(*arguments)
        client.request("DELETE", "/chat-rooms", {"room_id": room["room_id"]})

    monkeypatch.setattr(chat_import, "_write_messages", erase_meanwhile)
    reply = client.send_file(android([("하늘", "안녕"), ("바다", "응")]), room_id=room["room_id"])
    assert reply.status == 409
    left = rows(client.user_id)
    assert [left[table] for table in ("chat_rooms", "messages", "files")] == [0, 0, 0]


@pytest.mark.parametrize(("path", "body"), [("/chat-rooms", "room"), ("/user-profile", None)])
def test_an_unreachable_bucket_is_a_503_and_the_next_attempt_succeeds(full, rows, monkeypatch, path, body):
    body = {"room_id": full.room_id} if body else {}
    unreachable = boto3.client(
        "s3",
        region_name="us-east-1",
        endpoint_url="http://127.0.0.1:9",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 1}),
    )
    with monkeypatch.context() as patch:
        patch.setattr(clients, "s3", lambda: unreachable)
        reply = full.request("DELETE", path, body)
    assert (reply.status, reply.json["code"], reply.headers["retry-after"]) == (503, "unavailable", "5")
    assert full.request("DELETE", path, body).status == 200
    assert rows(full.user_id)["messages"] == 0


# Export


def test_the_export_contains_every_stored_row(full, rows):
    export = full.get("/user-export").json
    counts = rows(full.user_id)
    assert export["profile"]["user_id"] == full.user_id
    for table in ("partner_profiles", "chat_rooms", "messages", "files", "analyses", "conversations", "usage"):
        assert len(export[table]) == counts[table], table
    assert {message["room_id"] for message in export["messages"]} == {full.room_id}
    assert export["chat_rooms"][0]["statistics"]["messages"] == 612
    assert export["messages_continue_in"] == []


def test_rooms_with_more_messages_than_fit_are_listed(client, monkeypatch):
    from chalicelib.services import data_export

    monkeypatch.setattr(data_export, "MAX_MESSAGES", 10)
    file = client.send_file(android([("하늘", f"{number}") for number in range(25)])).json
    export = client.get("/user-export").json
    assert [message["text"] for message in export["messages"]] == [f"{number}" for number in range(24, 14, -1)]
    assert export["messages_continue_in"] == [file["room_id"]]
