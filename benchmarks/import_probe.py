"""Measure one import: ``python -m benchmarks.import_probe BUCKET KEY`` sends the S3 event to the handler.

Runs in a fresh process with one thread, so on one core. The times cover only the call of the handler; the peak memory
is that of the whole process. Prints the figures as JSON.
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
    """Return the handler's elapsed and CPU seconds, the peak memory in bytes, and its waits for the database."""
    waits = _record_waits()
    event = {"Records": [{"s3": {"bucket": {"name": bucket}, "object": {"key": quote_plus(key)}}}]}
    start, cpu_start = time.perf_counter(), time.process_time()
    app.file_upload(event, None)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start
    return {"seconds": seconds, "cpu_seconds": cpu_seconds, "peak_bytes": _peak_bytes(), "waits": len(waits)}


def _record_waits() -> list[None]:
    """Return a list that grows by one item each time the driver waits for a response of the database."""
    waits: list[None] = []
    wait = CoreConnection.handle_messages

    def handle_messages(connection: Any, context: Any) -> None:
        waits.append(None)
        wait(connection, context)

    CoreConnection.handle_messages = handle_messages
    return waits


def _peak_bytes() -> int:
    """Return the peak memory of this process."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0])


if __name__ == "__main__":
    print(json.dumps(run(*sys.argv[1:])))
