"""Statements bind their user, conflicts are retried, and failures roll back."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone

import pytest
from pg8000.exceptions import DatabaseError

from chalicelib.errors import NotFound, Unavailable
from chalicelib.observability import LogContext, log_context
from chalicelib.repositories.database import Database, SystemTransaction, UserTransaction
from chalicelib.repositories.database.connections import sqlstate
from chalicelib.repositories.database.pool import ConnectionPool


@pytest.fixture
def day(database):
    """A row of `usage` that the tests increment."""
    database.transaction(
        "counter",
        lambda tx: tx.execute(
            "INSERT INTO usage (user_id, day, credits_used) VALUES (:user_id, '2026-01-01', 0) "
            "ON CONFLICT (user_id, day) DO UPDATE SET credits_used = 0"
        ),
    )


def increment(tx):
    credits_used = tx.row("SELECT credits_used FROM usage WHERE user_id = :user_id AND day = '2026-01-01'")[
        "credits_used"
    ]
    tx.execute(
        "UPDATE usage SET credits_used = :credits_used WHERE user_id = :user_id AND day = '2026-01-01'",
        credits_used=credits_used + 1,
    )
    return credits_used + 1


def counter(database):
    return database.read("counter", lambda tx: tx.row("SELECT credits_used FROM usage WHERE user_id = :user_id"))[
        "credits_used"
    ]


def test_a_statement_that_does_not_bind_its_user_is_never_sent(database, opened_connections):
    with pytest.raises(ValueError, match="must bind :user_id"):
        database.read("a", lambda tx: tx.rows("SELECT * FROM usage"))


def test_an_update_changes_only_the_matching_rows_of_its_user(database):
    for user in ("one", "other"):
        rows = [{"day": f"2026-01-0{day}", "credits_used": 0} for day in (1, 2)]
        database.transaction(user, lambda tx: tx.execute("DELETE FROM usage WHERE user_id = :user_id"))
        database.transaction(user, lambda tx, rows=rows: tx.insert_many("usage", rows))
    where = {"day": "2026-01-01", "credits_used": 0}
    assert database.transaction("one", lambda tx: tx.update("usage", {"credits_used": 5}, where)) == 1
    assert database.transaction("one", lambda tx: tx.update("usage", {"credits_used": 6}, where)) == 0
    credits_used = {
        user: database.read(
            user,
            lambda tx: tx.tuples("SELECT credits_used FROM usage WHERE user_id = :user_id ORDER BY day"),
        )
        for user in ("one", "other")
    }
    assert credits_used == {"one": [[5], [0]], "other": [[0], [0]]}


def test_neither_kind_of_transaction_is_a_subclass_of_the_other():
    assert not issubclass(UserTransaction, SystemTransaction)
    assert not issubclass(SystemTransaction, UserTransaction)


def test_no_connection_is_opened_before_the_first_statement(database, opened_connections):
    assert opened_connections == []


def test_parallel_transactions_lose_no_update(database, day):
    """Parallel read-modify-write transactions conflict under snapshot isolation. Each one is retried."""
    context = LogContext()
    log_context.set(context)
    errors = []

    def increment_ten_times():
        log_context.set(context)
        for _ in range(10):
            try:
                database.transaction("counter", increment)
            except Unavailable as error:
                errors.append(error)

    threads = [threading.Thread(target=increment_ten_times) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counter(database) + len(errors) == 40
    assert context.retries > 0


def test_a_transaction_whose_conflicts_do_not_end_is_refused_as_busy(database, day):
    def conflict(tx):
        increment(tx)
        raise DatabaseError({"C": "40001"})

    with pytest.raises(Unavailable) as error:
        database.transaction("counter", conflict)
    assert error.value.code == "database_busy"
    assert counter(database) == 0


def test_a_domain_error_rolls_back_and_keeps_the_connection(database, opened_connections, day):
    def refuse(tx):
        increment(tx)
        raise NotFound

    with pytest.raises(NotFound):
        database.transaction("counter", refuse)
    assert counter(database) == 0
    assert len(opened_connections) == 1


def test_a_connection_with_an_unread_response_is_never_reused(database, opened_connections, day):
    """The driver requests the parameter types, fails to encode a value, and leaves the response unread."""
    too_early = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))
    with pytest.raises(OverflowError):
        database.read("counter", lambda tx: tx.rows("SELECT :user_id WHERE now() > :at", at=too_early))
    assert counter(database) == 0
    assert len(opened_connections) == 2


def test_a_statement_that_the_server_refuses_rolls_back(database, opened_connections, day):
    def fail(tx):
        increment(tx)
        tx.rows("SELECT nothing FROM nowhere WHERE user_id = :user_id")

    with pytest.raises(DatabaseError) as error:
        database.transaction("counter", fail)
    assert sqlstate(error.value) == "42P01"
    assert counter(database) == 0
    assert len(opened_connections) == 1


def test_a_closed_connection_is_replaced(database, opened_connections, day):
    opened_connections[0].close()
    database.transaction("counter", increment)
    assert counter(database) == 1
    assert len(opened_connections) == 2


def test_a_database_that_cannot_be_reached_is_unavailable_and_counted(capsys):
    def refuse():
        raise ConnectionRefusedError

    with pytest.raises(Unavailable) as error:
        Database(ConnectionPool(refuse), sleep=lambda _: None).read("a", lambda tx: tx.rows("SELECT :user_id"))
    assert error.value.code == "database_unavailable"
    assert capsys.readouterr().out.count('"DatabaseUnreachable":[1.0]') == 1
