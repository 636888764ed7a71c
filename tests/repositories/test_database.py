"""Transactions are repeated on conflicts, connections reused and renewed, users kept apart."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from pg8000.exceptions import DatabaseError

from chalicelib.errors import NotFound, Unavailable
from chalicelib.observability import LogContext, log_context
from chalicelib.repositories import database as module
from chalicelib.repositories.database import (
    Database,
    SystemTransaction,
    UserTransaction,
    batches,
    connect_to_url,
    sqlstate,
)


class Clock:
    """Time that stands still until a test moves it."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def opened():
    """The connections that were opened, in order."""
    return []


@pytest.fixture
def database(database_url, clock, opened):
    def connect():
        opened.append(connect_to_url(database_url))
        return opened[-1]

    database = Database(connect, clock=clock, sleep=lambda _: None)
    yield database
    database.close()


@pytest.fixture
def narrow(database):
    """The same with one connection at most, for which nobody waits long."""
    narrow = replace(database, most=1, wait_s=0.5)
    yield narrow
    narrow.close()


@pytest.fixture
def day(database):
    """A row of `usage` that counts."""
    database.transaction(
        "counter",
        lambda tx: tx.execute(
            "INSERT INTO usage (user_id, day, credits_used) VALUES (:user_id, '2026-01-01', 0) "
            "ON CONFLICT (user_id, day) DO UPDATE SET credits_used = 0"
        ),
    )


def count_up(tx):
    used = tx.row("SELECT credits_used FROM usage WHERE user_id = :user_id AND day = '2026-01-01'")["credits_used"]
    tx.execute("UPDATE usage SET credits_used = :used WHERE user_id = :user_id AND day = '2026-01-01'", used=used + 1)
    return used + 1


def counted(database):
    return database.read("counter", lambda tx: tx.row("SELECT credits_used FROM usage WHERE user_id = :user_id"))[
        "credits_used"
    ]


def test_a_statement_that_forgets_whose_rows_it_touches_is_never_sent(database):
    with pytest.raises(ValueError, match="must bind :user_id"):
        database.read("a", lambda tx: tx.rows("SELECT * FROM usage"))


def test_neither_kind_of_transaction_is_the_other():
    assert not issubclass(UserTransaction, SystemTransaction)
    assert not issubclass(SystemTransaction, UserTransaction)


def test_nothing_is_opened_before_the_first_statement(database, opened):
    assert opened == []


def test_one_connection_serves_call_after_call(database, opened, day):
    for _ in range(5):
        database.transaction("counter", count_up)
    assert len(opened) == 1
    assert counted(database) == 5


def test_a_connection_is_replaced_before_fifty_minutes(database, opened, clock, day):
    clock.seconds = module.MAX_CONNECTION_AGE_S - 1
    database.transaction("counter", count_up)
    assert len(opened) == 1
    clock.seconds = module.MAX_CONNECTION_AGE_S
    database.transaction("counter", count_up)
    assert len(opened) == 2


def test_threads_never_share_a_connection(database, opened, day):
    together = threading.Barrier(3)
    threads = [
        threading.Thread(
            target=database.read,
            args=("counter", lambda tx: (together.wait(10), tx.row("SELECT 1 AS one WHERE :user_id <> ''"))),
        )
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 3
    for connection in opened:
        assert connection.run("SELECT 1") == [[1]]


def test_what_is_written_goes_out_at_once(database, opened, day):
    (connection,) = opened
    assert connection._usock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def ask(tx):
    return tx.row("SELECT 1 AS one WHERE :user_id <> ''")


def test_who_finds_no_connection_waits_for_one(narrow, opened):
    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(lambda _: narrow.read("counter", ask), range(50)))
    assert told == [{"one": 1}] * 50
    assert len(opened) == 1


def test_who_waits_in_vain_is_told_that_the_database_is_busy(narrow):
    def refused():
        with pytest.raises(Unavailable) as refusal:
            narrow.read("other", ask)
        return refusal.value.code, refusal.value.retry_after

    with ThreadPoolExecutor(1) as threads:
        assert narrow.read("counter", lambda _: threads.submit(refused).result()) == ("database_busy", 1)
    assert narrow.read("counter", ask) == {"one": 1}


def test_parallel_transactions_lose_no_update(database, day):
    """Reading and then writing conflicts under snapshot isolation; each is run again until it fits."""
    done = LogContext()
    log_context.set(done)
    errors = []

    def ten_times():
        log_context.set(done)
        for _ in range(10):
            try:
                database.transaction("counter", count_up)
            except Unavailable as error:
                errors.append(error)

    threads = [threading.Thread(target=ten_times) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted(database) + len(errors) == 40
    assert done.retries > 0


def test_a_conflict_that_never_ends_is_unavailable(database, day):
    def always_late(tx):
        count_up(tx)
        raise DatabaseError({"C": "40001"})

    with pytest.raises(Unavailable) as busy:
        database.transaction("counter", always_late)
    assert busy.value.code == "database_busy"
    assert counted(database) == 0


def test_a_refusal_of_ours_rolls_back_and_the_connection_lives_on(database, opened, day):
    def refuse(tx):
        count_up(tx)
        raise NotFound

    with pytest.raises(NotFound):
        database.transaction("counter", refuse)
    assert counted(database) == 0
    assert len(opened) == 1


def test_a_connection_left_in_the_middle_of_an_answer_is_never_handed_on(database, opened, day):
    """The driver asks what a statement takes, fails to write a value, and leaves the answer unread."""
    too_early = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))
    with pytest.raises(OverflowError):
        database.read("counter", lambda tx: tx.rows("SELECT :user_id WHERE now() > :at", at=too_early))
    assert counted(database) == 0
    assert len(opened) == 2


def test_a_statement_the_server_refuses_rolls_back(database, opened, day):
    def refused(tx):
        count_up(tx)
        tx.rows("SELECT nothing FROM nowhere WHERE user_id = :user_id")

    with pytest.raises(DatabaseError) as error:
        database.transaction("counter", refused)
    assert sqlstate(error.value) == "42P01"
    assert counted(database) == 0
    assert len(opened) == 1


def test_a_connection_the_server_closed_is_replaced_once(database, opened, day):
    opened[0].close()
    database.transaction("counter", count_up)
    assert counted(database) == 1
    assert len(opened) == 2


def test_a_database_that_is_not_there_is_unavailable_and_counted(capsys):
    def refuse():
        raise ConnectionRefusedError

    with pytest.raises(Unavailable) as error:
        Database(refuse, sleep=lambda _: None).read("a", lambda tx: tx.rows("SELECT :user_id"))
    assert error.value.code == "database_unavailable"
    assert capsys.readouterr().out.count('"DatabaseUnreachable":[1.0]') == 1


def test_the_drivers_own_errors_have_no_sqlstate():
    assert sqlstate(OSError()) is None
    assert sqlstate(DatabaseError("in failed transaction block")) is None


@pytest.mark.parametrize("sizes", [[], [1], [10] * 2_500, [10] * 2_501, [60_000] * 5_000, [9_000_000, 1, 9_000_000]])
def test_portions_hold_every_row_once_within_the_limits_of_a_transaction(sizes):
    parts = list(batches(sizes))
    assert [place for part in parts for place in part] == list(range(len(sizes)))
    for part in parts:
        assert 0 < len(part) <= 2_500
        assert len(part) == 1 or sum(sizes[place] for place in part) < 8 * 1024 * 1024
