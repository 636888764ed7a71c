"""S3 delivers events at least once, in any order and for any object. Each upload is imported exactly once."""

from __future__ import annotations

import time
import urllib.error
import uuid
from contextlib import suppress
from datetime import timedelta

import pytest

from chalicelib.repositories.database import Database
from chalicelib.services import files
from local.resources import BUCKET
from local.resources import client as emulator_client
from tests.support.exports import android
from tests.support.uploads import begin, event_of, expire_lease, post_form, stored_rows

CHAT = android([("하늘", "안녕"), ("바다", "응 안녕"), ("하늘", "뭐 해?")])
LONGER = android([("하늘", "안녕"), ("바다", "응 안녕"), ("하늘", "뭐 해?"), ("바다", "집이야")])


@pytest.fixture
def handler(app):
    import app as project

    return project.file_upload


def upload(client, content=CHAT):
    """Upload a file. Returns its id and its event, which has not been handled yet."""
    begun = begin(client)
    post_form(begun["upload"], content)
    return begun["file"]["file_id"], event_of(begun["upload"]["fields"]["key"])


def status_of(client, file_id):
    return client.get("/process-file", file_id=file_id).json["status"]


def test_an_event_with_several_records_imports_each_upload_once(client, handler):
    (first, first_event), (second, second_event) = upload(client), upload(client, LONGER)
    events = (second_event, first_event, second_event)
    handler({"Records": [record for event in events for record in event["Records"]]}, None)
    assert {status_of(client, first), status_of(client, second)} == {"ready"}
    assert sorted(room["message_count"] for room in client.get("/chat-rooms").json["rooms"]) == [3, 4]
    assert stored_rows(client)["messages"] == 7


def test_an_event_does_not_recreate_an_erased_room(client, handler):
    room_id = client.post("/chat-rooms", {"partner_name": "바다", "partner_relationship": "썸"}).json["room"]["room_id"]
    begun = begin(client, room_id=room_id)
    post_form(begun["upload"], CHAT)
    client.request("DELETE", "/chat-rooms", {"room_id": room_id})
    handler(event_of(begun["upload"]["fields"]["key"]), None)
    assert set(stored_rows(client).values()) == {0}


def test_an_event_of_an_erased_account_stores_nothing(client, handler):
    _, event = upload(client)
    client.request("DELETE", "/user-profile")
    handler(event, None)
    assert set(stored_rows(client).values()) == {0}


def test_an_object_replaced_after_its_event_is_imported_once_with_its_new_content(client, handler):
    begun = begin(client)
    for content in (CHAT, LONGER):
        post_form(begun["upload"], content)
    event = event_of(begun["upload"]["fields"]["key"])
    for _ in range(2):
        handler(event, None)
    assert client.get("/chat-rooms").json["rooms"][0]["message_count"] == 4
    assert stored_rows(client)["messages"] == 4


def test_a_second_upload_with_the_same_form_changes_nothing(client, handler, emulator):
    begun = begin(client)
    event = event_of(begun["upload"]["fields"]["key"])
    for content in (CHAT, LONGER):
        post_form(begun["upload"], content)
        handler(event, None)
    assert client.get("/chat-rooms").json["rooms"][0]["message_count"] == 3
    s3 = emulator_client("s3", emulator.url)
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET, Prefix=f"uploads/{client.user_id}/")


@pytest.mark.parametrize(
    "key", ["uploads/카톡 대화+1.txt", "uploads/a/b/c", "uploads//x", "other/a/b", "uploads/a%2Fb"]
)
def test_an_object_that_is_not_an_upload_is_not_touched(client, handler, emulator, key):
    s3 = emulator_client("s3", emulator.url)
    s3.put_object(Bucket=BUCKET, Key=key, Body=CHAT)
    handler(event_of(key), None)
    assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == CHAT
    s3.delete_object(Bucket=BUCKET, Key=key)


def test_an_event_without_an_object_stores_nothing(client, handler):
    begun = begin(client)
    handler(event_of(begun["upload"]["fields"]["key"]), None)
    handler(event_of(f"uploads/{client.user_id}/{uuid.uuid4()}"), None)
    assert stored_rows(client)["messages"] == 0


@pytest.mark.parametrize("call", range(1, 10))
def test_an_import_killed_at_any_database_call_succeeds_once_at_the_next_event(client, handler, monkeypatch, call):
    file_id, event = upload(client)
    calls = []

    def kill_at_call(method):
        def killed(*args, **options):
            calls.append(1)
            if len(calls) == call:
                raise KeyboardInterrupt
            return method(*args, **options)

        return killed

    with monkeypatch.context() as patch:
        for name in ("transaction", "read", "across_users"):
            patch.setattr(Database, name, kill_at_call(getattr(Database, name)))
        with suppress(KeyboardInterrupt):
            handler(event, None)
    expire_lease(client, file_id, timedelta(0))
    handler(event, None)
    assert status_of(client, file_id) == "ready"
    rooms = client.get("/chat-rooms").json["rooms"]
    assert [room["message_count"] for room in rooms] == [3]
    messages = client.get("/messages", room_id=rooms[0]["room_id"]).json["messages"]
    assert sorted(message["text"] for message in messages) == ["뭐 해?", "안녕", "응 안녕"]


def test_an_expired_form_is_refused(client, monkeypatch):
    monkeypatch.setattr(files, "FORM_LIFETIME", timedelta(seconds=1))
    begun = begin(client)
    time.sleep(2)
    with pytest.raises(urllib.error.HTTPError) as error:
        post_form(begun["upload"], CHAT)
    error.value.close()
    assert error.value.code == 403
