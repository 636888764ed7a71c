"""A process has one runtime, which tests can reset."""

from __future__ import annotations

import pytest

from chalicelib.aws import clients
from chalicelib.services.ai import runtime
from chalicelib.services.ai.runtime import CallTimes
from tests.support.stage import stage_with


@pytest.mark.parametrize(
    ("seconds", "percentile"),
    [([], 9.0), ([4.0], 4.0), ([2.0] * 9 + [8.0], 8.0), ([2.0] * 10, 2.0), ([9.0] * 50 + [1.0] * 50, 1.0)],
)
def test_the_90th_percentile_is_of_the_latest_fifty_calls(seconds, percentile):
    times = CallTimes()
    for each in seconds:
        times.add(each)
    assert times.percentile_90() == percentile


def test_a_reset_discards_circuits_measurements_and_clients():
    with stage_with(BEDROCK_ENDPOINT_URL="http://127.0.0.1:9", COMPREHEND_ENDPOINT_URL="http://127.0.0.1:9"):
        before = runtime.runtime()
        assert runtime.runtime() is before
        before.call_times.add(1.0)
        for _ in range(3):
            before.model_breaker.record(failed=True)
        bedrock = clients.bedrock()
        runtime.reset()
        after = runtime.runtime()
        assert (after.model_breaker.is_open, after.call_times.percentile_90()) == (False, 9.0)
        assert clients.bedrock() is not bedrock
