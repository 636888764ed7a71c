"""Load: 50 users at once on the local stack for five minutes, then more than it carries, over HTTP.

The users are threads of this process; the API, PostgreSQL and the emulator are others. Each user thinks between
requests in the first part and not at all in the second, where there are twice as many. What users were told was
written is counted against what is there afterwards.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from benchmarks.chats import android_ko, chat
from benchmarks.table import Table
from chalicelib.repositories.database import connect_to_url
from local.stack import Stack, discard

USERS, SECONDS = 50, float(os.environ.get("LOAD_SECONDS", "300"))
OVERLOAD_USERS, OVERLOAD_SECONDS = 2 * USERS, SECONDS / 5
# What a user waits between two requests, so that 50 of them are within what one process carries.
THINKS_S = 3.0
TIMEOUT_S = 60
FLAT = 1.05
ENVIRONMENT = {"REQUESTS_A_MINUTE": "1000000", "DAILY_CREDITS": "1000000", "LOG_LEVEL": "ERROR"}
CONSENTS = {"consents": {"age_over_14": True, "terms": True, "overseas_transfer": True}}
WROTE = (200, 201)
# What users do, and how often of a hundred times.
MIX = {
    "GET /chat-rooms": 20,
    "GET /chat-rooms?room_id={room}": 15,
    "GET /messages?room_id={room}&limit=50": 15,
    "GET /user-profile": 10,
    "GET /emotion-analysis?room_id={room}": 8,
    "POST /chat-rooms": 8,
    "POST /emotion-analysis": 6,
    "POST /analyze-speech": 5,
    "POST /conversation-history": 5,
    "POST /analyze": 5,
    "POST /process-file": 3,
}
MESSAGES = 400


@dataclass
class Seen:
    """What users saw: milliseconds by what they did, statuses, and rooms that they were told were made."""

    milliseconds: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    made: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, name: str, status: int, started: float) -> None:
        """Take note of one request."""
        with self.lock:
            self.milliseconds.setdefault(name, []).append((time.perf_counter() - started) * 1000)
            self.statuses[status] += 1


class User:
    """One user with a chat, on a connection that is kept."""

    def __init__(self, url: str, token: str, seen: Seen, number: int) -> None:
        """Sign in; ``prepare`` before acting."""
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT_S)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.seen = seen
        self._random = random.Random(number)  # noqa: S311 (what comes next, no secret)
        self._name, self._made = f"방 {number}", 0
        self._export = android_ko(chat(MESSAGES))
        self._room = ""

    def prepare(self) -> None:
        """Give the consents and import a chat."""
        self._call("prepare", "PUT", "/user-profile", CONSENTS)
        file = self._call("prepare", "POST", "/process-file", {"file_content": self._export, "my_name": "하늘"})
        self._room = file["room_id"]

    def act(self) -> None:
        """Do what users do, as often as they do it."""
        names = list(MIX)
        name = self._random.choices(names, [MIX[name] for name in names])[0]
        method, _, path = name.partition(" ")
        body = self._body(name) if method == "POST" else None
        reply = self._call(name, method, path.replace("{room}", self._room), body)
        if name == "POST /chat-rooms" and body:
            (self.seen.made if reply else self.seen.unsure).append(body["partner_name"])

    def profile(self) -> None:
        """Ask for what is quickest."""
        self._call("GET /user-profile", "GET", "/user-profile")

    def _body(self, name: str) -> dict[str, Any]:
        self._made += 1
        bodies: dict[str, dict[str, Any]] = {
            "POST /chat-rooms": {"partner_name": f"{self._name} {self._made}", "partner_relationship": "썸"},
            "POST /emotion-analysis": {"text": "오늘 발표가 잘 끝나서 너무 좋아!"},
            "POST /analyze-speech": {"room_id": self._room},
            "POST /conversation-history": {"user_message": "뭐라고 하지", "ai_responses": []},
            "POST /analyze": {"room_id": self._room, "regenerate": True},
            "POST /process-file": {"file_content": self._export, "my_name": "하늘"},
        }
        return bodies[name]

    def _call(self, name: str, method: str, path: str, body: Any = None) -> Any:
        """The reply, None where it was none that says it was done."""
        started = time.perf_counter()
        try:
            self._connection.request(method, path, json.dumps(body) if body is not None else None, self._headers)
            reply = self._connection.getresponse()
            content, status = reply.read(), reply.status
        except (OSError, http.client.HTTPException):
            self._connection.close()
            content, status = b"", 0
        self.seen.note(name, status, started)
        return json.loads(content) if status in WROTE else None


def measure(table: Table) -> None:
    """Run both parts on a stack of this run's own."""
    os.environ |= ENVIRONMENT
    home = Path(tempfile.mkdtemp())
    try:
        with Stack(home) as stack:
            _measure(table, stack)
    finally:
        discard(home)


