"""Simulation of the busiest hour with 10 to 100,000 users a day, on the Lambda's ten concurrent executions.

Requests arrive at random (Poisson). Each takes an execution for as long as it is served (log-normal around its mean),
and finds none while ten are taken. Before them are API Gateway's token buckets, one for each method, with the rates of
the template or without limits. ``data/arrivals.json`` says which requests users make and how long these take.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import log
from pathlib import Path

from benchmarks.table import Table
from chalicelib import data_files
from chalicelib.data_files import Data
from infrastructure import yaml_files

_PARAMETERS = Path(__file__).resolve().parent.parent / "infrastructure" / "template" / "parameters.yaml"
_USERS = (10, 1_000, 10_000, 100_000)
_HOUR_SECONDS = 3_600
# The concurrent executions that a stage reserves for the API.
_EXECUTIONS = 10
_SEED = 20_261_123


class RequestKind(Data, frozen=True):
    """Requests with the same limits: the template's parameter with their rate, and the burst."""

    throttle: str
    burst: int


class Method(Data, frozen=True):
    """An API Gateway method: the kind of its requests, their number per user and day, and their mean duration."""

    kind: str
    a_day: float
    seconds: float


class Workload(Data, frozen=True):
    """The assumptions of ``data/arrivals.json``, which explains them."""

    about: str
    peak_hour: float
    spread: float
    kinds: dict[str, RequestKind]
    methods: dict[str, Method]


@dataclass
class Bucket:
    """A token bucket of API Gateway for one method."""

    rate: float
    burst: int
    tokens: float = 0.0
    updated_at: float = 0.0

    def __post_init__(self) -> None:
        self.tokens = float(self.burst)

    def take(self, now: float) -> bool:
        """Take a token for one request. Return False if there is none."""
        self.tokens = min(self.burst, self.tokens + (now - self.updated_at) * self.rate)
        self.updated_at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


def measure(table: Table) -> None:
    """Add the outcome of each kind of request, with the throttles of the template and without."""
    workload = data_files.load(Path(__file__).parent / "data" / "arrivals.json", Workload)
    parameters = yaml_files.read(_PARAMETERS)["Parameters"]
    rates = {name: float(parameters[kind.throttle]["Default"]) for name, kind in workload.kinds.items()}
    for users in _USERS:
        for throttled in (True, False):
            hour = _simulate_hour(workload, users, rates if throttled else {})
            _add_rows(table, users, hour, throttled=throttled)


def _add_rows(table: Table, users: int, hour: Hour, *, throttled: bool) -> None:
    for kind, requests in hour.requests.items():
        throttled_share, rejected_share = hour.throttled[kind] / requests, hour.rejected[kind] / requests
        table.add(
            f"{users:,} users a day, {kind}{'' if throttled else ', unthrottled'}",
            f"{requests:,} an hour",
            comparison=f"429 {throttled_share:.1%}, no execution {rejected_share:.2%}",
            ratio=f"{hour.max_executions} of {_EXECUTIONS} executions",
        )


@dataclass
class Hour:
    """The requests of an hour by kind, and the most executions that were in use at once.

    ``throttled`` requests get a 429 from the gateway; ``rejected`` requests find no execution.
    """

    requests: Counter[str] = field(default_factory=Counter)
    throttled: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    max_executions: int = 0


def _simulate_hour(workload: Workload, users: int, rates: Mapping[str, float]) -> Hour:
    rng = random.Random(_SEED)  # noqa: S311 (a simulation)
    methods = workload.methods
    buckets = {
        name: Bucket(rates[method.kind], workload.kinds[method.kind].burst)
        for name, method in methods.items()
        if method.kind in rates
    }
    hour = Hour()
    end_times: list[float] = []  # of the executions in use, as a heap
    for now, name in heapq.merge(*(_arrivals(workload, name, users, rng) for name in methods)):
        kind = methods[name].kind
        hour.requests[kind] += 1
        while end_times and end_times[0] <= now:
            heapq.heappop(end_times)
        if name in buckets and not buckets[name].take(now):
            hour.throttled[kind] += 1
        elif len(end_times) >= _EXECUTIONS:
            hour.rejected[kind] += 1
        else:
            heapq.heappush(end_times, now + _duration(methods[name].seconds, workload.spread, rng))
            hour.max_executions = max(hour.max_executions, len(end_times))
    return hour


def _arrivals(workload: Workload, name: str, users: int, rng: random.Random) -> Iterator[tuple[float, str]]:
    """Yield the times of a method's requests in order, in seconds, with the method's name."""
    rate = users * workload.methods[name].a_day * workload.peak_hour / _HOUR_SECONDS
    now = rng.expovariate(rate)
    while now < _HOUR_SECONDS:
        yield now, name
        now += rng.expovariate(rate)


def _duration(mean: float, spread: float, rng: random.Random) -> float:
    """Return the seconds that a request takes: log-normal with this mean."""
    return rng.lognormvariate(log(mean) - spread**2 / 2, spread)
