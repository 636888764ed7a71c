"""Expired data is invisible to readers immediately. The next run erases it from the tables."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.analysis.speech import analyse
from chalicelib.api.schemas.speech import SpeechAnalysis
from chalicelib.aws import clients
from chalicelib.domain import CHAT_RETENTION, Caller, ComprehendOperation, SentimentScores
from chalicelib.errors import Unavailable
from chalicelib.repositories import comprehend_results, spending
from chalicelib.repositories.database import database
from chalicelib.services import (
    accounts,
    chat_analysis,
    coaching_turns,
    files,
    idempotency,
    partner_profiles,
    retention,
    rooms,
)
from chalicelib.services.coaching_turns import NewTurn
from chalicelib.services.files import Upload
from chalicelib.settings import settings
from local.processes import free_port
from tests.support.exports import android
from tests.support.retention_table import documented_columns

CHAT = android([("하늘", "안녕"), ("바다", "나 오늘 너무 힘들었어ㅠㅠ")])
WORDS = android([("하늘", "떡볶이 먹자"), ("하늘", "떡볶이 좋지"), ("하늘", "떡볶이 가자"), ("바다", "카나리아")])
WEEK = timedelta(days=7)


@pytest.fixture
def imported_at(client):
    """Return a function that imports a chat at a given time and requests its analysis."""

    def run(now):
        caller = Caller(client.user_id, None, now, quota="tests")
        file = files.import_inline(caller, Upload("chat.txt", len(CHAT)), CHAT)
        chat_analysis.analyse(caller, chat_analysis.Question(room_id=file.room_id))
        return file

    return run


def rows(client, table, condition="true"):
    sql = f"SELECT count(*) AS rows FROM {table} WHERE user_id = :user_id AND {condition}"
    return database().read(client.user_id, lambda tx: tx.row(sql))["rows"]


def test_expired_data_is_invisible_to_readers(client, imported_at):
    file = imported_at(datetime.now(UTC) - WEEK - timedelta(seconds=1))
    assert client.get("/process-file", file_id=file.file_id).status == 404
    assert client.get("/messages", room_id=file.room_id).json["messages"] == []
    room = client.get("/chat-rooms", room_id=file.room_id).json["rooms"][0]
    assert (room["last_message"], room["files"], room["message_count"]) == (None, [], 2)
    assert room["statistics"]["participants"]
    speech = client.post("/analyze-speech", {"room_id": file.room_id}).json
    assert all(person["response_examples"] == [] for person in speech["participants"])


def test_a_run_erases_expired_data_and_keeps_the_rest(client, imported_at):
    now = datetime.now(UTC)
    imported_at(now - WEEK - timedelta(seconds=1))
    assert (rows(client, "messages"), rows(client, "files")) == (2, 1)
    erased = retention.erase_expired(now)
    assert min(erased["rooms"], erased["files"], erased["quotes"]) >= 1
    assert (rows(client, "messages"), rows(client, "files")) == (0, 0)
    assert rows(client, "chat_rooms", "last_message IS NULL AND examples IS NULL AND statistics IS NOT NULL") == 1
    assert rows(client, "analyses", "evidence IS NULL AND answer IS NOT NULL") == 1


def test_rare_words_are_erased_with_the_messages_and_frequent_words_stay(client):
    now = datetime.now(UTC)
    old = Caller(client.user_id, None, now - WEEK - timedelta(seconds=1), quota="tests")
    room_id = files.import_inline(old, Upload("chat.txt", len(WORDS)), WORDS).room_id
    assert rows(client, "chat_rooms", "statistics LIKE '%카나리아%'") == 1
    retention.erase_expired(now)
    assert rows(client, "chat_rooms", "statistics LIKE '%카나리아%'") == 0
    (person, _) = client.get("/chat-rooms", room_id=room_id).json["rooms"][0]["statistics"]["participants"]
    assert person["top_words"] == [{"text": "떡볶이", "count": 3}]


def test_a_run_keeps_data_that_has_not_expired(client, imported_at):
    now = datetime.now(UTC)
    imported_at(now - WEEK + timedelta(minutes=1))
    retention.erase_expired(now)
    assert (rows(client, "messages"), rows(client, "files")) == (2, 1)
    assert rows(client, "analyses", "evidence IS NOT NULL") == 1


def test_a_second_import_of_a_file_after_a_week_restores_the_messages(client, imported_at):
    now = datetime.now(UTC)
    first = imported_at(now - WEEK - timedelta(seconds=1))
    retention.erase_expired(now)
    again = client.send_file(CHAT, room_id=first.room_id).json
    assert again["new_messages"] == 0
    assert len(client.get("/messages", room_id=first.room_id).json["messages"]) == 2
    assert client.get("/chat-rooms", room_id=first.room_id).json["rooms"][0]["message_count"] == 2


def test_the_messages_of_a_killed_import_are_erased_with_its_file(client, monkeypatch):
    from chalicelib.services import chat_import

    def kill(*_):
        raise KeyboardInterrupt

    old = Caller(client.user_id, None, datetime.now(UTC) - WEEK - timedelta(seconds=1), quota="tests")
    with monkeypatch.context() as patch:
        patch.setattr(chat_import, "_switch", kill)
        with pytest.raises(KeyboardInterrupt):
            files.import_inline(old, Upload("chat.txt", len(CHAT)), CHAT)
    assert rows(client, "messages") == 2
    retention.erase_expired(datetime.now(UTC))
    assert (rows(client, "messages"), rows(client, "files"), rows(client, "chat_rooms")) == (0, 0, 0)


def test_quotes_of_every_kind_are_erased(client, imported_at):
    past = datetime.now(UTC) - WEEK - timedelta(seconds=1)
    imported_at(past)
    caller = Caller(client.user_id, None, past, quota="tests")
    coaching_turns.create(caller, NewTurn("질문", (), context_text="대화의 말"))
    profile = partner_profiles.create(caller, partner_profiles.NewPartner("바다", "썸", {}))
    analysis = client.post(
        "/analyze-speech", {"messages": ["오 좋아 ㅋㅋ", "뭐해?", "나도 갈래", "ㅇㅋ", "헐 대박"]}
    ).json
    accounts.update(caller, accounts.ProfileChanges({}, {}, SpeechAnalysis(**analysis).to_domain()))
    _add_evidence(client, profile.profile_id)
    retention.erase_expired(datetime.now(UTC))
    assert rows(client, "conversations", "context_text IS NULL AND user_message = '질문'") == 1
    assert rows(client, "user_profiles", "response_examples IS NULL AND speech IS NOT NULL") == 1
    assert rows(client, "partner_profiles", "evidence IS NULL AND analysis IS NOT NULL") == 1


def _add_evidence(client, profile_id):
    """Add expired evidence to a profile."""
    database().transaction(
        client.user_id,
        lambda tx: tx.execute(
            "UPDATE partner_profiles SET evidence = analysis WHERE user_id = :user_id AND profile_id = :id",
            id=profile_id,
        ),
    )


def test_counters_are_stored_for_35_days_and_idempotency_keys_for_1(client):
    now = datetime.now(UTC)
    # 37 instead of 36, because credits are counted by the user's day, which differs from the server's.
    for days in (34, 37):
        caller = Caller(client.user_id, None, now - timedelta(days=days), quota="analyze")
        chat_analysis.analyse(caller, chat_analysis.Question(context=f"{days}"))
    for hours in (23, 25):
        idempotency.answer_once(
            Caller(client.user_id, None, now - timedelta(hours=hours)), f"{hours}", b"", lambda: "{}"
        )
    retention.erase_expired(now)
    assert (rows(client, "usage"), rows(client, "idempotency_keys")) == (1, 1)
    assert rows(client, "request_counts", "minute < now() - interval '35 days'") == 0
    assert rows(client, "request_counts", "minute < now() - interval '33 days'") == 1


def test_model_spending_is_stored_for_35_days(client):
    now = datetime.now(UTC)
    for days in (34, 36):
        day = (now - timedelta(days=days)).date()
        database().across_users(lambda tx, day=day: spending.add(tx, day, 0, 1))
    retention.erase_expired(now)
    days = [(now - timedelta(days=n)).date() for n in (34, 36)]
    spent = [database().across_users(lambda tx, day=day: spending.of_day(tx, day)) for day in days]
    database().across_users(lambda tx: tx.execute("DELETE FROM spending"))
    assert spent == [1, 0]


# The retention periods in docs/retention.md, in days.
LIFETIMES = {"1 day": 1, "7 days": 7, "35 days": 35}
# Tables without rows of users.
TABLES_WITHOUT_USER = {"spending"}
EXPIRING = {
    (table, column): LIFETIMES[until]
    for table, column, until in documented_columns()
    if until in LIFETIMES and table not in TABLES_WITHOUT_USER
}
# Columns that are NULL in the file of a successful import.
UNSET_IN_A_READY_FILE = {("files", "error_code"), ("files", "lease_until")}


@pytest.mark.parametrize("days", [2, 8, 37])
def test_a_run_erases_exactly_the_expired_columns_of_the_retention_table(client, sample, days):
    caller = Caller(client.user_id, None, datetime.now(UTC) - timedelta(days=days), quota="tests")
    _fill(caller, sample("kakaotalk_android.txt"))
    before = _values(client)
    retention.erase_expired(datetime.now(UTC))
    after = _values(client)
    assert {place for place in EXPIRING if not before[place]} == UNSET_IN_A_READY_FILE
    assert after == {place: 0 if EXPIRING.get(place, days) < days else values for place, values in before.items()}


def _fill(caller, export):
    """Fill every table and every column that expires."""
    speech = analyse(["오 좋아 ㅋㅋ", "뭐해?", "나도 갈래", "ㅇㅋ", "헐 대박"])
    accounts.update(caller, accounts.ProfileChanges({}, {}, speech))
    profile = partner_profiles.create(caller, partner_profiles.NewPartner("바다", "썸", {}))
    room = rooms.create(caller, rooms.NewRoom("바다", "썸", partner_profile_id=profile.profile_id))
    files.import_inline(caller, Upload("chat.txt", len(export), room_id=room.room_id, my_name="하늘"), export)
    chat_analysis.analyse(caller, chat_analysis.Question(room_id=room.room_id))
    coaching_turns.create(caller, NewTurn("질문", (), context_text="대화의 말"))
    idempotency.answer_once(caller, "key", b"", lambda: "{}")
    results = {("hash", ComprehendOperation.SENTIMENT): SentimentScores(0.0, 0.0, 1.0, 0.0)}
    accounts.write(caller, lambda tx: comprehend_results.save(tx, results, caller.now + CHAT_RETENTION))


def _values(client):
    """Return the number of values in the user's rows by table and column."""
    columns = {}
    for table, column, _ in documented_columns():
        columns.setdefault(table, []).append(column)
    values = {}
    for table, names in columns.items():
        if "user_id" in names:
            counts = ", ".join(f"count({name}) AS {name}" for name in names)
            sql = f"SELECT {counts} FROM {table} WHERE user_id = :user_id"
            row = database().read(client.user_id, lambda tx, sql=sql: tx.row(sql))
            values |= {(table, name): row[name] for name in names}
    return values