def _measure(table: Table, stack: Stack) -> None:
    process = _api_process(stack.api_url)
    seen, tokens = Seen(), [stack.token(f"load{number}@example.com") for number in range(OVERLOAD_USERS)]
    users = [User(stack.api_url, token, seen, number) for number, token in enumerate(tokens)]
    _each(users, User.prepare)
    # What was allocated once, for good, is there after a tenth of the time.
    normal = Seen()
    _run(users[:USERS], normal, SECONDS / 10, THINKS_S)
    before = _state(process, stack)
    _run(users[:USERS], normal, SECONDS * 0.9, THINKS_S)
    after = _state(process, stack)
    _add(table, f"{USERS} users for {SECONDS:,.0f} s", normal, SECONDS)
    for name in sorted(normal.milliseconds):
        _add_row(table, f"… {name}", normal.milliseconds[name])
    table.add(
        "… memory of the API",
        f"{after[0]:,.0f} MB",
        beside=f"{before[0]:,.0f} MB",
        ratio=f"{after[0] / before[0]:.2f}",
        goal=f"≤ {FLAT}",
    )
    table.add("… connections to the database", after[1], beside=before[1])
    over = Seen()
    _run(users, over, OVERLOAD_SECONDS, 0.0)
    _add(table, f"{OVERLOAD_USERS} users without a pause for {OVERLOAD_SECONDS:,.0f} s", over, OVERLOAD_SECONDS)
    table.add("… well again after", f"{_recovered(users[0], normal):.1f} s")
    told, found = normal.made + over.made, _rooms(stack)
    lost = [label for label in told if found[label] != 1]
    doubled = [label for label in over.unsure + normal.unsure if found[label] > 1]
    table.add(
        "… rooms told to be made", f"{len(told):,}", beside=f"lost {len(lost)}, doubled {len(doubled)}", goal="0, 0"
    )


def _run(users: list[User], seen: Seen, seconds: float, thinks: float) -> None:
    ends_at = time.monotonic() + seconds
    for user in users:
        user.seen = seen

    def work(user: User) -> None:
        while time.monotonic() < ends_at:
            user.act()
            time.sleep(thinks * random.random() * 2)  # noqa: S311 (a pause, no secret)

    _each(users, work)


def _each(users: list[User], work: Callable[[User], None]) -> None:
    threads = [threading.Thread(target=work, args=(user,)) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _add(table: Table, what: str, seen: Seen, seconds: float) -> None:
    every = [each for some in seen.milliseconds.values() for each in some]
    failed = sum(number for status, number in seen.statuses.items() if status not in WROTE)
    _add_row(table, what, every, beside=f"{len(every) / seconds:,.0f} requests/s, {failed} errors")


def _add_row(table: Table, what: str, milliseconds: list[float], **more: str) -> None:
    ordered = sorted(milliseconds)
    median, p95 = (ordered[int(len(ordered) * share)] for share in (0.5, 0.95))
    table.add(what, f"{median:,.1f} ms", f"{p95:,.1f} ms", **more)


def _recovered(user: User, normal: Seen) -> float:
    """How many seconds it takes until a request is as quick as nineteen in twenty were before."""
    usual = sorted(normal.milliseconds["GET /user-profile"])
    started = time.monotonic()
    while True:
        user.seen = Seen()
        user.profile()
        if user.seen.milliseconds["GET /user-profile"][0] <= usual[int(len(usual) * 0.95)]:
            return time.monotonic() - started


def _api_process(url: str) -> psutil.Process:
    port = urlsplit(url).port
    listening = (
        one
        for one in psutil.net_connections("tcp")
        if one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port == port
    )
    return psutil.Process(next(listening).pid)


def _state(process: psutil.Process, stack: Stack) -> tuple[float, int]:
    """The API's memory in MB, and how many connections to the database there are."""
    connection = connect_to_url(stack.environment["DATABASE_URL"])
    ((connections,),) = connection.run("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'love-q'")
    connection.close()
    return process.memory_info().rss / 1e6, int(connections) - 1


def _rooms(stack: Stack) -> Counter[str]:
    connection = connect_to_url(stack.environment["DATABASE_URL"])
    rows = connection.run("SELECT partner_name FROM chat_rooms")
    connection.close()
    return Counter(name for (name,) in rows)
