"""A circuit opens after failures in a row, and lets one try after its rest."""

from chalicelib.services.ai.circuit_breaker import CircuitBreaker


def test_a_circuit_opens_rests_and_closes():
    now = [0.0]
    circuit = CircuitBreaker("Model", max_failures=3, open_s=60, clock=lambda: now[0])
    for failed in (True, True, False, True, True):
        circuit.record(failed=failed)
    assert not circuit.is_open
    circuit.record(failed=True)
    assert circuit.is_open
    now[0] = 61
    assert not circuit.is_open
    circuit.record(failed=True)
    assert circuit.is_open
    now[0] = 130
    circuit.record(failed=False)
    assert not circuit.is_open
