"""How the time that a piece of work takes grows with its size."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ATTEMPTS = 3
"""The machine may be busy once or twice; work that grows with the square of its size is slow each time."""

NOISE_S = 0.02


def is_linear(work: Callable[[int], object], size: int) -> bool:
    """Tell whether eight times the size takes about eight times as long: three times that passes, the square does not.

    Args:
        work: What is measured; gets its size. What it needs for it is best made before.
        size: The small size; the large one is eight times as large.
    """
    small = min(_spent(work, size) for _ in range(ATTEMPTS))
    return any(_spent(work, 8 * size) < 24 * small + NOISE_S for _ in range(ATTEMPTS))


def _spent(work: Callable[[int], object], size: int) -> float:
    """Return seconds of processor time, without the collector, which walks over all that other tests left behind."""
    gc.disable()
    try:
        begun = time.process_time()
        work(size)
        return time.process_time() - begun
    finally:
        gc.enable()
