"""JSON logs and metrics: ids, counts and durations, never text."""

from __future__ import annotations

import hashlib
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.metrics import MetricUnit

from chalicelib.settings import settings


@dataclass
class Work:
    """What the database did for one request or job."""

    queries: int = 0
    retries: int = 0


work: ContextVar[Work | None] = ContextVar("work", default=None)


@cache
def logger() -> Logger:
    """The one logger: a JSON object a line on standard output."""
    return Logger(service="love-q", level=settings().log_level, utc=True)


def count(name: str, value: int = 1) -> None:
    """Count something as a CloudWatch metric of the service, in the embedded format on standard output."""
    with single_metric(name=name, unit=MetricUnit.Count, value=value, namespace="LoveQ") as metric:
        metric.add_dimension(name="stage", value=settings().stage)


def user_hash(user_id: str) -> str:
    """A user's id as logs show it: enough to follow one user, not to name them."""
    return hashlib.sha256(user_id.encode()).hexdigest()[:12]
