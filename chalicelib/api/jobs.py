"""Jobs: the functions that AWS invokes other than over HTTP. Each logs one line with its outcome."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import unquote_plus

from chalicelib.observability import LogContext, log_context, log_failure, logger
from chalicelib.services import files

T = TypeVar("T")


class JobFailed(Exception):
    """A job failed. The message is the type of the original error, which the log line ``failed`` locates.

    The Lambda runtime prints the message and the traceback of an exception. The message of the original error may
    quote text of a user, so it must not reach the runtime.
    """


def run_scheduled(job: Callable[[datetime], dict[str, int]]) -> dict[str, int]:
    """Run a scheduled job. Log and return its counts.

    Raises:
        JobFailed: the job raised an exception.
    """

    def run(context: LogContext) -> dict[str, int]:
        counts = job(datetime.now(UTC))
        context.about |= counts
        return counts

    return _run(job.__name__, run)


def import_created_objects(event: Mapping[str, Any]) -> None:
    """Import every object that an S3 event names. Keys are URL-encoded, with ``+`` for a space.

    Raises:
        JobFailed: an import raised an exception. Lambda delivers the event again.
    """
    for record in event.get("Records", []):
        _import_object(record["s3"]["bucket"]["name"], unquote_plus(record["s3"]["object"]["key"]))


def _import_object(bucket: str, key: str) -> None:
    _run("file_upload", lambda _: files.import_uploaded(bucket, key, datetime.now(UTC)))


def _run(name: str, job: Callable[[LogContext], T]) -> T:
    """Run a job and log its name, its outcome, its duration in milliseconds and its database statistics."""
    started, context = time.perf_counter(), LogContext()
    token, outcome = log_context.set(context), "done"
    try:
        return job(context)
    except Exception as error:  # noqa: BLE001 (the runtime must see no original error)
        outcome = type(error).__name__
        log_failure(error, job=name)
    except BaseException as error:
        outcome = type(error).__name__
        raise
    finally:
        log_context.reset(token)
        duration_ms = round((time.perf_counter() - started) * 1000, 1)
        logger().info("job", job=name, outcome=outcome, duration_ms=duration_ms, **context.line())
    # Raised outside the handler, so that the original error is not its context either.
    raise JobFailed(outcome)
