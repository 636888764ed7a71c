"""Request overhead: the time of each route, compared with a bare Chalice route plus the same SQL.

The limit of a route is the time that no code of ours can beat: a Chalice route that returns the same bytes, plus the
time of its statements in the driver. Both are measured next to each request, so that other load on the machine affects
all of them alike. Requests go through Chalice's local gateway in this process, without an HTTP server.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.stage import NewClient
from benchmarks.table import Table

_ROUNDS = 200
_WARM_UP_ROUNDS = 10
_MAX_RATIO = 2.0
_ROOM = {"partner_name": "바다", "partner_relationship": "썸"}
_TURN = {"user_message": "뭐라고 하지", "ai_responses": []}


@dataclass
class Case:
    """A route's request, and its measured times in seconds: the route, the bare route and the SQL."""

    name: str
    request: Callable[[], Any]
    route: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    sql: list[float] = field(default_factory=list)


def measure(table: Table, new_client: NewClient) -> None:
    """Add a row for each route."""
    bare = _bare()
    for case in _cases(new_client()):
        _measure(case, bare)
        _add(table, case)


def _bare() -> Callable[[bytes], Any]:
    """Return a function that requests a bare Chalice route, which returns the bytes it is given."""
    from chalice.app import Chalice, Response  # noqa: PLC0415 (the environment comes first)
    from chalice.test import Client as ChaliceClient  # noqa: PLC0415 (the environment comes first)

    reply = {"body": b""}
    bare = Chalice(app_name="bare")
    bare.route("/", methods=["GET", "POST"])(
        lambda: Response(reply["body"].decode(), {"Content-Type": "application/json"})
    )
    http = ChaliceClient(bare).http

    def request(body: bytes) -> Any:
        reply["body"] = body
        return http.get("/")

    return request


def _cases(client: Any) -> list[Case]:
    """Return a typical request of each route, on one room with the bundled sample."""
    sample = (Path(__file__).resolve().parent.parent / "local" / "samples" / "kakaotalk_android.txt").read_bytes()
    file = client.send_file(sample).json
    room = {"room_id": file["room_id"]}
    profile = {"profile_id": client.post("/partner-profile", {"name": "바다", "relationship": "썸"}).json["profile_id"]}
    turn = {"conversation_id": client.post("/conversation-history", _TURN).json["conversation_id"]}
    requests: dict[str, Callable[[], Any]] = {
        "GET /health": lambda: client.get("/health", headers={"Authorization": None}),
        "GET /user-profile": lambda: client.get("/user-profile"),
        "PUT /user-profile": lambda: client.put("/user-profile", {"username": "하늘"}),
        "GET /partner-profile": lambda: client.get("/partner-profile", **profile),
        "POST /partner-profile": lambda: client.post("/partner-profile", {"name": "바다", "relationship": "썸"}),
        "GET /chat-rooms": lambda: client.get("/chat-rooms"),
        "GET /chat-rooms?room_id=": lambda: client.get("/chat-rooms", **room),
        "POST /chat-rooms": lambda: client.post("/chat-rooms", _ROOM),
        "PUT /chat-rooms": lambda: client.put("/chat-rooms", {**room, "name": "우리"}),
        "GET /messages": lambda: client.get("/messages", **room),
        "GET /messages?limit=200": lambda: client.get("/messages", **room, limit=200),
        "GET /process-file": lambda: client.get("/process-file", file_id=file["file_id"]),
        "POST /analyze-speech": lambda: client.post("/analyze-speech", room),
        "POST /emotion-analysis": lambda: client.post("/emotion-analysis", {"text": "오늘 행복했어"}),
        "GET /emotion-analysis": lambda: client.get("/emotion-analysis", **room),
        "POST /analyze (stored)": lambda: client.post("/analyze", room),
        "POST /analyze (fresh)": lambda: client.post("/analyze", {**room, "regenerate": True}),
        "POST /conversation-history": lambda: client.post("/conversation-history", _TURN),
        "PUT /conversation-history": lambda: client.put("/conversation-history", {**turn, "feedback_rating": 4}),
        "GET /conversation-history": lambda: client.get("/conversation-history"),
    }
    return [Case(name, request) for name, request in requests.items()]


def _measure(case: Case, bare: Callable[[bytes], Any]) -> None:
    body = case.request().raw.encode()
    for number in range(_ROUNDS + _WARM_UP_ROUNDS):
        with _driver_timed() as driver:
            route = _seconds_of(case.request)
        times = (route, _seconds_of(lambda: bare(body)), sum(driver))
        if number >= _WARM_UP_ROUNDS:
            for samples, seconds in zip((case.route, case.bare, case.sql), times, strict=True):
                samples.append(seconds)


@contextmanager
def _driver_timed() -> Iterator[list[float]]:
    """Collect the seconds that the driver takes for each statement, including BEGIN and COMMIT."""
    from pg8000.core import CoreConnection  # noqa: PLC0415 (only this benchmark needs the driver)

    durations: list[float] = []
    names = ("execute_simple", "execute_unnamed")
    original = {name: getattr(CoreConnection, name) for name in names}

    def wrap(name: str) -> Callable[..., Any]:
        def execute(*args: Any, **options: Any) -> Any:
            started = time.perf_counter()
            try:
                return original[name](*args, **options)
            finally:
                durations.append(time.perf_counter() - started)

        return execute

    for name in names:
        setattr(CoreConnection, name, wrap(name))
    try:
        yield durations
    finally:
        for name in names:
            setattr(CoreConnection, name, original[name])


def _seconds_of(call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _add(table: Table, case: Case) -> None:
    limit = statistics.median(case.bare) + statistics.median(case.sql)
    median, p95 = statistics.median(case.route), statistics.quantiles(case.route, n=20)[-1]
    table.add(case.name, _ms(median), _ms(p95), f"limit {_ms(limit)}", f"{median / limit:.2f}", f"≤ {_MAX_RATIO:.0f}")


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"
