"""The main use case on the real local stack, over HTTP, like a web client."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from local import demo
from local.api_client import Api, post_form
from local.processes import StackError, free_port, wait_until
from local.stack import Stack, discard
from tests.support.exports import android

PROJECT = Path(__file__).resolve().parent.parent
CONSENTS = {"consents": {"age_over_14": True, "terms": True, "overseas_transfer": True}}


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    home = tmp_path_factory.mktemp("stack")
    with Stack(home) as stack:
        yield stack
    discard(home)


@pytest.fixture
def api(stack, request):
    """Return the API client of a new user who is signed in at the Cognito emulator."""
    name = "".join(character for character in request.node.name if character.isalnum())
    api = Api(stack.api_url, stack.token(f"{name[:40].lower()}@example.com"))
    api.call("PUT", "/user-profile", CONSENTS)
    return api


def test_an_imported_chat_gets_three_replies(api, sample):
    content = base64.b64encode(sample("kakaotalk_ios.txt")).decode()
    file = api.call("POST", "/process-file", {"file_content": content, "encoding": "base64", "my_name": "하늘"})
    room = api.call("GET", f"/chat-rooms?room_id={file['room_id']}")["rooms"][0]
    assert [person["role"] for person in room["statistics"]["participants"]] == ["me", "partner"]
    speech = api.call("POST", "/analyze-speech", {"room_id": file["room_id"]})
    assert speech["participants"][0]["total_messages"] > 300
    answer = api.call("POST", "/analyze", {"room_id": file["room_id"]})
    assert [response["type"] for response in answer["responses"]] == ["안전형", "균형형", "대담형"]
    messages = api.call("GET", f"/messages?room_id={file['room_id']}&limit=3")["messages"]
    assert messages[0]["text"].startswith("하늘아 자?")


def test_a_file_posted_to_the_bucket_is_imported_by_its_event(api, sample):
    begun = api.call("POST", "/process-file", {"filename": "카톡 대화+1.csv", "size": 50_000, "my_name": "하늘"})
    post_form(begun["upload"], sample("kakaotalk.csv"))
    file = wait_until_done(api, begun["file"]["file_id"])
    assert (file["status"], file["messages_count"]) == ("ready", 612)


def test_an_uploaded_picture_fails_with_an_error_code(api):
    begun = api.call("POST", "/process-file", {"filename": "a.png", "size": 100})
    post_form(begun["upload"], b"\x89PNG\r\n\x1a\n" + bytes(100))
    assert wait_until_done(api, begun["file"]["file_id"])["error"]["code"] == "undecodable_text"


def test_erasing_an_account_also_erases_the_cognito_user(api, stack):
    user_id = api.call("GET", "/user-profile")["user_id"]
    users = stack.resources.users(user_id)
    assert len(users) == 1
    assert api.call("DELETE", "/user-profile", {})["erased"]["cognito_user"] == 1
    assert stack.resources.users(user_id) == []
    with pytest.raises(StackError, match="account_erased"):
        api.call("GET", "/user-profile")


def test_a_request_without_a_token_is_rejected(stack):
    connection = http.client.HTTPConnection(stack.api_url.removeprefix("http://"), timeout=10)
    connection.request("GET", "/user-profile")
    reply = connection.getresponse()
    assert reply.status == 401
    assert json.load(reply)["code"] == "token_missing"
    assert reply.getheader("Access-Control-Allow-Origin") == "*"
    connection.close()


def test_one_connection_serves_several_requests(api, stack):
    connection = http.client.HTTPConnection(stack.api_url.removeprefix("http://"), timeout=10)
    for _ in range(3):
        connection.request("GET", "/user-profile", headers={"Authorization": f"Bearer {api.token}"})
        reply = connection.getresponse()
        assert reply.status == 200
        assert json.load(reply)["consents"]["terms"]
    connection.close()


def test_plain_chalice_local_works_beside_the_stack(stack, api, tmp_path):
    """Run in a clone that has the stack's `.local/stack.json`, as `make run` writes it."""
    for name in ("chalicelib", ".chalice"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    shutil.copy(PROJECT / "app.py", tmp_path)
    (tmp_path / ".local").mkdir()
    shutil.copy(stack.home / "stack.json", tmp_path / ".local")
    port = free_port()
    command = [Path(sys.executable).parent / "chalice", "local", "--stage", "local", "--no-autoreload"]
    process = subprocess.Popen([*command, "--port", str(port)], cwd=tmp_path, env={"PATH": os.environ["PATH"]})
    try:
        other = Api(f"http://127.0.0.1:{port}", api.token)
        assert wait_until(lambda: answers(other), seconds=20)
        assert other.call("GET", "/user-profile") == api.call("GET", "/user-profile")
    finally:
        process.terminate()
        process.wait(10)


def answers(api):
    try:
        return api.call("GET", "/health")["status"] == "ok"
    except (OSError, StackError):
        return False


def test_the_demo_prints_every_step(stack, sample, tmp_path, capsys):
    path = tmp_path / "chat.txt"
    path.write_bytes(sample("kakaotalk_windows.txt"))
    demo.main(stack, str(path), None)
    output = capsys.readouterr().out
    for part in ("하늘(나)", "바다(상대)", "해요체", "긍정", "[안전형]", "[균형형]", "[대담형]", "make run"):
        assert part in output


def wait_until_done(api, file_id, seconds=90):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        file = api.call("GET", f"/process-file?file_id={file_id}")
        if file["status"] in ("ready", "failed"):
            return file
        time.sleep(0.1)
    raise AssertionError(f"still {file['status']}")


# kill -9 during an import

SUPERVISE = """
import sys, time
from pathlib import Path
from local.stack import Stack
with Stack(Path(sys.argv[1])) as stack:
    print("up", flush=True)
    time.sleep(600)
"""
MESSAGES = 40_000


@pytest.fixture
def killable(tmp_path_factory):
    """Return a function that starts a stack in a separate process, after killing the previous one."""
    home = tmp_path_factory.mktemp("killed")
    environment = {**os.environ, "IMPORT_LEASE_S": "1", "PYTHONPATH": str(PROJECT)}

    def start():
        supervisor = subprocess.Popen(
            [sys.executable, "-c", SUPERVISE, str(home)], cwd=PROJECT, env=environment, stdout=subprocess.PIPE
        )
        assert supervisor.stdout.readline() == b"up\n"
        supervisor.stdout.close()
        return supervisor, Stack.attach_to_running(home)

    running = []

    def restart():
        if running:
            kill(running.pop())
        supervisor, stack = start()
        running.append(supervisor)
        return stack

    yield restart
    supervisor = running.pop()
    supervisor.terminate()
    supervisor.wait(30)
    discard(home)


def kill(supervisor):
    """Kill a process and its children with SIGKILL."""
    processes = [psutil.Process(supervisor.pid), *psutil.Process(supervisor.pid).children(recursive=True)]
    for process in processes:
        # The process may have ended already.
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)
    supervisor.wait(10)


