"""The PostgreSQL server of the local stack and of the other tests."""

from __future__ import annotations

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
    # Only its owner can read this folder, so for root this is a clone that `nobody` cannot reach.
    postgres = Postgres(tmp_path_factory.mktemp("local") / "postgres", free_port())
    yield postgres
    postgres.discard()


@pytest.fixture
def server(installed):
    installed.start()
    yield installed
    installed.stop()


def test_the_database_has_the_isolation_level_of_aurora_dsql(server):
    assert ask(server.url, "SHOW default_transaction_isolation") == [["repeatable read"]]
    assert ask(server.url, "SHOW server_version")[0][0].startswith("16.")
    assert ask(server.url, "SHOW fsync") == [["on"]]


def test_the_application_needs_its_password_and_is_not_a_superuser(server):
    assert ask(server.url, "SELECT current_user, usesuper FROM pg_user WHERE usename = current_user") == [
        ["love_q", False]
    ]
    with pytest.raises(pg8000.exceptions.DatabaseError):
        ask(f"postgresql://love_q:wrong@127.0.0.1:{server.port}/love_q", "SELECT 1")
    assert (server.home / "password").stat().st_mode & 0o077 == 0


def test_the_server_listens_only_on_loopback(server):
    sockets = psutil.Process(server.pid).net_connections("inet")
    assert {(one.laddr.ip, one.laddr.port) for one in sockets if one.status == "LISTEN"} == {("127.0.0.1", server.port)}


def test_committed_rows_survive_a_kill_9_of_every_process(server):
    ask(server.url, "CREATE TABLE committed (n int)")
    ask(server.url, "INSERT INTO committed VALUES (1)")
    postmaster = psutil.Process(server.pid)
    for process in (postmaster, *postmaster.children(recursive=True)):
        # It may have ended meanwhile.
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)
    server._process.wait()

    server.start()
    assert ask(server.url, "SELECT n FROM committed") == [[1]]


def run_endless_query(url):
    with contextlib.suppress(pg8000.Error):
        ask(url, "SELECT count(*) FROM generate_series(1, 1000000000) a, generate_series(1, 1000) b")


@pytest.mark.slow
def test_the_server_starts_while_a_worker_of_a_killed_server_still_runs_a_query(server):
    threading.Thread(target=run_endless_query, args=(server.url,), daemon=True).start()
    postmaster = psutil.Process(server.pid)
    running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()"
    assert wait_until(lambda: ask(server.url, running) == [[1]], seconds=10, interval=0.1)
    postmaster.send_signal(signal.SIGKILL)
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
def test_a_start_stops_the_server_of_a_killed_parent(server):
    server.stop()
    command = [sys.executable, "-c", PARENT, server.home, str(server.port)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout.readline() == b"up\n"
        parent.kill()
    orphan = int(server._pid_file()[0])
    assert psutil.pid_exists(orphan)

    server.start()
    assert not psutil.pid_exists(orphan)
    assert ask(server.url, "SELECT 1") == [[1]]


def test_another_program_with_the_recorded_process_id_is_not_stopped(server):
    server.stop()
    (server._data / "postmaster.pid").write_text(f"{os.getpid()}\n{server._data}\n")
    server.start()
    assert ask(server.url, "SELECT 1") == [[1]]


@pytest.mark.slow
def test_a_home_that_was_deleted_by_hand_starts_with_an_empty_database(tmp_path):
    for _ in range(2):
        server = Postgres(tmp_path / "postgres", free_port())
        server.start()
        ask(server.url, "CREATE TABLE created_once (n int)")
        server.stop()
        shutil.rmtree(server.home)
    server.discard()


def test_discard_deletes_every_file_and_stops_the_server(tmp_path):
    server = Postgres(tmp_path / "postgres", free_port(), auth="trust")
    server.start()
    assert ask(server.superuser_url, "SELECT current_user") == [["postgres"]]
    folder, pid = server._data_home, server.pid
    server.discard()
    assert not folder.exists()
    assert not psutil.pid_exists(pid)
