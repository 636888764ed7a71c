"""A stage whose AWS endpoints are servers of the tests."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from chalicelib.services import health
from chalicelib.services.ai import runtime
from chalicelib.settings import settings


@contextmanager
def stage_with(**environment):
    """Run with these environment variables, as a process that has just started."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        _reset()
        yield
    _reset()


def _reset():
    settings.cache_clear()
    health.reset()
    runtime.reset()