def test_rows_beyond_the_limit_of_one_transaction_are_erased_in_several(client):
    old = datetime.now(UTC) - timedelta(days=40)
    count = 5_200
    minutes = [old - timedelta(minutes=number) for number in range(count)]
    counters = [{"route": "/analyze", "minute": minute, "requests": 1} for minute in minutes]
    for start in range(0, count, 2_500):
        database().transaction(
            client.user_id, lambda tx, s=start: tx.insert_many("request_counts", counters[s : s + 2_500])
        )
    assert retention.erase_expired(datetime.now(UTC))["counters"] >= count
    assert rows(client, "request_counts", "minute < now() - interval '35 days'") == 0


def test_a_run_without_time_leaves_the_work_to_the_next_run(client, imported_at):
    now = datetime.now(UTC)
    imported_at(now - WEEK - timedelta(seconds=1))
    assert set(retention.erase_expired(now, max_seconds=0).values()) == {0}
    assert rows(client, "messages") == 2
    retention.erase_expired(now)
    assert rows(client, "messages") == 0


def test_one_run_erases_several_batches_of_rooms(client, imported_at, monkeypatch):
    monkeypatch.setattr(retention, "BATCH_SIZE", 2)
    now = datetime.now(UTC)
    old = Caller(client.user_id, None, now - WEEK - timedelta(seconds=1), quota="tests")
    for number in range(5):
        chat = android([("하늘", f"안녕 {number}"), ("바다", f"응 {number}")])
        files.import_inline(old, Upload("chat.txt", len(chat)), chat)
    retention.erase_expired(now)
    assert (rows(client, "messages"), rows(client, "files")) == (0, 0)
    assert rows(client, "chat_rooms", "messages_expire_at IS NOT NULL") == 0


