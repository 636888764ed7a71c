"""Connections are reused, replaced before they expire, limited in number and never shared by two threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from chalicelib.errors import Unavailable
from chalicelib.repositories.database.pool import MAX_CONNECTION_AGE_S


@pytest.fixture
def single_pool(pool):
    """A pool of one connection, with a short wait for it."""
    single_pool = replace(pool, max_connections=1, wait_s=0.5)
    yield single_pool
    single_pool.close_idle()


def select_one(pool):
    with pool.borrow() as connection:
        return connection.run("SELECT 1")


def test_no_connection_is_opened_before_the_first_use(pool, opened_connections):
    assert opened_connections == []


def test_successive_calls_use_one_connection(pool, opened_connections):
    for _ in range(5):
        assert select_one(pool) == [[1]]
    assert len(opened_connections) == 1


def test_a_connection_is_replaced_after_fifty_minutes(pool, opened_connections, clock):
    select_one(pool)
    clock.seconds = MAX_CONNECTION_AGE_S - 1
    select_one(pool)
    assert len(opened_connections) == 1
    clock.seconds = MAX_CONNECTION_AGE_S
    select_one(pool)
    assert len(opened_connections) == 2


def test_threads_never_share_a_connection(pool, opened_connections):
    barrier = threading.Barrier(3)

    def borrow():
        with pool.borrow() as connection:
            barrier.wait(10)
            connection.run("SELECT 1")

    threads = [threading.Thread(target=borrow) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened_connections) == 3
    for connection in opened_connections:
        assert connection.run("SELECT 1") == [[1]]


def test_a_caller_waits_for_a_free_connection(single_pool, opened_connections):
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(lambda _: select_one(single_pool), range(50)))
    assert results == [[[1]]] * 50
    assert len(opened_connections) == 1


def test_a_caller_without_a_connection_in_time_gets_an_error(single_pool):
    def fail_to_borrow():
        with pytest.raises(Unavailable) as error:
            select_one(single_pool)
        return error.value.code, error.value.retry_after

    with ThreadPoolExecutor(1) as threads, single_pool.borrow():
        assert threads.submit(fail_to_borrow).result() == ("database_busy", 1)
    assert select_one(single_pool) == [[1]]
