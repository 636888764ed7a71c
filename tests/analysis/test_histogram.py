"""Histograms with fixed buckets."""

from __future__ import annotations

import json
import math
import random

import pytest

from chalicelib.analysis.histogram import Histogram


def test_small_numbers_are_exact():
    for value in range(32):
        assert _of([value]).quantile(0.5) == value


def test_an_integer_is_off_by_3_5_percent_at_most():
    rng = random.Random(1)
    for value in [*range(32, 5000), *(rng.randrange(32, 10_000_000) for _ in range(20_000))]:
        assert abs(_of([value]).quantile(0.5) - value) <= 0.035 * value
        assert abs(round(_of([value]).quantile(0.5)) - value) <= 0.05 * value


def test_a_fraction_is_off_by_5_percent_at_most():
    rng = random.Random(2)
    for value in (rng.uniform(32, 10_000_000) for _ in range(20_000)):
        assert abs(_of([value]).quantile(0.5) - value) <= 0.05 * value


@pytest.mark.parametrize("q", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_a_quantile_of_many_numbers_is_off_by_3_5_percent_at_most(q):
    rng = random.Random(5)
    values = sorted(int(rng.lognormvariate(5, 2)) for _ in range(2001))
    true = values[max(math.ceil(q * len(values)), 1) - 1]
    assert abs(_of(values).quantile(q) - true) <= 0.035 * true


def test_counting_continues_from_a_stored_document():
    rng = random.Random(9)
    values = [rng.randrange(100_000) for _ in range(500)]
    histogram = Histogram.from_document(json.loads(json.dumps(_of(values[:123]).to_document())))
    histogram.add_all(values[123:])
    assert histogram == _of(values)
    assert histogram.total == 500


def test_a_number_can_be_counted_many_times():
    histogram = Histogram()
    histogram.add(3, 4)
    histogram.add(-1)
    assert histogram.to_document() == {"0": 1, "3": 4}


def test_an_empty_histogram_has_no_quantile():
    assert Histogram().quantile(0.5) is None


def _of(values):
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    return histogram
