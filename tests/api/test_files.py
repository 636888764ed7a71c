"""Import of chat exports, inline or through the bucket, into rooms."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.api.jobs import JobFailed
from chalicelib.domain import IMPORT_RETRY_WINDOW
from chalicelib.repositories import files as stored_files
from chalicelib.repositories.database import database
from chalicelib.services import chat_import
from local.resources import BUCKET
from local.resources import client as emulator_client
from tests.support.client import Client
from tests.support.exports import android
from tests.support.uploads import begin, event_of, expire_lease, post_form, stored_rows

VARIANTS = ["kakaotalk.csv", "kakaotalk_android.txt", "kakaotalk_ios.txt", "kakaotalk_windows.txt"]
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
BAD_FILES = [
    (b"", "empty_file"),
    (PNG, "undecodable_text"),
    (bytes(range(256)) * 20, "undecodable_text"),
    (b"Lorem ipsum dolor sit amet, consectetur.\n" * 100, "unrecognised_format"),
    ("これは会話ではありません。\n".encode() * 100, "unrecognised_format"),
    (android([("하늘", "안녕")])[:-3], "undecodable_text"),
    (b'Date,User,Message\r\n2026-03-01 09:00:40,"\xed\x95\x98\xeb\x8a\x98,"no end\r\n', "unrecognised_format"),
    (android([]), "no_messages"),
]


def send(client, content, **fields):
    return client.post(
        "/process-file", {"file_content": base64.b64encode(content).decode(), "encoding": "base64", **fields}
    )


@pytest.fixture
def handler(app):
    import app as project

    return project.file_upload


@pytest.fixture
def bucket(emulator):
    """A function that returns the keys of all objects in the bucket."""
    s3 = emulator_client("s3", emulator.url)
    return lambda: [item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def test_an_export_becomes_a_room_with_messages_and_statistics(client, sample):
    reply = client.send_file(sample("kakaotalk_android.txt"), filename="KakaoTalkChats.txt")
    assert reply.status == 201
    file = reply.json
    assert file["status"] == "ready"
    assert file["id"] == file["file_id"]
    assert file["format"] == "kakaotalk_android_ko"
    assert file["messages_count"] == file["kept_messages"] == file["new_messages"] == 612
    assert file["participants"] == [{"name": "하늘", "messages": 341}, {"name": "바다", "messages": 271}]
    assert file["period"] == {"from": "2026-10-11T23:41:00+00:00", "to": "2026-11-01T14:11:00+00:00"}
    assert (file["my_name"], file["error"], file["warnings"]) == ("하늘", None, [])
    assert file["analysis"]["total_messages"] > 300
    assert sum(file["report"].values()) == 2 * file["report"]["lines"]
    expires_in = datetime.fromisoformat(file["expires_at"]) - datetime.fromisoformat(file["created_at"])
    assert expires_in == timedelta(days=7)
    assert client.get("/process-file", file_id=file["file_id"]).json == file

    room = client.get("/chat-rooms", room_id=file["room_id"]).json["rooms"][0]
    assert (room["partner_name"], room["my_name"], room["partner_relationship"]) == ("바다", "하늘", "기타")
    assert (room["platform"], room["message_count"]) == ("kakaotalk_android_ko", 612)
    assert [person["messages"] for person in room["statistics"]["participants"]] == [341, 271]
    assert [item["file_id"] for item in room["files"]] == [file["file_id"]]


def test_the_four_kakaotalk_formats_of_a_chat_give_the_same_statistics(client, sample):
    """They agree up to the resolution of the format: minutes in text exports, seconds in CSV."""
    rooms = []
    for name in VARIANTS:
        file = client.send_file(sample(name), my_name="하늘").json
        rooms.append(client.get("/chat-rooms", room_id=file["room_id"]).json["rooms"][0]["statistics"])
    csv, *texts = [_to_the_minute(statistics) for statistics in rooms]
    assert texts[0] == texts[1] == texts[2]
    for person, other in zip(csv["participants"], texts[0]["participants"], strict=True):
        assert abs(person["reply_time"].pop("median") - other["reply_time"].pop("median")) <= 60
        p90, other_p90 = person["reply_time"].pop("p90"), other["reply_time"].pop("p90")
        # A minute of rounding, and one histogram bucket of 7 %.
        assert abs(p90 - other_p90) <= 60 + 0.07 * other_p90
    for week, other in zip(csv["weekly"], texts[0]["weekly"], strict=True):
        assert abs(week.pop("reply_time_median") - other.pop("reply_time_median")) <= 60
    assert csv == texts[0]


def _to_the_minute(statistics):
    for name in ("first_message_at", "last_message_at"):
        statistics[name] = statistics[name][:16]
    return statistics


@pytest.mark.parametrize(("content", "code"), BAD_FILES)
def test_an_unreadable_file_is_422_and_stores_nothing(client, content, code):
    reply = send(client, content)
    assert (reply.status, reply.json["code"]) == (422, code)
    assert reply.json["detail"]
    assert stored_rows(client) == {"files": 0, "chat_rooms": 0, "messages": 0, "analyses": 0}


def test_the_log_has_no_text_of_an_unreadable_file(client, logs):
    send(client, "canary-4711 우리 비밀\n".encode() * 50)
    send(client, android([("canary-4711", "우리 비밀")])[:-2])
    assert "canary" not in logs()
    assert "비밀" not in logs()


def test_the_log_has_no_text_of_an_imported_file(client, logs):
    assert send(client, android([("canary-4711", "우리 비밀")]), filename="canary-4711.txt").status == 201
    assert "canary" not in logs()
    assert "비밀" not in logs()


def test_an_inline_file_of_five_megabytes_is_413_with_a_hint_to_the_form(client):
    reply = send(client, b"x" * 5_000_000)
    assert (reply.status, reply.json["code"]) == (413, "use_upload_form")
    reply = client.post("/process-file", {"file_content": "가" * 1_400_000})
    assert (reply.status, reply.json["code"]) == (413, "use_upload_form")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"filename": "a.txt"},
        {"size": 10},
        {"filename": "a.txt", "size": 50 * 1024 * 1024 + 1},
        {"filename": "a.txt", "size": -1},
        {"file_content": "x", "encoding": "rot13"},
        {"file_content": "not base64!", "encoding": "base64"},
        {"file_content": "x", "timezone": "Nowhere"},
        {"file_content": ["x"]},
    ],
)
def test_an_invalid_request_is_422(client, body):
    assert client.post("/process-file", body).status == 422
    assert stored_rows(client)["files"] == 0


def test_the_clients_file_type_and_filename_do_not_matter(client, sample):
    reply = client.send_file(sample("kakaotalk_ios.txt"), file_type="image/png", filename="holiday.jpg")
    assert reply.json["format"] == "kakaotalk_ios_ko"


def test_the_times_of_an_export_are_in_the_requested_time_zone(client):
    chat = android([("하늘", "안녕")])
    file = send(client, chat, timezone="America/New_York").json
    assert file["period"]["from"] == "2026-03-01T14:00:00+00:00"


def test_another_users_room_and_file_are_404(client, app, issuer, sample):
    file = client.send_file(sample("kakaotalk_android.txt")).json
    other = Client(app, issuer)
    other.give_consents()
    assert other.get("/process-file", file_id=file["file_id"]).status == 404
    assert other.get("/chat-rooms", room_id=file["room_id"]).status == 404
    assert other.get("/messages", room_id=file["room_id"]).status == 404
    assert other.send_file(sample("kakaotalk_android.txt"), room_id=file["room_id"]).status == 404
    assert other.get("/process-file", file_id="not-an-id").status == 404


# The names of the user and the partner


def test_the_user_is_unknown_if_neither_file_nor_request_names_them(client):
    chat = android([("하늘", "안녕"), ("바다", "안녕")], title="모임 3 카카오톡 대화")
    file = send(client, chat).json
    assert (file["my_name"], file["analysis"]) == (None, None)
    settled = client.put("/chat-rooms", {"room_id": file["room_id"], "my_name": "바다"}).json["room"]
    assert (settled["my_name"], settled["partner_name"]) == ("바다", "하늘")
    file = client.get("/process-file", file_id=file["file_id"]).json
    assert (file["my_name"], file["analysis"]["total_messages"]) == ("바다", 1)


def test_the_request_can_name_the_user(client):
    file = send(client, android([("하늘", "안녕"), ("바다", "응")], title="모임 2 카카오톡 대화"), my_name="바다").json
    assert file["my_name"] == "바다"
    assert file["analysis"]["total_messages"] == 1


def test_a_name_that_is_not_in_the_chat_gives_a_warning_or_422(client):
    file = send(client, android([("하늘", "안녕"), ("바다", "응")]), my_name="구름").json
    assert file["my_name"] == "하늘"
    assert file["warnings"] == ["my_name으로 알려 준 이름이 이 대화에 없어요."]
    reply = client.put("/chat-rooms", {"room_id": file["room_id"], "my_name": "구름"})
    assert reply.status == 422
    assert reply.json["errors"] == [{"field": "my_name", "message": "이 대화에 없는 이름이에요."}]


def test_a_room_created_by_hand_keeps_its_name_and_gets_the_names_of_the_chat(client):
    room = client.post("/chat-rooms", {"partner_name": "바다 ♥", "partner_relationship": "썸", "name": "우리"}).json
    file = send(client, android([("하늘", "안녕"), ("바다", "응")]), room_id=room["room"]["room_id"]).json
    imported = client.get("/chat-rooms", room_id=file["room_id"]).json["rooms"][0]
    assert (imported["name"], imported["partner_name"], imported["partner_relationship"]) == ("우리", "바다", "썸")
    assert imported["my_name"] == "하늘"


def test_the_partner_is_known_from_the_apps_filename(client):
    lines = 'Date,User,Message\r\n2026-03-01 09:00:40,"하늘","안녕"\r\n2026-03-01 09:00:41,"바다","응"\r\n'
    named = send(client, lines.encode(), filename="KakaoTalk_Chat_바다_2026-04-22-12-40-45.csv").json
    assert named["my_name"] == "하늘"
    for filename in ("KakaoTalk_Chat_스터디_2026-04-22-12-40-45.csv", "바다.csv"):
        assert send(client, lines.encode() + b"\r\n" * len(filename), filename=filename).json["my_name"] is None


def test_a_group_has_no_partner_until_the_user_names_one(client):
    room = client.post("/chat-rooms", {"partner_name": "바다 ♥", "partner_relationship": "썸"}).json["room"]
    group = android([("하늘", "안녕"), ("바다", "응"), ("구름", "나도")], title="모임 3 카카오톡 대화")
    send(client, group, room_id=room["room_id"], my_name="하늘")
    imported = client.get("/chat-rooms", room_id=room["room_id"]).json["rooms"][0]
    assert (imported["my_name"], imported["partner_name"]) == ("하늘", None)
    client.put("/chat-rooms", {"room_id": room["room_id"], "partner_name": "바다"})
    send(client, android([("구름", "뭐해")], title="모임 3 카카오톡 대화", start=9), room_id=room["room_id"])
    assert client.get("/chat-rooms", room_id=room["room_id"]).json["rooms"][0]["partner_name"] == "바다"


def test_imports_are_counted_as_metrics_without_their_text(client, handler, capsys):
    begun = begin(client)
    post_form(begun["upload"], b"canary-4711" * 9)
    handler(event_of(begun["upload"]["fields"]["key"]), None)
    send(client, android([("canary-4711", "우리 비밀")]))
    output = capsys.readouterr().out
    metrics = [json.loads(line) for line in output.splitlines() if "CloudWatchMetrics" in line]
    assert [(metric.get("ImportsFailed"), metric.get("ImportsReady")) for metric in metrics] == [
        ([1.0], None),
        (None, [1.0]),
    ]
    assert all(metric["stage"] == "test" for metric in metrics)
    assert "canary" not in output


# A second import into a room


def test_importing_the_same_file_again_changes_nothing(client, sample):
    first = client.send_file(sample("kakaotalk_android.txt")).json
    before = client.get("/chat-rooms", room_id=first["room_id"]).json["rooms"][0]
    messages = client.get("/messages", room_id=first["room_id"], limit=200).json
    second = client.send_file(sample("kakaotalk_android.txt")).json
    after = client.get("/chat-rooms", room_id=first["room_id"]).json["rooms"][0]
    assert (second["room_id"], second["new_messages"], second["status"]) == (first["room_id"], 0, "ready")
    assert [after[name] for name in ("message_count", "statistics")] == [
        before[name] for name in ("message_count", "statistics")
    ]
    assert client.get("/messages", room_id=first["room_id"], limit=200).json == messages


LINES = [("하늘" if number % 3 else "바다", f"{number}번째 말") for number in range(40)]


def test_an_export_that_covers_the_room_replaces_it(client):
    first = send(client, android(LINES[:20])).json
    second = send(client, android(LINES), room_id=first["room_id"]).json
    assert second["new_messages"] == 20
    assert _texts(client, first["room_id"]) == [text for _, text in LINES]


def test_an_export_that_begins_later_adds_its_new_messages(client):
    first = send(client, android(LINES[:20])).json
    ids = {m["text"]: m["message_id"] for m in _messages(client, first["room_id"])}
    second = send(client, android(LINES[10:], start=10), room_id=first["room_id"]).json
    assert (second["messages_count"], second["new_messages"]) == (30, 20)
    assert _texts(client, first["room_id"]) == [text for _, text in LINES]
    new_ids = {m["text"]: m["message_id"] for m in _messages(client, first["room_id"])}
    assert all(new_ids[text] == message_id for text, message_id in ids.items())
    one_go = send(client, android(LINES, title="다른 방 2 카카오톡 대화"), my_name="하늘").json
    assert _statistics(client, second["room_id"]) == _statistics(client, one_go["room_id"])


def test_an_older_export_adds_nothing_and_gives_a_warning(client):
    first = send(client, android(LINES)).json
    older = send(client, android(LINES[:20]), room_id=first["room_id"]).json
    assert older["new_messages"] == 0
    assert older["warnings"] == ["이미 있는 대화라 새로 더해진 메시지가 없어요."]
    assert _texts(client, first["room_id"]) == [text for _, text in LINES]


def test_equal_messages_in_one_minute_are_all_stored(client):
    chat = android([("하늘", "ㅋㅋㅋ"), ("하늘", "ㅋㅋㅋ"), ("바다", "ㅋㅋㅋ")], minutes=0)
    file = send(client, chat).json
    messages = _messages(client, file["room_id"])
    assert [m["text"] for m in messages] == ["ㅋㅋㅋ"] * 3
    assert len({m["message_id"] for m in messages}) == 3


def _messages(client, room_id):
    return client.get("/messages", room_id=room_id, order="asc", limit=200).json["messages"]


def _texts(client, room_id):
    return [message["text"] for message in _messages(client, room_id)]


def _statistics(client, room_id):
    return client.get("/chat-rooms", room_id=room_id).json["rooms"][0]["statistics"]


def test_replies_about_ten_thousand_participants_fit_into_a_lambdas_reply(client):
    """A reply of a Lambda can have at most 6 MB."""
    names = [f"{number}번째 손님" for number in range(10_000)]
    file = send(client, android([(name, "안녕하세요 반가워요") for name in names], title="광장 10000 카카오톡 대화"))
    assert file.status == 201
    replies = [
        file,
        client.get("/chat-rooms", room_id=file.json["room_id"]),
        client.get("/process-file", file_id=file.json["file_id"]),
        client.post("/analyze-speech", {"room_id": file.json["room_id"]}),
        client.get("/emotion-analysis", room_id=file.json["room_id"]),
    ]
    assert [reply.status for reply in replies] == [201, 200, 200, 200, 200]
    assert max(len(reply.raw.encode()) for reply in replies) < 5_500_000


# Through the bucket


def test_a_file_posted_with_the_form_is_imported_by_its_event(client, sample, handler, bucket):
    begun = begin(client)
    assert begun["file"]["status"] == "awaiting_upload"
    assert post_form(begun["upload"], sample("kakaotalk_windows.txt")) in (200, 201, 204)
    key = begun["upload"]["fields"]["key"]
    assert key in bucket()
    handler(event_of(key), None)
    file = client.get("/process-file", file_id=begun["file"]["file_id"]).json
    assert (file["status"], file["format"], file["messages_count"]) == ("ready", "kakaotalk_windows_ko", 612)
    assert file["filename"] == "카톡 대화+1.txt"
    assert key not in bucket()


def test_a_repeated_event_imports_once(client, sample, handler):
    begun = begin(client)
    post_form(begun["upload"], sample("kakaotalk_android.txt"))
    for _ in range(2):
        handler(event_of(begun["upload"]["fields"]["key"]), None)
    file = client.get("/process-file", file_id=begun["file"]["file_id"]).json
    assert client.get("/chat-rooms", room_id=file["room_id"]).json["rooms"][0]["message_count"] == 612
    assert stored_rows(client)["messages"] == 612


@pytest.mark.parametrize(("content", "code"), BAD_FILES)
def test_an_unreadable_posted_file_fails_with_its_code(client, handler, bucket, content, code):
    begun = begin(client)
    post_form(begun["upload"], content)
    handler(event_of(begun["upload"]["fields"]["key"]), None)
    file = client.get("/process-file", file_id=begun["file"]["file_id"]).json
    assert (file["status"], file["error"]["code"]) == ("failed", code)
    assert file["error"]["detail"]
    assert stored_rows(client) == {"files": 1, "chat_rooms": 0, "messages": 0, "analyses": 0}
    assert begun["upload"]["fields"]["key"] not in bucket()


@pytest.mark.parametrize(
    ("fields", "size"),
    [
        ({"key": "uploads/somebody/else"}, 1),
        ({"Content-Type": "text/html"}, 1),
        ({"acl": "public-read"}, 1),
        ({"bucket": "another"}, 1),
        ({}, 50 * 1024 * 1024 + 1),
    ],
    ids=["another key", "a type", "rights for all", "another bucket", "a larger file"],
)
def test_the_form_accepts_only_its_own_key_type_and_size(client, bucket, fields, size):
    form = begin(client)["upload"]
    with pytest.raises(urllib.error.HTTPError) as refused:
        post_form({**form, "fields": {**form["fields"], **fields}}, b"x" * size)
    refused.value.close()
    assert refused.value.code in (400, 403)
    assert not {form["fields"]["key"], "uploads/somebody/else"} & set(bucket())


def test_an_object_without_a_file_is_erased(client, handler, bucket, emulator):
    key = f"uploads/{client.user_id}/{uuid.uuid4()}"
    emulator_client("s3", emulator.url).put_object(Bucket=BUCKET, Key=key, Body=b"x")
    handler(event_of(key), None)
    assert key not in bucket()


def test_a_later_event_repeats_a_killed_import(client, sample, handler, monkeypatch):
    """The event is retried until the lease of the killed import has expired."""
    begun = begin(client)
    post_form(begun["upload"], sample("kakaotalk_android.txt"))
    event = event_of(begun["upload"]["fields"]["key"])
    with monkeypatch.context() as killed:
        killed.setattr(chat_import, "_write_messages", _raise_keyboard_interrupt)
        with pytest.raises(KeyboardInterrupt):
            handler(event, None)
    file_id = begun["file"]["file_id"]
    assert client.get("/process-file", file_id=file_id).json["status"] == "processing"
    with pytest.raises(JobFailed, match="ImportInProgress"):
        handler(event, None)
    expire_lease(client, file_id, timedelta(0))
    handler(event, None)
    assert client.get("/process-file", file_id=file_id).json["status"] == "ready"
    assert stored_rows(client)["messages"] == 612


def test_a_failed_import_can_be_repeated_at_once(client, sample, handler, monkeypatch):
    begun = begin(client)
    post_form(begun["upload"], sample("kakaotalk_android.txt"))
    event = event_of(begun["upload"]["fields"]["key"])
    with monkeypatch.context() as broken:
        broken.setattr(chat_import, "_write_messages", _raise_os_error)
        with pytest.raises(JobFailed, match="OSError"):
            handler(event, None)
    handler(event, None)
    assert client.get("/process-file", file_id=begun["file"]["file_id"]).json["status"] == "ready"


def test_a_file_whose_import_was_never_repeated_has_failed(client, sample, handler, monkeypatch):
    begun = begin(client)
    post_form(begun["upload"], sample("kakaotalk_android.txt"))
    with monkeypatch.context() as killed:
        killed.setattr(chat_import, "_write_messages", _raise_keyboard_interrupt)
        with pytest.raises(KeyboardInterrupt):
            handler(event_of(begun["upload"]["fields"]["key"]), None)
    expire_lease(client, begun["file"]["file_id"], IMPORT_RETRY_WINDOW)
    file = client.get("/process-file", file_id=begun["file"]["file_id"]).json
    assert (file["status"], file["error"]["code"], file["room_id"]) == ("failed", "interrupted", None)
    assert client.get("/chat-rooms").json["rooms"] == []


def _raise_keyboard_interrupt(*_):
    raise KeyboardInterrupt


def _raise_os_error(*_):
    raise OSError("disk")


def test_the_row_of_a_file_has_its_report_and_warnings(client, sample):
    file = client.send_file(sample("kakaotalk_android.txt")).json
    stored = database().read(client.user_id, lambda tx: stored_files.get(tx, file["file_id"], datetime.now(UTC)))
    assert json.loads(json.dumps(stored.warnings)) == []
    assert stored.report.lines == file["report"]["lines"]
