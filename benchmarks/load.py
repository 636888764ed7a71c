"""Load test over HTTP: 50 parallel users on the local stack for five minutes, then an overload.

The users are threads of this process. The API, PostgreSQL and the emulator are processes of their own. In the first
part each user pauses between requests. In the second part there are twice as many users and no pauses. Afterwards the
rooms in the database are compared with the rooms that the API confirmed.
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
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psutil

from benchmarks.chats import android_ko, chat
from benchmarks.table import Table
from chalicelib.repositories.database import connect_to_url
from local.stack import Stack, discard

_USERS, _SECONDS = 50, float(os.environ.get("LOAD_SECONDS", "300"))
_OVERLOAD_USERS, _OVERLOAD_SECONDS = 2 * _USERS, _SECONDS / 5
# The mean pause of a user between two requests. With it, one API process can serve 50 users.
_PAUSE_S = 3.0
_TIMEOUT_S = 60
_MAX_MEMORY_GROWTH = 1.05
_ENVIRONMENT = {"REQUESTS_A_MINUTE": "1000000", "DAILY_CREDITS": "1000000", "LOG_LEVEL": "ERROR"}
_CONSENTS = {"consents": {"age_over_14": True, "terms": True, "overseas_transfer": True}}
_SUCCESS = (200, 201)
# The requests of a user, with their shares in percent.
_MIX = {
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
_MESSAGES = 400


@dataclass
class Results:
    """Durations in milliseconds by request, statuses, and the rooms that the API confirmed or left uncertain."""

    milliseconds: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    confirmed_rooms: list[str] = field(default_factory=list)
    uncertain_rooms: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def record(self, name: str, status: int, started: float) -> None:
        """Record one request."""
        with self.lock:
            self.milliseconds.setdefault(name, []).append((time.perf_counter() - started) * 1000)
            self.statuses[status] += 1


class State(NamedTuple):
    """The memory of the API, and the number of its connections to the database."""

    megabytes: float
    connections: int


class User:
    """A user with a chat, on a persistent connection."""

    def __init__(self, url: str, token: str, results: Results, number: int) -> None:
        """Create the user. Call ``prepare`` before ``act``."""
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=_TIMEOUT_S)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.results = results
        self._random = random.Random(number)  # noqa: S311 (the choice of requests, not a secret)
        self._name, self._bodies_made = f"방 {number}", 0
        self._export = android_ko(chat(_MESSAGES))
        self._room = ""

    def prepare(self) -> None:
        """Give the consents and import a chat."""
        self._call("prepare", "PUT", "/user-profile", _CONSENTS)
        file = self._call("prepare", "POST", "/process-file", {"file_content": self._export, "my_name": "하늘"})
        self._room = file["room_id"]

    def act(self) -> None:
        """Send one request, chosen by the shares of the mix."""
        name = self._random.choices(list(_MIX), list(_MIX.values()))[0]
        method, _, path = name.partition(" ")
        body = self._body(name) if method == "POST" else None
        reply = self._call(name, method, path.replace("{room}", self._room), body)
        if name == "POST /chat-rooms" and body:
            rooms = self.results.confirmed_rooms if reply else self.results.uncertain_rooms
            rooms.append(body["partner_name"])

    def get_profile(self) -> None:
        """Send the fastest request."""
        self._call("GET /user-profile", "GET", "/user-profile")

    def _body(self, name: str) -> dict[str, Any]:
        self._bodies_made += 1
        bodies: dict[str, dict[str, Any]] = {
            "POST /chat-rooms": {"partner_name": f"{self._name} {self._bodies_made}", "partner_relationship": "썸"},
            "POST /emotion-analysis": {"text": "오늘 발표가 잘 끝나서 너무 좋아!"},
            "POST /analyze-speech": {"room_id": self._room},
            "POST /conversation-history": {"user_message": "뭐라고 하지", "ai_responses": []},
            "POST /analyze": {"room_id": self._room, "regenerate": True},
            "POST /process-file": {"file_content": self._export, "my_name": "하늘"},
        }
        return bodies[name]

    def _call(self, name: str, method: str, path: str, body: Any = None) -> Any:
        """Send a request. Return its reply, None if it did not succeed."""
        started = time.perf_counter()
        try:
            self._connection.request(method, path, json.dumps(body) if body is not None else None, self._headers)
            reply = self._connection.getresponse()
            content, status = reply.read(), reply.status
        except (OSError, http.client.HTTPException):
            self._connection.close()
            content, status = b"", 0
        self.results.record(name, status, started)
        return json.loads(content) if status in _SUCCESS else None


def measure(table: Table) -> None:
    """Run both parts on a new stack."""
    os.environ |= _ENVIRONMENT
    home = Path(tempfile.mkdtemp())
    try:
        with Stack(home) as stack:
            _measure(table, stack)
    finally:
        discard(home)


def _measure(table: Table, stack: Stack) -> None:
    process = _api_process(stack.api_url)
    tokens = [stack.token(f"load{number}@example.com") for number in range(_OVERLOAD_USERS)]
    preparation, normal, overload = Results(), Results(), Results()
    users = [User(stack.api_url, token, preparation, number) for number, token in enumerate(tokens)]
    _each(users, User.prepare)
    # After a tenth of the time, memory that is allocated once has been allocated.
    _run(users[:_USERS], normal, _SECONDS / 10, _PAUSE_S)
    before = _state(process, stack)
    _run(users[:_USERS], normal, _SECONDS * 0.9, _PAUSE_S)
    after = _state(process, stack)
    _add(table, f"{_USERS} users for {_SECONDS:,.0f} s", normal, _SECONDS)
    for name in sorted(normal.milliseconds):
        _add_row(table, f"… {name}", normal.milliseconds[name])
    table.add(
        "… memory of the API",
        f"{after.megabytes:,.0f} MB",
        comparison=f"{before.megabytes:,.0f} MB",
        ratio=f"{after.megabytes / before.megabytes:.2f}",
        goal=f"≤ {_MAX_MEMORY_GROWTH}",
    )
    table.add("… connections to the database", after.connections, comparison=before.connections)
    _run(users, overload, _OVERLOAD_SECONDS, 0.0)
    _add(table, f"{_OVERLOAD_USERS} users without a pause for {_OVERLOAD_SECONDS:,.0f} s", overload, _OVERLOAD_SECONDS)
    table.add("… recovered after", f"{_recovery_s(users[0], normal):.1f} s")
    _add_rooms(table, (normal, overload), stack)


def _add_rooms(table: Table, results: tuple[Results, ...], stack: Stack) -> None:
    """Compare the rooms in the database with those that the API confirmed."""
    stored = _room_counts(stack)
    confirmed = [name for part in results for name in part.confirmed_rooms]
    lost = [name for name in confirmed if stored[name] != 1]
    doubled = [name for part in results for name in part.uncertain_rooms if stored[name] > 1]
    table.add(
        "… rooms confirmed", f"{len(confirmed):,}", comparison=f"lost {len(lost)}, doubled {len(doubled)}", goal="0, 0"
    )


def _run(users: list[User], results: Results, seconds: float, pause_s: float) -> None:
    ends_at = time.monotonic() + seconds
    for user in users:
        user.results = results

    def work(user: User) -> None:
        while time.monotonic() < ends_at:
            user.act()
            time.sleep(pause_s * random.random() * 2)  # noqa: S311 (a pause, not a secret)

    _each(users, work)


def _each(users: list[User], work: Callable[[User], None]) -> None:
    threads = [threading.Thread(target=work, args=(user,)) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _add(table: Table, label: str, results: Results, seconds: float) -> None:
    milliseconds = [each for durations in results.milliseconds.values() for each in durations]
    failed = sum(number for status, number in results.statuses.items() if status not in _SUCCESS)
    _add_row(table, label, milliseconds, comparison=f"{len(milliseconds) / seconds:,.0f} requests/s, {failed} errors")


def _add_row(table: Table, label: str, milliseconds: list[float], **cells: str) -> None:
    ordered = sorted(milliseconds)
    median, p95 = (ordered[int(len(ordered) * share)] for share in (0.5, 0.95))
    table.add(label, f"{median:,.1f} ms", f"{p95:,.1f} ms", **cells)


def _recovery_s(user: User, normal: Results) -> float:
    """Return the seconds until a request is as fast as the 95th percentile before the overload."""
    before = sorted(normal.milliseconds["GET /user-profile"])
    started = time.monotonic()
    while True:
        user.results = Results()
        user.get_profile()
        if user.results.milliseconds["GET /user-profile"][0] <= before[int(len(before) * 0.95)]:
            return time.monotonic() - started


def _api_process(url: str) -> psutil.Process:
    port = urlsplit(url).port
    listeners = (
        connection
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port
    )
    return psutil.Process(next(listeners).pid)


def _state(process: psutil.Process, stack: Stack) -> State:
    connection = connect_to_url(stack.environment["DATABASE_URL"])
    ((connections,),) = connection.run("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'love-q'")
    connection.close()
    return State(process.memory_info().rss / 1e6, int(connections) - 1)  # without the connection of this query


def _room_counts(stack: Stack) -> Counter[str]:
    connection = connect_to_url(stack.environment["DATABASE_URL"])
    rows = connection.run("SELECT partner_name FROM chat_rooms")
    connection.close()
    return Counter(name for (name,) in rows)
