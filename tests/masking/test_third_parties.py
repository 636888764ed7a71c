"""Names of people who are not in the room."""

from __future__ import annotations

from benchmarks.masking import recall
from tests.masking.lines import THIRD_PARTIES


def test_third_parties_are_masked_as_often_as_the_docs_say():
    assert recall(THIRD_PARTIES, ()).value >= 0.85
