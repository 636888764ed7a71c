"""What AWS calls us with, beside HTTP. Each is a job: one line in the log says how it went."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

from chalicelib.observability import LogContext, log_context, logger
from chalicelib.services import files


def scheduled(job: Callable[[datetime], dict[str, int]]) -> dict[str, int]:
    """Run a schedule's job, and return what it counted."""
    with _logged(job.__name__) as done:
        counted = job(datetime.now(UTC))
        done.about |= counted
        return counted


def objects_created(event: Mapping[str, Any]) -> None:
    """Import every object an S3 event names; its keys are URL-encoded, with ``+`` for a space."""
    for record in event.get("Records", []):
        stored = record["s3"]
        with _logged("file_upload"):
            files.import_uploaded(stored["bucket"]["name"], unquote_plus(stored["object"]["key"]), datetime.now(UTC))


@contextmanager
def _logged(name: str) -> Iterator[LogContext]:
    """Log a job: its name, whether it ended or with what it failed, milliseconds, and what the database did."""
    started, done = time.perf_counter(), LogContext()
    token, outcome = log_context.set(done), "done"
    try:
        yield done
    except BaseException as error:
        outcome = type(error).__name__
        raise
    finally:
        log_context.reset(token)
        duration_ms = round((time.perf_counter() - started) * 1000, 1)
        logger().info("job", job=name, outcome=outcome, duration_ms=duration_ms, **done.line())
