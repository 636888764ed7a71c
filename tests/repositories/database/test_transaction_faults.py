"""A failed transaction is retried if that is safe, and never committed twice."""

from __future__ import annotations

import pytest
from pg8000.exceptions import DatabaseError

from chalicelib.errors import Unavailable
from chalicelib.repositories.database import Database, connect_to_url, connections
from chalicelib.repositories.database.pool import ConnectionPool
from chalicelib.repositories.database.transactions import MAX_ATTEMPTS
from tests.support.fault_injection import Fault, FaultyDatabase

DAY = "2026-01-01"
INCREMENT = (
    "INSERT INTO usage (user_id, day, credits_used) VALUES (:user_id, :day, 1) "
    "ON CONFLICT (user_id, day) DO UPDATE SET credits_used = usage.credits_used + 1 RETURNING credits_used"
)


@pytest.fixture
def faulty_database(database_url):
    with FaultyDatabase(int(database_url.rsplit(":", 1)[1].split("/")[0])) as faulty_database:
        yield faulty_database


@pytest.fixture
def database(faulty_database, monkeypatch):
    monkeypatch.setattr(connections, "SOCKET_TIMEOUT_S", 0.5)
    url = f"postgresql://postgres@127.0.0.1:{faulty_database.port}/love_q"
    database = Database(ConnectionPool(lambda: connect_to_url(url)), sleep=lambda _: None)
    database.transaction("faults", lambda tx: tx.execute("DELETE FROM usage WHERE user_id = :user_id"))
    yield database
    database.close()


def inject_once(faulty_database, fault, where):
    """Inject a fault at the first statement that contains ``where``."""
    pending = [fault]

    def plan(statement):
        return pending.pop() if pending and where in statement.sql else Fault.NONE

    faulty_database.plan = plan


def inject_always(faulty_database, fault, where):
    """Inject a fault at every statement that contains ``where``."""
    faulty_database.plan = lambda statement: fault if where in statement.sql else Fault.NONE


def increment(database):
    return database.transaction("faults", lambda tx: tx.row(INCREMENT, day=DAY)["credits_used"])


def counter(database, faulty_database):
    faulty_database.plan = lambda _: Fault.NONE
    row = database.read("faults", lambda tx: tx.row("SELECT credits_used FROM usage WHERE user_id = :user_id"))
    return row["credits_used"] if row else 0


@pytest.mark.parametrize("where", ["BEGIN", "INSERT INTO usage", "COMMIT"])
@pytest.mark.parametrize("fault", [Fault.CONFLICT, Fault.SCHEMA_CHANGED])
def test_a_conflict_is_retried_wherever_it_occurs(database, faulty_database, fault, where):
    inject_once(faulty_database, fault, where)
    assert increment(database) == 1
    assert faulty_database.injected == [fault]
    assert counter(database, faulty_database) == 1


@pytest.mark.parametrize("where", ["INSERT INTO usage", "COMMIT"])
def test_a_transaction_whose_conflicts_do_not_end_is_refused_as_busy(database, faulty_database, where):
    inject_always(faulty_database, Fault.CONFLICT, where)
    with pytest.raises(Unavailable) as error:
        increment(database)
    assert (error.value.code, error.value.retry_after) == ("database_busy", 1)
    assert len(faulty_database.injected) == MAX_ATTEMPTS
    assert counter(database, faulty_database) == 0


@pytest.mark.parametrize("where", ["BEGIN", "INSERT INTO usage"])
@pytest.mark.parametrize(
    "fault", [Fault.RESET, Fault.LOST_ANSWER, Fault.SHUTDOWN, Fault.READ_ONLY, Fault.SILENT], ids=str
)
def test_a_transaction_whose_connection_is_lost_before_commit_is_retried_once(database, faulty_database, fault, where):
    inject_once(faulty_database, fault, where)
    assert increment(database) == 1
    assert counter(database, faulty_database) == 1


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.SHUTDOWN, Fault.READ_ONLY, Fault.SILENT], ids=str)
def test_a_database_that_fails_twice_is_unavailable_and_nothing_is_written(database, faulty_database, fault):
    inject_always(faulty_database, fault, "INSERT INTO usage")
    with pytest.raises(Unavailable) as error:
        increment(database)
    assert (error.value.code, error.value.retry_after) == ("database_unavailable", 5)
    assert len(faulty_database.injected) == 2
    assert counter(database, faulty_database) == 0


def test_a_commit_whose_response_is_lost_is_not_retried(database, faulty_database):
    inject_once(faulty_database, Fault.LOST_ANSWER, "COMMIT")
    with pytest.raises(Unavailable):
        increment(database)
    assert counter(database, faulty_database) == 1


@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.RESET], ids=str)
def test_repeatable_steps_are_retried_after_a_lost_commit(database, faulty_database, fault):
    inject_once(faulty_database, fault, "COMMIT")
    set_to_seven = INCREMENT.replace("usage.credits_used + 1", "7").replace(":day, 1", ":day, 7")
    database.transaction("faults", lambda tx: tx.row(set_to_seven, day=DAY), repeatable=True)
    assert faulty_database.injected == [fault]
    assert counter(database, faulty_database) == 7


def test_a_commit_that_did_not_reach_the_server_is_not_retried_either(database, faulty_database):
    inject_once(faulty_database, Fault.RESET, "COMMIT")
    with pytest.raises(Unavailable):
        increment(database)
    assert counter(database, faulty_database) == 0


@pytest.mark.parametrize("fault", [Fault.TOO_MANY, Fault.EXPIRED], ids=str)
def test_a_server_that_refuses_connections_is_tried_twice(database, faulty_database, fault):
    database.close()
    inject_once(faulty_database, fault, "CONNECT")
    assert increment(database) == 1
    database.close()
    inject_always(faulty_database, fault, "CONNECT")
    with pytest.raises(Unavailable):
        increment(database)


def test_a_server_that_has_stopped_is_unavailable(database, faulty_database):
    faulty_database.refuse()
    with pytest.raises(Unavailable):
        increment(database)


def test_idle_connections_that_the_server_closed_are_replaced(database, faulty_database):
    increment(database)
    faulty_database.break_all()
    assert increment(database) == 2


def test_a_read_is_retried_after_every_temporary_fault(database, faulty_database):
    for fault in (Fault.CONFLICT, Fault.RESET, Fault.LOST_ANSWER, Fault.READ_ONLY):
        inject_once(faulty_database, fault, "SELECT credits_used")
        row = database.read("faults", lambda tx: tx.row("SELECT credits_used FROM usage WHERE user_id = :user_id"))
        assert row is None


def test_a_permanent_error_is_raised_as_it_is(database):
    with pytest.raises(DatabaseError):
        database.transaction("faults", lambda tx: tx.execute("INSERT INTO nowhere VALUES (:user_id)"))
