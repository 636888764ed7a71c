"""Benchmarks of imports: reading each format, and whole imports through the S3 event.

A whole import puts an object into the emulator's bucket, sends its event to the real handler with a real PostgreSQL,
and ends when the file is ready. Each import runs in a fresh process, and the imports that are compared alternate.
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

_PROJECT = Path(__file__).resolve().parent.parent
_MESSAGES = 100_000
# The largest file that may be uploaded: a chat of about the same period with six times as many messages a day.
_LARGEST_MESSAGES, _LARGEST_PACE = 680_000, 6
_ROUNDS = 5
_ONE_WEEK = timedelta(days=7)
_MB = 1024 * 1024


@dataclass
class Import:
    """An export that is imported several times, with the figures of each run."""

    messages: int
    content: bytes
    runs: list[dict[str, float]] = field(default_factory=list)

    def median(self, figure: str) -> float:
        """Return the median of a figure over all runs."""
        return statistics.median(run[figure] for run in self.runs)

    def run(self, client: Any, room_id: str | None = None) -> str:
        """Import the export for a client, into a new room or the given one, and return the room's id."""
        say(f"Importing {self.messages:,} messages")
        request = {"filename": "chat.txt", "size": len(self.content), "room_id": room_id}
        response = client.post("/process-file", request).json
        key = response["upload"]["fields"]["key"]
        bucket = emulator_client("s3", os.environ["AWS_EMULATOR_URL"])
        bucket.put_object(Bucket=BUCKET, Key=key, Body=self.content)
        self.runs.append(_handle_event(key))
        file = client.get("/process-file", file_id=response["file"]["file_id"]).json
        if (file["status"], file["messages_count"]) != ("ready", self.messages):
            raise AssertionError(f"{file['status']}: {file['messages_count']} messages, {file['error']}")
        return str(file["room_id"])


def _handle_event(key: str) -> dict[str, float]:
    """Run the handler for an object in a process of its own, and return its figures.

    The process prints its figures below the log. The number of statements comes from the log line of the job.
    """
    command = [sys.executable, "-m", "benchmarks.import_probe", BUCKET, key]
    environment = {**os.environ, "LOG_LEVEL": "INFO"}
    completed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=_PROJECT, env=environment)
    *log_lines, figures = map(json.loads, completed.stdout.splitlines())
    (job,) = (line for line in log_lines if line.get("job") == "file_upload")
    return {**figures, "statements": job["queries"]}


def measure(table: Table, new_client: NewClient) -> None:
    """Add the rows of reading, then those of whole imports."""
    reading.measure(table)
    once, week_later, twice = _export(_MESSAGES), _export(_messages_a_week_later(_MESSAGES)), _export(2 * _MESSAGES)
    for _ in range(_ROUNDS):
        client = new_client()
        week_later.run(client, once.run(client))
        twice.run(new_client())
    largest = _export(_LARGEST_MESSAGES, _LARGEST_PACE)
    largest.run(new_client())
    _add_rows(table, once, week_later, twice, largest)


def _export(messages: int, pace: float = 1) -> Import:
    content = chats.android_ko(chats.chat(messages, pace)).encode()
    if len(content) > MAX_UPLOAD_BYTES:
        raise AssertionError(f"{len(content):,} bytes cannot be uploaded")
    return Import(messages, content)


def _messages_a_week_later(messages: int) -> int:
    """Return the number of messages that the chat has one week after its first ``messages``."""
    *_, last = chats.chat(messages)
    return sum(1 for _ in takewhile(lambda line: line.at <= last.at + _ONE_WEEK, chats.chat(2 * messages)))


def _add_rows(table: Table, once: Import, week_later: Import, twice: Import, largest: Import) -> None:
    _add_import(table, once, goal="≤ 5 s")
    table.add("… peak memory", _mb(once.median("peak_bytes")), goal="< 400 MB")
    table.add("… database statements", f"{once.median('statements'):.0f}", goal="≤ 40")
    table.add("… waits for the database", f"{once.median('waits'):.0f}")
    _add_import(table, week_later, ", a week later")
    _add_import(table, twice)
    cpu_twice, cpu_once = twice.median("cpu_seconds"), once.median("cpu_seconds")
    table.add(
        "… CPU time, compared with half as many messages",
        _s(cpu_twice),
        comparison=_s(cpu_once),
        ratio=f"{cpu_twice / cpu_once:.2f}",
        goal="≤ 2.1",
    )
    _add_import(table, largest, goal="≤ 40 s")
    table.add("… peak memory", _mb(largest.median("peak_bytes")))


def _add_import(table: Table, export: Import, suffix: str = "", goal: str = "") -> None:
    name = f"import {export.messages:,} messages, {_mb(len(export.content))}{suffix}"
    table.add(name, _s(export.median("seconds")), comparison=f"CPU {_s(export.median('cpu_seconds'))}", goal=goal)


def _s(seconds: float) -> str:
    return f"{seconds:.2f} s"


def _mb(size: float) -> str:
    return f"{size / _MB:,.0f} MB"