def test_rows_without_objects_are_erased_while_the_bucket_is_down(client, imported_at, monkeypatch):
    now = datetime.now(UTC)
    imported_at(now - WEEK - timedelta(seconds=1))
    with monkeypatch.context() as patch:
        patch.setenv("AWS_EMULATOR_URL", f"http://127.0.0.1:{free_port()}")
        _reset_clients()
        with pytest.raises(Unavailable):
            retention.erase_expired(now)
    _reset_clients()
    assert (rows(client, "messages"), rows(client, "files")) == (0, 1)
    assert rows(client, "analyses", "evidence IS NOT NULL") == 0
    retention.erase_expired(now)
    assert rows(client, "files") == 0


def _reset_clients():
    settings.cache_clear()
    clients.s3.cache_clear()


@pytest.mark.parametrize("number", range(5))
def test_a_run_during_an_import_into_the_same_room_erases_nothing_of_it(client, imported_at, number):
    now = datetime.now(UTC)
    room_id = imported_at(now - WEEK - timedelta(seconds=1)).room_id
    caller = Caller(client.user_id, None, now, quota="tests")
    later = android([("하늘", "안녕"), ("바다", "나 오늘 너무 힘들었어ㅠㅠ"), ("하늘", f"괜찮아? {number}")])

    def add():
        time.sleep(0.003 * number)
        files.import_inline(caller, Upload("chat.txt", len(later), room_id=room_id), later)

    with ThreadPoolExecutor(2) as pool:
        for future in (pool.submit(add), pool.submit(retention.erase_expired, now)):
            future.result()
    retention.erase_expired(now)
    texts = [message["text"] for message in client.get("/messages", room_id=room_id).json["messages"]]
    assert texts == [f"괜찮아? {number}", "나 오늘 너무 힘들었어ㅠㅠ", "안녕"]
    assert rows(client, "messages") == 3


