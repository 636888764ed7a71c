"""JSON logs and metrics. They contain ids, counts and durations, but never text of users."""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import PurePath
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from chalicelib.settings import settings


@dataclass
class LogContext:
    """The fields of the log line of one request or job.

    ``about`` are fields that only some requests have. For example, the id of an uploaded file connects the request that
    began the upload with the job that imported the file.
    """

    queries: int = 0
    retries: int = 0
    tokens: int = 0
    about: dict[str, str | int | None] = field(default_factory=dict)

    def line(self) -> dict[str, Any]:
        """Return all fields."""
        return {"queries": self.queries, "retries": self.retries, "tokens": self.tokens, **self.about}


log_context: ContextVar[LogContext | None] = ContextVar("log_context", default=None)


def add_log_context(**about: str | int | None) -> None:
    """Add fields to the log line of the current request or job."""
    if (context := log_context.get()) is not None:
        context.about |= about


@cache
def logger() -> Logger:
    """Return the logger of the process. It writes one JSON object per line to standard output."""
    return Logger(service="love-q", level=settings().log_level, utc=True)


def log_failure(error: BaseException, **about: Any) -> None:
    """Log an unexpected error by its type and place. Never log its message, which may quote text of a user."""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    logger().error("failed", **about, error=type(error).__name__, where=where)


def count(name: str, value: int = 1, **about: str) -> None:
    """Write a counter metric. ``about`` are further fields of the log line."""
    write_metrics({name: value}, **about)


def write_metrics(values: Mapping[str, float], **about: str) -> None:
    """Write metrics in CloudWatch's embedded metric format, as one line on standard output.

    The only dimension is the stage, because CloudWatch charges for each combination of name and dimensions.
    ``about`` are further fields of the line for log searches. They create no metrics.
    """
    metrics = EphemeralMetrics(namespace="LoveQ")
    metrics.add_dimension(name="stage", value=settings().stage)
    for name, value in values.items():
        unit = MetricUnit.Milliseconds if name.endswith("Milliseconds") else MetricUnit.Count
        metrics.add_metric(name=name, unit=unit, value=value)
    for key, text in about.items():
        metrics.add_metadata(key, text)
    metrics.flush_metrics()


def user_hash(user_id: str) -> str:
    """Return the hash of a user's id for logs: it connects the lines of one user without identifying them."""
    return hashlib.sha256(user_id.encode()).hexdigest()[:12]
