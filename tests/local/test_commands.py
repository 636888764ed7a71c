"""`make run` and `make token` in a clone: the stack starts, reloads, and stops with Ctrl-C."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import requests

from local.api_client import Api
from local.processes import free_port, wait_until
from local.seed import seed
from tests.local.conftest import command

PROJECT = Path(__file__).resolve().parents[2]
LAST_LINE = "Press Ctrl-C to stop everything."

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def running(clone):
    """`make run SEED=1`; yields its process, the URL of the API and what it printed."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "local", "run"],
        cwd=clone,
        env={**os.environ, "PORT": str(port), "SEED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    output = ""
    while LAST_LINE not in output:
        line = process.stdout.readline()
        assert line, output
        output += line
    yield process, f"http://127.0.0.1:{port}", output
    if process.poll() is None:
        process.terminate()
        process.wait(30)
    process.stdout.close()


def test_a_token_requires_a_running_stack(clone):
    refusal = command(clone, "token")
    assert (refusal.returncode, refusal.stdout) == (1, "")
    assert "make run" in refusal.stderr


def test_run_prints_the_settings_of_a_web_client(running):
    _, url, output = running
    for part in (f"{url}/docs", "us-east-1_", "demo@love-q.example", "curl -s", "Authorization: Bearer "):
        assert part in output
    assert f"npx openapi-typescript {url}/openapi.json -o api.d.ts" in output


def test_the_printed_request_returns_the_sample_chat(running):
    _, url, output = running
    (room,) = signed_in(url, output).call("GET", "/chat-rooms")["rooms"]
    assert room["message_count"] == 612


def test_seed_fills_every_screen_once(running):
    _, url, output = running
    api = signed_in(url, output)
    seed(api)
    (room,) = api.call("GET", "/chat-rooms")["rooms"]
    (profile,) = api.call("GET", "/partner-profile")["profiles"]
    assert (room["partner_profile_id"], room["message_count"]) == (profile["profile_id"], 612)
    assert profile["analysis"]
    (turn,) = api.call("GET", f"/conversation-history?room_id={room['room_id']}")["conversations"]
    assert len(turn["ai_responses"]) == 3
    assert api.call("GET", f"/emotion-analysis?room_id={room['room_id']}")["points"]
    assert api.call("GET", f"/messages?room_id={room['room_id']}")["messages"]


def test_the_api_can_be_read_in_a_browser_without_a_network(running):
    _, url, _ = running
    page = requests.get(f"{url}/docs", timeout=5)
    assert page.headers["Content-Type"].startswith("text/html")
    sources = re.findall(r'(?:src|href)="(?!data:)([^"]+)"', page.text)
    assert len(sources) == 2
    for source in sources:
        assert requests.get(url + source, timeout=5).status_code == 200
    assert 'url: "/openapi.json"' in page.text
    assert requests.get(f"{url}/docs/../app.py", timeout=5).status_code == 403


def signed_in(url, output):
    return Api(url, output.partition("Bearer ")[2].partition("'")[0])


def test_token_prints_only_a_token_for_any_user(running, clone):
    _, url, _ = running
    printed = command(clone, "token", EMAIL="somebody@example.com")
    assert printed.stderr == ""
    assert printed.stdout.count("\n") == 1
    assert Api(url, printed.stdout.strip()).call("GET", "/user-profile")["email"] == "somebody@example.com"


def test_a_second_run_reports_that_the_stack_already_runs(running, clone):
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


def test_changed_code_is_reloaded_and_other_files_are_ignored(running, clone):
    process, url, _ = running
    before = children(process)
    (clone / ".local" / "notes.py").write_text("x = 1\n")
    (clone / "chalicelib" / "__pycache__").mkdir(exist_ok=True)
    (clone / "chalicelib" / "__pycache__" / "new.pyc").write_bytes(b"x")
    replace(clone / "chalicelib" / "settings.py", '"0.1.0"', '"0.1.1"')
    assert wait_until(lambda: health(url).get("version") == "0.1.1", seconds=30)
    assert wait_until(lambda: restarted(process, before), seconds=5)


def test_app_py_is_reloaded_each_time_it_is_replaced(running, clone):
    """Git and editors replace a file, which ends a watch on the file itself."""
    process, url, _ = running
    for number in range(2):
        before = children(process)
        copy = clone / "app.py.new"
        copy.write_text(f"{(PROJECT / 'app.py').read_text()}\n# {number}\n")
        copy.replace(clone / "app.py")
        assert wait_until(lambda old=before: restarted(process, old) and health(url), seconds=30)


def restarted(process, before):
    """Return whether new processes replaced the API and the bridge; PostgreSQL and the emulator still run."""
    now = children(process)
    return len(now) == 4 and len(before - now) == 2


def children(process):
    return {child.pid for child in psutil.Process(process.pid).children()}


def replace(path, old, new):
    path.write_text(path.read_text().replace(old, new))


def test_ctrl_c_stops_everything(running):
    process, url, _ = running
    programs = psutil.Process(process.pid).children(recursive=True)
    assert programs
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert wait_until(lambda: not any(program.is_running() for program in programs), seconds=5)
    assert health(url) == {}
