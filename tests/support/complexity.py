"""Measure how the time of a call grows with the size of its input."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# The machine may be busy during one or two attempts, but quadratic work is slow in all of them.
ATTEMPTS = 3
SIZE_FACTOR = 8
# Three times the linear growth still passes; quadratic growth, which is eight times the linear one, does not.
MAX_TIME_FACTOR = 3 * SIZE_FACTOR
NOISE_SECONDS = 0.02


def is_linear(work: Callable[[int], object], size: int) -> bool:
    """Return whether the time of a call is roughly linear in the size of its input.

    Args:
        work: The measured call, which takes the size. It should not prepare its input.
        size: The small size. The large size is eight times as large.
    """
    small = min(_seconds(work, size) for _ in range(ATTEMPTS))
    limit = MAX_TIME_FACTOR * small + NOISE_SECONDS
    return any(_seconds(work, SIZE_FACTOR * size) < limit for _ in range(ATTEMPTS))


def _seconds(work: Callable[[int], object], size: int) -> float:
    """Return the processor time of a call, without the garbage collector, which would scan objects of other tests."""
    gc.disable()
    try:
        started = time.process_time()
        work(size)
        return time.process_time() - started
    finally:
        gc.enable()
