"""A database whose connections a test can count, and whose clock a test can move."""

from __future__ import annotations

import pytest

from chalicelib.repositories.database import Database, connect_to_url
from chalicelib.repositories.database.pool import ConnectionPool


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def opened_connections():
    """The connections that were opened, in order."""
    return []


@pytest.fixture
def pool(database_url, clock, opened_connections):
    def connect():
        opened_connections.append(connect_to_url(database_url))
        return opened_connections[-1]

    pool = ConnectionPool(connect, clock=clock)
    yield pool
    pool.close_idle()


@pytest.fixture
def database(pool):
    return Database(pool, sleep=lambda _: None)
