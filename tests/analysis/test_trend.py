"""The trend of a person's sentiment."""

from __future__ import annotations

from chalicelib.analysis.trend import trend


def test_a_sentiment_that_grows_is_rising_and_one_that_sinks_is_falling():
    up = [(20, -0.2), (25, -0.05), (18, 0.05), (22, 0.2), (20, 0.3)]
    assert trend(up) == "rising"
    assert trend([(messages, -mean) for messages, mean in up]) == "falling"
    assert trend([(messages, 0.3) for messages, _ in up]) == "steady"


def test_a_trend_needs_four_days_and_twenty_messages():
    assert trend([]) is None
    assert trend([(100, -0.5), (100, 0.0), (100, 0.5)]) is None
    assert trend([(4, -0.5), (4, -0.2), (4, 0.2), (4, 0.5)]) is None
    assert trend([(5, -0.5), (0, 0.0), (5, -0.2), (5, 0.2), (5, 0.5)]) == "rising"
    assert trend([(0, 1.0)] * 50) is None


def test_one_odd_day_or_one_long_evening_does_not_make_a_trend():
    calm = [(20, 0.1)] * 9
    assert trend([*calm, (3, 1.0)]) == "steady"
    assert trend([(20, 0.1), (20, 0.15), (20, 0.05), (20, 0.1), (20, 0.12), (2_000, 0.2)]) == "steady"


def test_a_small_change_and_noise_are_steady():
    assert trend([(50, 0.1 + day * 0.01) for day in range(7)]) == "steady"
    assert trend([(20, 0.5), (20, -0.5), (20, 0.5), (20, -0.5), (20, 0.6), (20, -0.2)]) == "steady"
