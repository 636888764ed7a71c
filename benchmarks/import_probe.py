"""One import, measured: ``python -m benchmarks.import_probe BUCKET KEY`` gives S3's event to the handler.

In a fresh process, of one thread and so on one core. Only the handler's call is
timed; the process's peak is told with it.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from pg8000.core import CoreConnection

import app


def run(bucket: str, key: str) -> dict[str, float]:
    """The handler's seconds, by the clock and of the processor, the peak in bytes, and the waits for the database."""
    waits = _count_waits()
    event = {"Records": [{"s3": {"bucket": {"name": bucket}, "object": {"key": quote_plus(key)}}}]}
    started, computing = time.perf_counter(), time.process_time()
    app.file_upload(event, None)
    seconds, computing = time.perf_counter() - started, time.process_time() - computing
    return {
        "seconds": seconds,
        "computing": computing,
        "peak": _peak(),
        "waits": len(waits),
    }


def _count_waits() -> list[None]:
    """A list that grows each time the driver waits for the database to answer."""
    waits: list[None] = []
    wait = CoreConnection.handle_messages

    def handle_messages(connection: Any, context: Any) -> None:
        waits.append(None)
        wait(connection, context)

    CoreConnection.handle_messages = handle_messages
    return waits


def _peak() -> int:
    """The most memory this process has had, in bytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0])


if __name__ == "__main__":
    print(json.dumps(run(*sys.argv[1:])))
