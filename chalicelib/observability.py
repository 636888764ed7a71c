"""JSON logs and metrics: ids, counts and durations, never text."""

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
    """What was done for one request or job, as its one line in the log says it.

    ``about`` are ids and counts that only some have, such as the file whose upload one request began and whose
    import another job ends.
    """

    queries: int = 0
    retries: int = 0
    tokens: int = 0
    about: dict[str, str | int | None] = field(default_factory=dict)

    def line(self) -> dict[str, Any]:
        """All of it, for the log."""
        return {"queries": self.queries, "retries": self.retries, "tokens": self.tokens, **self.about}


log_context: ContextVar[LogContext | None] = ContextVar("work", default=None)


def add_log_context(**about: str | int | None) -> None:
    """Have the line of this request or job say more."""
    if (done := log_context.get()) is not None:
        done.about |= about


@cache
def logger() -> Logger:
    """The one logger: a JSON object a line on standard output."""
    return Logger(service="love-q", level=settings().log_level, utc=True)


def log_failure(error: BaseException, **about: Any) -> None:
    """Log an unexpected error by its type and place. Never log its message, which may quote text of a user."""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    logger().error("failed", **about, error=type(error).__name__, where=where)


def count(name: str, value: int = 1, **about: str) -> None:
    """Count something as a metric of the service."""
    measure({name: value}, **about)


def measure(values: Mapping[str, float], **about: str) -> None:
    """Write metrics in CloudWatch's embedded format, one line on standard output.

    Their one dimension is the stage: every name is paid for once a stage and month. ``about`` stands in the line for
    whoever searches the log, and makes no metric.
    """
    metrics = EphemeralMetrics(namespace="LoveQ")
    metrics.add_dimension(name="stage", value=settings().stage)
    for name, value in values.items():
        unit = MetricUnit.Milliseconds if name.endswith("Milliseconds") else MetricUnit.Count
        metrics.add_metric(name=name, unit=unit, value=value)
    for key, said in about.items():
        metrics.add_metadata(key, said)
    metrics.flush_metrics()


def user_hash(user_id: str) -> str:
    """A user's id as logs show it: enough to follow one user, not to name them."""
    return hashlib.sha256(user_id.encode()).hexdigest()[:12]
