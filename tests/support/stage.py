"""A stage that asks servers of the tests instead of AWS."""

from contextlib import contextmanager

import pytest

from chalicelib.aws import clients
from chalicelib.services import health
from chalicelib.services.ai import claude, coach, comprehend
from chalicelib.settings import settings


@contextmanager
def stage_with(**environment):
    """The stage with these variables, as if its process had just begun: nothing is known of those it asks."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        _reset()
        yield
    _reset()


def _reset():
    settings.cache_clear()
    clients.bedrock.cache_clear()
    clients.comprehend.cache_clear()
    health.reset()
    claude._seconds.clear()
    for circuit in (coach._circuit, comprehend._circuit):
        circuit.record(failed=False)
