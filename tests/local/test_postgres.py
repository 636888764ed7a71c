"""PostgreSQL as the local stack and the other tests run it."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pg8000.native
import psutil
import pytest

from local.postgres import Postgres
from local.processes import free_port, wait_until

PROJECT = Path(__file__).resolve().parents[2]


def connect(url):
    parts = urlsplit(url)
    return pg8000.native.Connection(
        parts.username, host=parts.hostname, port=parts.port, database=parts.path[1:], password=parts.password
    )


def ask(url, sql):
    with connect(url) as connection:
        return connection.run(sql)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    # The folder is closed to everyone else, so that as root this is also the case of a clone `nobody` cannot reach.
    postgres = Postgres(tmp_path_factory.mktemp("local") / "postgres", free_port())
    yield postgres
    postgres.discard()


@pytest.fixture
def server(installed):
    installed.start()
    yield installed
    installed.stop()


def test_gives_a_database_with_the_isolation_of_aurora_dsql(server):
    assert ask(server.url, "SHOW default_transaction_isolation") == [["repeatable read"]]
    assert ask(server.url, "SHOW server_version")[0][0].startswith("16.")
    assert ask(server.url, "SHOW fsync") == [["on"]]


def test_the_application_is_no_superuser_and_needs_its_password(server):
    assert ask(server.url, "SELECT current_user, usesuper FROM pg_user WHERE usename = current_user") == [
        ["love_q", False]
    ]
    with pytest.raises(pg8000.exceptions.DatabaseError):
        ask(f"postgresql://love_q:wrong@127.0.0.1:{server.port}/love_q", "SELECT 1")
    assert (server.home / "password").stat().st_mode & 0o077 == 0


def test_listens_on_loopback_alone(server):
    listening = [c for c in psutil.net_connections("inet") if c.laddr.port == server.port and c.status == "LISTEN"]
    assert {c.laddr.ip for c in listening} == {"127.0.0.1"}


def test_keeps_what_was_committed_when_everything_is_killed(server):
    ask(server.url, "CREATE TABLE kept (n int)")
    ask(server.url, "INSERT INTO kept VALUES (1)")
    victim = psutil.Process(server._process.pid)
    for process in (victim, *victim.children(recursive=True)):
        # One that has just ended needs no killing.
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)
    server._process.wait()

    server.start()
    assert ask(server.url, "SELECT n FROM kept") == [[1]]


def compute_without_end(url):
    with contextlib.suppress(pg8000.Error):
        ask(url, "SELECT count(*) FROM generate_series(1, 1000000000) a, generate_series(1, 1000) b")


@pytest.mark.slow
def test_starts_while_a_worker_of_a_killed_server_still_computes(server):
    threading.Thread(target=compute_without_end, args=(server.url,), daemon=True).start()
    victim = psutil.Process(server._process.pid)
    assert wait_until(lambda: any(w.cpu_percent(0.1) > 50 for w in victim.children()), seconds=10)
    victim.send_signal(signal.SIGKILL)
    server._process.wait()

    server.start()
    assert ask(server.url, "SELECT 1") == [[1]]


PARENT = """
import sys, time
from pathlib import Path
from local.postgres import Postgres

Postgres(Path(sys.argv[1]), int(sys.argv[2])).start()
print("up", flush=True)
time.sleep(60)
"""


@pytest.mark.slow
def test_takes_over_the_server_of_a_killed_parent(server):
    server.stop()
    command = [sys.executable, "-c", PARENT, server.home, str(server.port)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout.readline() == b"up\n"
        parent.kill()
    orphan = int(server._recorded()[0])
    assert psutil.pid_exists(orphan)

    server.start()
    assert not psutil.pid_exists(orphan)
    assert ask(server.url, "SELECT 1") == [[1]]


def test_a_process_id_that_went_to_another_program_is_left_alone(server):
    server.stop()
    (server._data / "postmaster.pid").write_text(f"{os.getpid()}\n{server._data}\n")
    server.start()
    assert ask(server.url, "SELECT 1") == [[1]]


@pytest.mark.slow
def test_a_home_deleted_by_hand_starts_anew(tmp_path):
    for _ in range(2):
        server = Postgres(tmp_path / "postgres", free_port())
        server.start()
        ask(server.url, "CREATE TABLE made_once (n int)")
        server.stop()
        shutil.rmtree(server.home)
    server.discard()


def test_discard_leaves_nothing(tmp_path):
    server = Postgres(tmp_path / "postgres", free_port(), auth="trust")
    server.start()
    assert ask(server.superuser_url, "SELECT current_user") == [["postgres"]]
    place, pid = server._place, server._process.pid
    server.discard()
    assert not place.exists()
    assert not psutil.pid_exists(pid)
