"""A circuit breaker opens after several failures in a row, and allows a trial call after some time."""

from __future__ import annotations

from chalicelib.services.ai.circuit_breaker import CircuitBreaker


def test_a_circuit_opens_after_failures_in_a_row_and_closes_after_a_success():
    now = [0.0]
    breaker = CircuitBreaker("Model", max_failures=3, open_s=60, clock=lambda: now[0])
    for failed in (True, True, False, True, True):
        breaker.record(failed=failed)
    assert not breaker.is_open
    breaker.record(failed=True)
    assert breaker.is_open
    now[0] = 61
    assert not breaker.is_open
    breaker.record(failed=True)
    assert breaker.is_open
    now[0] = 130
    breaker.record(failed=False)
    assert not breaker.is_open
