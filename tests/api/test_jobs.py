"""A job that fails is logged by type and place. The text in its error reaches no log and not the Lambda runtime."""

from __future__ import annotations

import json
import traceback
from datetime import UTC, datetime

import pytest
from pg8000.exceptions import DatabaseError

from chalicelib.api import jobs
from chalicelib.api.jobs import JobFailed
from chalicelib.repositories.database import connect_to_url
from chalicelib.services import files, retention
from local.resources import BUCKET
from tests.support.uploads import event_of

CANARY = "canary-of-a-chat"
SCHEDULED_EVENT = {
    "version": "0",
    "id": "89d1a02d-5ec7-412e-82f5-13505f849b41",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "123456789012",
    "time": "2026-12-01T00:00:00Z",
    "region": "us-east-1",
    "resources": ["arn:aws:events:us-east-1:123456789012:rule/schedule"],
    "detail": {},
}


@pytest.fixture
def unreadable_expiry(client, postgres):
    """A table whose expiry cannot be read: the server quotes the value, the canary, in its error."""
    connection = connect_to_url(postgres.superuser_url.removesuffix("postgres") + "love_q")
    connection.run("SET search_path = love_q")
    connection.run("ALTER TABLE idempotency_keys RENAME TO kept_keys")
    connection.run(
        "INSERT INTO kept_keys (user_id, key, request_hash, reply, claimed_at, expires_at) "
        "VALUES (:user_id, 'key', '', :reply, now(), now())",
        user_id=client.user_id,
        reply=CANARY,
    )
    connection.run(
        "CREATE VIEW idempotency_keys AS SELECT user_id, key, cast(reply AS timestamptz) AS expires_at FROM kept_keys "
        f"WHERE user_id = '{client.user_id}'"
    )
    yield
    connection.run("DROP VIEW idempotency_keys")
    connection.run("DELETE FROM kept_keys WHERE user_id = :user_id", user_id=client.user_id)
    connection.run("ALTER TABLE kept_keys RENAME TO idempotency_keys")
    connection.close()


def assert_nothing_but_type_and_place(raised, logs, capsys, name):
    """Check what the Lambda runtime prints of an exception, and every line that the job logged."""
    printed = "".join(traceback.format_exception(raised.value))
    assert "JobFailed: DatabaseError" in printed
    captured = capsys.readouterr()
    assert all(CANARY not in text for text in (printed, repr(raised.value), logs(), captured.out, captured.err))
    assert (raised.value.__cause__, raised.value.__context__) == (None, None)
    failed, job = (json.loads(line) for line in logs().splitlines() if f'"job":"{name}"' in line)
    assert (failed["message"], failed["error"]) == ("failed", "DatabaseError")
    assert any(frame.startswith("transactions.py:") for frame in failed["where"])
    assert (job["message"], job["outcome"]) == ("job", "DatabaseError")


def test_an_upload_whose_error_quotes_text_logs_none_of_it(client, logs, capsys):
    """The id in the key is not a UUID. The server quotes it in its error."""
    import app

    key = f"uploads/{client.user_id}/{CANARY}"
    with pytest.raises(DatabaseError, match=CANARY):
        files.import_uploaded(BUCKET, key, datetime.now(UTC))
    with pytest.raises(JobFailed) as raised:
        app.file_upload(event_of(key), None)
    assert_nothing_but_type_and_place(raised, logs, capsys, "file_upload")


@pytest.mark.parametrize("name", ["erase_expired", "check_retention"])
def test_a_schedule_whose_error_quotes_text_logs_none_of_it(unreadable_expiry, logs, capsys, name):
    import app

    with pytest.raises(DatabaseError, match=CANARY):
        getattr(retention, name)(datetime.now(UTC))
    with pytest.raises(JobFailed) as raised:
        getattr(app, name)(SCHEDULED_EVENT, None)
    assert_nothing_but_type_and_place(raised, logs, capsys, name)


def test_a_job_that_succeeds_logs_its_counts(app, logs):
    counts = jobs.run_scheduled(retention.check_retention)
    (line,) = [json.loads(line) for line in logs().splitlines()]
    assert (line["message"], line["job"], line["outcome"]) == ("job", "check_retention", "done")
    assert counts.items() <= line.items()
