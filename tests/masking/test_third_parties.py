"""Names of third parties."""

from __future__ import annotations

from benchmarks.masking import recall
from tests.masking.lines import THIRD_PARTIES


def test_85_percent_of_third_parties_are_masked():
    assert recall(THIRD_PARTIES, ()).value >= 0.85
