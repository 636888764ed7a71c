"""The bucket's events come at least once, in any order, for anything: exactly one import results."""

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


def uploaded(client, content=CHAT):
    begun = begin(client)
    post_form(begun["upload"], content)
    return begun["file"]["file_id"], event_of(begun["upload"]["fields"]["key"])


def status_of(client, file_id):
    return client.get("/process-file", file_id=file_id).json["status"]


def test_several_events_at_once_import_each(client, handler):
    (first, one), (second, two) = uploaded(client), uploaded(client, LONGER)
    handler({"Records": two["Records"] + one["Records"] + two["Records"]}, None)
    assert {status_of(client, first), status_of(client, second)} == {"ready"}
    assert sorted(room["message_count"] for room in client.get("/chat-rooms").json["rooms"]) == [3, 4]
    assert stored_rows(client)["messages"] == 7


def test_an_event_for_a_room_that_was_erased_makes_none(client, handler):
    room_id = client.post("/chat-rooms", {"partner_name": "바다", "partner_relationship": "썸"}).json["room"]["room_id"]
    begun = begin(client, room_id=room_id)
    post_form(begun["upload"], CHAT)
    client.request("DELETE", "/chat-rooms", {"room_id": room_id})
    handler(event_of(begun["upload"]["fields"]["key"]), None)
    assert set(stored_rows(client).values()) == {0}


def test_an_event_for_an_account_that_was_erased_makes_nothing(client, handler):
    _, event = uploaded(client)
    client.request("DELETE", "/user-profile")
    handler(event, None)
    assert set(stored_rows(client).values()) == {0}


def test_an_object_that_was_replaced_after_its_event_is_imported_once_as_it_is(client, handler):
    begun = begin(client)
    for content in (CHAT, LONGER):
        post_form(begun["upload"], content)
    event = event_of(begun["upload"]["fields"]["key"])
    for _ in range(2):
        handler(event, None)
    assert client.get("/chat-rooms").json["rooms"][0]["message_count"] == 4
    assert stored_rows(client)["messages"] == 4


def test_a_form_used_again_after_its_file_was_ready_changes_nothing(client, handler, emulator):
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
def test_a_key_that_is_no_uploads_is_left_alone(client, handler, emulator, key):
    s3 = emulator_client("s3", emulator.url)
    s3.put_object(Bucket=BUCKET, Key=key, Body=CHAT)
    handler(event_of(key), None)
    assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == CHAT
    s3.delete_object(Bucket=BUCKET, Key=key)


def test_an_event_without_its_object_does_nothing(client, handler):
    begun = begin(client)
    handler(event_of(begun["upload"]["fields"]["key"]), None)
    handler(event_of(f"uploads/{client.user_id}/{uuid.uuid4()}"), None)
    assert stored_rows(client)["messages"] == 0


@pytest.mark.parametrize("call", range(1, 10))
def test_killed_at_any_call_to_the_database_it_imports_once_when_the_event_comes_again(
    client, handler, monkeypatch, call
):
    file_id, event = uploaded(client)
    calls = []

    def killing(call_it):
        def called(*given, **named):
            calls.append(1)
            if len(calls) == call:
                raise KeyboardInterrupt
            return call_it(*given, **named)

        return called

    with monkeypatch.context() as killed:
        for name in ("transaction", "read", "across_users"):
            killed.setattr(Database, name, killing(getattr(Database, name)))
        with suppress(KeyboardInterrupt):
            handler(event, None)
    expire_lease(client, file_id, timedelta(0))
    handler(event, None)
    assert status_of(client, file_id) == "ready"
    rooms = client.get("/chat-rooms").json["rooms"]
    assert [room["message_count"] for room in rooms] == [3]
    shown = client.get("/messages", room_id=rooms[0]["room_id"]).json["messages"]
    assert sorted(message["text"] for message in shown) == ["뭐 해?", "안녕", "응 안녕"]


def test_a_form_whose_time_is_over_is_refused(client, monkeypatch):
    monkeypatch.setattr(files, "FORM_LIFETIME", timedelta(seconds=1))
    begun = begin(client)
    time.sleep(2)
    with pytest.raises(urllib.error.HTTPError) as refused:
        post_form(begun["upload"], CHAT)
    refused.value.close()
    assert refused.value.code == 403
