"""Histograms whose parts combine exactly."""

from __future__ import annotations

import json
import math
import random

import pytest

from chalicelib.analysis.histogram import Histogram


def test_small_numbers_are_exact():
    for value in range(32):
        assert _of([value]).quantile(0.5) == value


def test_no_number_is_off_by_more_than_its_bound():
    chance = _chance(1)
    for value in [*range(32, 5000), *(chance.randrange(32, 10_000_000) for _ in range(20_000))]:
        assert abs(_of([value]).quantile(0.5) - value) <= 0.035 * value
        assert abs(round(_of([value]).quantile(0.5)) - value) <= 0.05 * value


def test_fractions_are_off_by_five_percent_at_most():
    chance = _chance(2)
    for value in (chance.uniform(32, 10_000_000) for _ in range(20_000)):
        assert abs(_of([value]).quantile(0.5) - value) <= 0.05 * value


@pytest.mark.parametrize("q", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_quantiles_of_many_numbers_keep_the_bound(q):
    chance = _chance(5)
    values = sorted(int(chance.lognormvariate(5, 2)) for _ in range(2001))
    true = values[max(math.ceil(q * len(values)), 1) - 1]
    assert abs(_of(values).quantile(q) - true) <= 0.035 * true


def test_parts_combine_to_the_whole():
    chance = _chance(9)
    values = [chance.randrange(100_000) for _ in range(500)]
    merged = _of(values[:123])
    merged.merge(Histogram.from_document(json.loads(json.dumps(_of(values[123:]).to_document()))))
    assert merged == _of(values)
    assert merged.total == 500


def test_a_number_can_be_counted_many_times():
    histogram = Histogram()
    histogram.add(3, 4)
    histogram.add(-1)
    assert histogram.to_document() == {"0": 1, "3": 4}


def test_nothing_has_no_quantile():
    assert Histogram().quantile(0.5) is None


def _of(values):
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    return histogram


def _chance(seed):
    return random.Random(seed)
