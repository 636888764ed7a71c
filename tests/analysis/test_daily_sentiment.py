"""Sentiment by day, from the sums of a tally."""

from __future__ import annotations

import random

import pytest

from chalicelib.analysis.daily_sentiment import mean_share


@pytest.mark.parametrize("messages", [1, 2, 3, 4, 7, 16, 40, 64, 125, 400])
def test_the_shares_of_a_point_are_rounded_to_four_places(messages):
    chance = random.Random(messages)
    for part in (*range(101), *(chance.randrange(1_000 * messages + 1) for _ in range(500))):
        assert mean_share(part, messages) == round(part / messages / 1000, 4)
