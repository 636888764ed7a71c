"""Each benchmark of pure code runs, here with small numbers, so that ``make bench`` reaches its table."""

from __future__ import annotations

import pytest

from benchmarks import arrivals, cost, counting, masking
from benchmarks.table import Table


@pytest.fixture
def table():
    return Table(("what", "median", "p95", "comparison", "ratio", "goal", "correct"))


def test_counting(table, monkeypatch):
    monkeypatch.setattr(counting, "MESSAGES", 200)
    counting.measure(table)
    assert "count 200 messages" in str(table)


@pytest.mark.parametrize("benchmark", [arrivals, cost, masking], ids=lambda module: module.__name__)
def test_a_benchmark_fills_the_table(table, benchmark):
    benchmark.measure(table)
    assert len(str(table).splitlines()) > 2
