"""Arrivals against ten places: what happens in the busiest hour of 10, 1,000 and 100,000 users a day.

A simulation: requests come at random (Poisson), each takes a place for as long as it is served (log-normal around its
mean), and finds none where ten are taken; the gateway's token buckets, one a method, stand before them with the
template's figures or open. ``data/arrivals.json`` says what users ask and how long that takes.
"""

from __future__ import annotations

import heapq
import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import log
from pathlib import Path
from typing import Any

from benchmarks.table import Table
from infrastructure import yaml_files

DATA = json.loads((Path(__file__).parent / "data" / "arrivals.json").read_text("utf-8"))
PARAMETERS = Path(__file__).resolve().parent.parent / "infrastructure" / "template" / "parameters.yaml"
METHODS: dict[str, dict[str, Any]] = DATA["methods"]
USERS = (10, 1_000, 10_000, 100_000)
HOUR_S = 3_600
# What a stage reserves for the API.
PLACES = 10
SEED = 20_261_123


@dataclass
class Bucket:
    """A token bucket, as API Gateway has one for each method."""

    rate: float
    burst: int
    tokens: float = 0.0
    at: float = 0.0

    def __post_init__(self) -> None:
        self.tokens = float(self.burst)

    def take(self, now: float) -> bool:
        """Let one request through, if a token is there."""
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


def measure(table: Table) -> None:
    """Add what came of each kind of request, with the template's throttles and without."""
    parameters = yaml_files.read(PARAMETERS)["Parameters"]
    rates = {kind: float(parameters[each["throttle"]]["Default"]) for kind, each in DATA["kinds"].items()}
    for users in USERS:
        for throttled in (True, False):
            hour = _hour(users, rates if throttled else {})
            for kind, number in hour.came.items():
                table.add(
                    f"{users:,} users a day, {kind}{'' if throttled else ', unthrottled'}",
                    f"{number:,} an hour",
                    beside=f"429 {hour.refused[kind] / number:.1%}, no place {hour.without_place[kind] / number:.2%}",
                    ratio=f"{hour.most} of {PLACES} places",
                )


@dataclass
class Hour:
    """What became of the requests of an hour, by kind; ``most`` places were taken at once."""

    came: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    without_place: Counter[str] = field(default_factory=Counter)
    most: int = 0


def _hour(users: int, rates: Mapping[str, float]) -> Hour:
    chance = random.Random(SEED)  # noqa: S311 (a simulation)
    buckets = {
        method: Bucket(rates[each["kind"]], DATA["kinds"][each["kind"]]["burst"])
        for method, each in METHODS.items()
        if each["kind"] in rates
    }
    hour = Hour()
    taken: list[float] = []
    for now, method in heapq.merge(*(_stream(method, users, chance) for method in METHODS)):
        kind = METHODS[method]["kind"]
        hour.came[kind] += 1
        while taken and taken[0] <= now:
            heapq.heappop(taken)
        if method in buckets and not buckets[method].take(now):
            hour.refused[kind] += 1
        elif len(taken) >= PLACES:
            hour.without_place[kind] += 1
        else:
            heapq.heappush(taken, now + _served(METHODS[method]["seconds"], chance))
            hour.most = max(hour.most, len(taken))
    return hour


def _stream(method: str, users: int, chance: random.Random) -> Iterator[tuple[float, str]]:
    """When which request comes, in order."""
    rate = users * METHODS[method]["a_day"] * DATA["peak_hour"] / HOUR_S
    now = chance.expovariate(rate)
    while now < HOUR_S:
        yield now, method
        now += chance.expovariate(rate)


def _served(mean: float, chance: random.Random) -> float:
    """Seconds, log-normal with this mean."""
    spread = DATA["spread"]
    return chance.lognormvariate(log(mean) - spread**2 / 2, spread)