@pytest.mark.slow
def test_after_a_kill_9_in_the_middle_of_an_import_it_is_done_once(killable):
    stack = killable()
    api = Api(stack.api_url, stack.token("killed@example.com"))
    api.call("PUT", "/user-profile", CONSENTS)
    begun = api.call("POST", "/process-file", {"filename": "long.txt", "size": 4_000_000})
    texts = [f"{number}번째 말이에요" for number in range(MESSAGES)]
    post_form(begun["upload"], android([("하늘" if n % 2 else "바다", text) for n, text in enumerate(texts)]))
    file_id = begun["file"]["file_id"]
    while api.call("GET", f"/process-file?file_id={file_id}")["status"] == "awaiting_upload":
        time.sleep(0.01)
    assert api.call("GET", f"/process-file?file_id={file_id}")["status"] == "processing"

    stack = killable()
    api = Api(stack.api_url, stack.token("killed@example.com"))
    file = wait_until_done(api, file_id, seconds=150)
    assert (file["status"], file["messages_count"]) == ("ready", MESSAGES)
    rooms = api.call("GET", "/chat-rooms")["rooms"]
    assert [room["message_count"] for room in rooms] == [MESSAGES]
    assert all_texts(api, rooms[0]["room_id"]) == texts[-5_000:]


def all_texts(api, room_id):
    texts, cursor = [], ""
    while cursor is not None:
        page = api.call("GET", f"/messages?room_id={room_id}&order=asc&limit=200{cursor and f'&cursor={cursor}'}")
        texts += [message["text"] for message in page["messages"]]
        cursor = page["next_cursor"]
    return texts