def test_the_daily_check_counts_rows_that_the_job_failed_to_erase(client, imported_at, capsys):
    now = datetime.now(UTC)
    retention.erase_expired(now)
    imported_at(now - WEEK - timedelta(hours=3))
    overdue = retention.check_retention(now)
    assert {table for table, number in overdue.items() if number} == {"messages", "files", "chat_rooms", "analyses"}
    assert overdue["messages"] == 2
    assert f'"Overdue":[{float(sum(overdue.values()))}]' in capsys.readouterr().out
    retention.erase_expired(now)
    assert set(retention.check_retention(now).values()) == {0}


def test_rows_that_expired_recently_are_not_overdue(client, imported_at):
    now = datetime.now(UTC)
    retention.erase_expired(now)
    imported_at(now - WEEK - timedelta(hours=1))
    assert set(retention.check_retention(now).values()) == {0}
    retention.erase_expired(now)


def test_the_schedules_run_both_jobs(app):
    import app as project

    event = {"source": "aws.events", "detail": {}, "resources": [], "account": "1", "region": "us-east-1", "time": ""}
    event |= {"id": "1", "detail-type": "Scheduled Event", "version": "0"}
    assert set(project.erase_expired(event, None)) == {"rooms", "files", "messages", "quotes", "counters"}
    assert set(project.check_retention(event, None)) >= {"messages", "files", "chat_rooms", "analyses", "usage"}
