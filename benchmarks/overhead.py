"""Request overhead: each route beside a bare Chalice route and the same SQL alone, all in one run.

The limit of a route is what no code of ours could beat: a Chalice route that
answers the same bytes, plus the time its statements take in the driver. The two
are measured beside each request, so that what else the machine does falls on
all alike. In process, through Chalice's own gateway: no HTTP server.
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

ROUNDS = 200
WARM_UP = 10
GOAL = 2.0
ROOM = {"partner_name": "바다", "partner_relationship": "썸"}
TURN = {"user_message": "뭐라고 하지", "ai_responses": []}


@dataclass
class Case:
    """A route's request, and what was measured of it, in seconds."""

    name: str
    request: Callable[[], Any]
    route: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    sql: list[float] = field(default_factory=list)


def measure(table: Table, new_client: NewClient) -> None:
    """Add a row for every route."""
    bare = _bare()
    for case in _cases(new_client()):
        _measure(case, bare)
        _add(table, case)


def _bare() -> Callable[[bytes], Any]:
    """A Chalice app that only answers."""
    from chalice.app import Chalice, Response  # noqa: PLC0415 (the environment comes first)
    from chalice.test import Client as ChaliceClient  # noqa: PLC0415

    answered = {"body": b""}
    bare = Chalice(app_name="bare")
    bare.route("/", methods=["GET", "POST"])(
        lambda: Response(answered["body"].decode(), {"Content-Type": "application/json"})
    )
    http = ChaliceClient(bare).http

    def ask_bare(body: bytes) -> Any:
        answered["body"] = body
        return http.get("/")

    return ask_bare


def _cases(client: Any) -> list[Case]:
    """A usual request of each route, on one room with the bundled sample."""
    sample = (Path(__file__).resolve().parent.parent / "local" / "samples" / "kakaotalk_android.txt").read_bytes()
    file = client.send_file(sample).json
    room = {"room_id": file["room_id"]}
    profile = {"profile_id": client.post("/partner-profile", {"name": "바다", "relationship": "썸"}).json["profile_id"]}
    turn = {"conversation_id": client.post("/conversation-history", TURN).json["conversation_id"]}
    requests: dict[str, Callable[[], Any]] = {
        "GET /health": lambda: client.get("/health", headers={"Authorization": None}),
        "GET /user-profile": lambda: client.get("/user-profile"),
        "PUT /user-profile": lambda: client.put("/user-profile", {"username": "하늘"}),
        "GET /partner-profile": lambda: client.get("/partner-profile", **profile),
        "POST /partner-profile": lambda: client.post("/partner-profile", {"name": "바다", "relationship": "썸"}),
        "GET /chat-rooms": lambda: client.get("/chat-rooms"),
        "GET /chat-rooms?room_id=": lambda: client.get("/chat-rooms", **room),
        "POST /chat-rooms": lambda: client.post("/chat-rooms", ROOM),
        "PUT /chat-rooms": lambda: client.put("/chat-rooms", {**room, "name": "우리"}),
        "GET /messages": lambda: client.get("/messages", **room),
        "GET /messages?limit=200": lambda: client.get("/messages", **room, limit=200),
        "GET /process-file": lambda: client.get("/process-file", file_id=file["file_id"]),
        "POST /analyze-speech": lambda: client.post("/analyze-speech", room),
        "POST /emotion-analysis": lambda: client.post("/emotion-analysis", {"text": "오늘 행복했어"}),
        "GET /emotion-analysis": lambda: client.get("/emotion-analysis", **room),
        "POST /analyze (stored)": lambda: client.post("/analyze", room),
        "POST /analyze (fresh)": lambda: client.post("/analyze", {**room, "regenerate": True}),
        "POST /conversation-history": lambda: client.post("/conversation-history", TURN),
        "PUT /conversation-history": lambda: client.put("/conversation-history", {**turn, "feedback_rating": 4}),
        "GET /conversation-history": lambda: client.get("/conversation-history"),
    }
    return [Case(name, request) for name, request in requests.items()]


def _measure(case: Case, bare: Callable[[bytes], Any]) -> None:
    body = case.request().raw.encode()
    for number in range(ROUNDS + WARM_UP):
        with _driver_timed() as driver:
            route = _timed(case.request)
        times = (route, _timed(lambda: bare(body)), sum(driver))
        if number >= WARM_UP:
            for kept, seconds in zip((case.route, case.bare, case.sql), times, strict=True):
                kept.append(seconds)


@contextmanager
def _driver_timed() -> Iterator[list[float]]:
    """The seconds that the driver takes for each statement meanwhile, transactions' beginnings and ends included."""
    from pg8000.core import CoreConnection  # noqa: PLC0415

    taken: list[float] = []
    names = ("execute_simple", "execute_unnamed")
    real = {name: getattr(CoreConnection, name) for name in names}

    def timed(name: str) -> Callable[..., Any]:
        def execute(*args: Any, **given: Any) -> Any:
            started = time.perf_counter()
            try:
                return real[name](*args, **given)
            finally:
                taken.append(time.perf_counter() - started)

        return execute

    for name in names:
        setattr(CoreConnection, name, timed(name))
    try:
        yield taken
    finally:
        for name in names:
            setattr(CoreConnection, name, real[name])


def _timed(call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _add(table: Table, case: Case) -> None:
    limit = statistics.median(case.bare) + statistics.median(case.sql)
    median, p95 = statistics.median(case.route), statistics.quantiles(case.route, n=20)[-1]
    table.add(case.name, _ms(median), _ms(p95), f"limit {_ms(limit)}", f"{median / limit:.2f}", f"≤ {GOAL:.0f}")


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"
