"""`make run` and `make token`, in a clone of their own: they come up, reload, and end with ctrl-C."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from local.demo import Api
from local.emulator import PYTHON
from local.processes import free_port, wait_until

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """The project's files elsewhere, with the emulator's installation of this clone."""
    clone = tmp_path_factory.mktemp("clone")
    for name in ("chalicelib", ".chalice", "local", "migrations"):
        shutil.copytree(PROJECT / name, clone / name)
    shutil.copy(PROJECT / "app.py", clone)
    (clone / ".local" / "emulator").mkdir(parents=True)
    (clone / ".local" / "emulator" / "venv").symlink_to(PYTHON.parent.parent)
    yield clone
    command(clone, "clean")


def command(clone, name, **options):
    return subprocess.run(
        [sys.executable, "-m", "local", name],
        cwd=clone,
        env={**os.environ, **options},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def running(clone):
    """`make run`, up; gives its process and its address."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "local", "run"],
        cwd=clone,
        env={**os.environ, "PORT": str(port)},
        stdout=subprocess.PIPE,
        text=True,
    )
    shown = ""
    while "Ctrl-C ends all of it" not in shown:
        line = process.stdout.readline()
        assert line, shown
        shown += line
    yield process, f"http://127.0.0.1:{port}", shown
    if process.poll() is None:
        process.terminate()
        process.wait(30)
    process.stdout.close()


def test_a_token_needs_a_running_stack(clone):
    refused = command(clone, "token")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "make run" in refused.stderr


def test_what_a_web_client_needs_is_printed(running):
    _, url, shown = running
    for part in (url, "us-east-1_", "demo@love-q.example", "curl -s", "Authorization: Bearer "):
        assert part in shown


def test_the_printed_request_works(running):
    _, url, shown = running
    token = shown.partition("Bearer ")[2].partition("'")[0]
    assert Api(url, token).call("GET", "/chat-rooms") == {"rooms": [], "next_cursor": None}


def test_a_token_is_printed_and_nothing_else_for_any_user(running, clone):
    _, url, _ = running
    printed = command(clone, "token", EMAIL="somebody@example.com")
    assert printed.stderr == ""
    assert printed.stdout.count("\n") == 1
    assert Api(url, printed.stdout.strip()).call("GET", "/user-profile")["email"] == "somebody@example.com"


def test_a_second_run_says_that_one_is_there(running, clone):
    second = command(clone, "run", PORT=str(free_port()))
    assert second.returncode == 1
    assert "already runs" in second.stderr


def health(url):
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=5)
    try:
        connection.request("GET", "/health")
        return json.load(connection.getresponse())
    except OSError:
        return {}
    finally:
        connection.close()


def test_changed_code_is_taken_over_and_other_files_are_not_code(running, clone):
    process, url, _ = running
    settings = clone / "chalicelib" / "settings.py"
    children = {child.pid for child in psutil.Process(process.pid).children()}
    (clone / ".local" / "notes.py").write_text("x = 1\n")
    (clone / "chalicelib" / "__pycache__").mkdir(exist_ok=True)
    (clone / "chalicelib" / "__pycache__" / "new.pyc").write_bytes(b"x")
    settings.write_text(settings.read_text().replace('"0.1.0"', '"0.1.1"'))
    assert wait_until(lambda: health(url).get("version") == "0.1.1", seconds=30)
    after = {child.pid for child in psutil.Process(process.pid).children()}
    assert len(children - after) == 2  # API and bridge; PostgreSQL and the emulator stayed


def test_ctrl_c_ends_all_of_it(running):
    process, url, _ = running
    children = psutil.Process(process.pid).children(recursive=True)
    assert children
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert wait_until(lambda: not any(child.is_running() for child in children), seconds=5)
    assert health(url) == {}


def test_the_demo_starts_everything_itself_and_leaves_nothing_running(clone):
    demo = command(clone, "demo", PORT=str(free_port()))
    assert demo.returncode == 0, demo.stderr
    for part in ("612", "[안전형]", "[균형형]", "[대담형]", "make test"):
        assert part in demo.stdout
    assert [process.info for process in psutil.process_iter(["cmdline", "cwd"]) if belongs_to(clone, process)] == []
    assert not (clone / ".local" / "stack.json").exists()


def test_the_demo_says_what_is_wrong_with_a_file(clone, tmp_path):
    path = tmp_path / "chat.txt"
    path.write_text("no chat at all\n" * 20)
    demo = command(clone, "demo", PORT=str(free_port()), FILE=str(path))
    assert demo.returncode == 1
    assert "unrecognised_format" in demo.stderr
    assert "Traceback" not in demo.stderr
    missing = command(clone, "demo", PORT=str(free_port()), FILE=str(tmp_path / "nowhere.txt"))
    assert missing.returncode == 1
    assert "nowhere.txt cannot be read" in missing.stderr


def belongs_to(clone, process):
    """Whether a process is one of a clone's: it works there, or its command names something there."""
    places = [process.info["cwd"] or "", *(process.info["cmdline"] or ())]
    return any(str(clone) in place for place in places)
