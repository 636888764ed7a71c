"""Imports: how fast each format is read, and whole imports through S3's event.

A whole import is an object in the emulator's bucket, whose event goes to the
real handler with a real PostgreSQL beside it, until its file is ready. Each is
a fresh process; what is compared takes turns.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import takewhile
from pathlib import Path
from typing import Any

from benchmarks import chats, reading
from benchmarks.stage import NewClient
from benchmarks.table import Table
from chalicelib.domain import MAX_UPLOAD_BYTES
from local.processes import say
from local.resources import BUCKET
from local.resources import client as emulator_client

PROJECT = Path(__file__).resolve().parent.parent
MESSAGES = 100_000
# As much as an upload may hold, of a chat of about as many years.
LARGEST, PACE_OF_LARGEST = 680_000, 6
ROUNDS = 5
A_WEEK = timedelta(days=7)
MB = 1024 * 1024


@dataclass
class Import:
    """An export that is imported again and again, and what that took each time."""

    messages: int
    content: bytes
    taken: list[dict[str, float]] = field(default_factory=list)

    def median(self, what: str) -> float:
        """The median of one of the figures."""
        return statistics.median(told[what] for told in self.taken)

    def run(self, client: Any, room_id: str | None = None) -> str:
        """Import it once for a client, into a new room or a known one, and return the room's id."""
        say(f"Importing {self.messages:,} messages")
        request = {"filename": "chat.txt", "size": len(self.content), "room_id": room_id}
        begun = client.post("/process-file", request).json
        key = begun["upload"]["fields"]["key"]
        bucket = emulator_client("s3", os.environ["AWS_EMULATOR_URL"])
        bucket.put_object(Bucket=BUCKET, Key=key, Body=self.content)
        self.taken.append(_handled(key))
        file = client.get("/process-file", file_id=begun["file"]["file_id"]).json
        if (file["status"], file["messages_count"]) != ("ready", self.messages):
            raise AssertionError(f"{file['status']}: {file['messages_count']} messages, {file['error']}")
        return str(file["room_id"])


def _handled(key: str) -> dict[str, float]:
    """What the handler took for an object, in a process of its own, which prints it below the log.

    How many statements that were, the job's own line says.
    """
    command = [sys.executable, "-m", "benchmarks.import_probe", BUCKET, key]
    environment = {**os.environ, "LOG_LEVEL": "INFO"}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=PROJECT, env=environment)
    *logged, told = map(json.loads, done.stdout.splitlines())
    (job,) = (line for line in logged if line.get("job") == "file_upload")
    return {**told, "statements": job["queries"]}


def measure(table: Table, new_client: NewClient) -> None:
    """Add the rows of reading, then those of whole imports."""
    reading.measure(table)
    once, later, twice = _export(MESSAGES), _export(_a_week_after(MESSAGES)), _export(2 * MESSAGES)
    for _ in range(ROUNDS):
        client = new_client()
        later.run(client, once.run(client))
        twice.run(new_client())
    largest = _export(LARGEST, PACE_OF_LARGEST)
    largest.run(new_client())
    _add(table, once, later, twice, largest)


def _export(messages: int, pace: float = 1) -> Import:
    content = chats.android_ko(chats.chat(messages, pace)).encode()
    if len(content) > MAX_UPLOAD_BYTES:
        raise AssertionError(f"{len(content):,} bytes cannot be uploaded")
    return Import(messages, content)


def _a_week_after(messages: int) -> int:
    """How many messages the chat has a week after it had so many."""
    *_, last = chats.chat(messages)
    return sum(1 for _ in takewhile(lambda line: line.at <= last.at + A_WEEK, chats.chat(2 * messages)))


def _add(table: Table, once: Import, later: Import, twice: Import, largest: Import) -> None:
    _add_import(table, once, goal="≤ 5 s")
    table.add("… peak memory", _mb(once.median("peak")), goal="< 400 MB")
    table.add("… database statements", f"{once.median('statements'):.0f}", goal="≤ 40")
    table.add("… waits of the driver", f"{once.median('waits'):.0f}")
    _add_import(table, later, ", a week later")
    _add_import(table, twice)
    many, half = twice.median("computing"), once.median("computing")
    table.add("… computing, and for half as many", _s(many), beside=_s(half), ratio=f"{many / half:.2f}", goal="≤ 2.1")
    _add_import(table, largest, goal="≤ 40 s")
    table.add("… peak memory", _mb(largest.median("peak")))


def _add_import(table: Table, export: Import, when: str = "", goal: str = "") -> None:
    name = f"import {export.messages:,} messages, {_mb(len(export.content))}{when}"
    table.add(name, _s(export.median("seconds")), beside=f"computing {_s(export.median('computing'))}", goal=goal)


def _s(seconds: float) -> str:
    return f"{seconds:.2f} s"


def _mb(size: float) -> str:
    return f"{size / MB:,.0f} MB"
