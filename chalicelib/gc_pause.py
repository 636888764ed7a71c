"""Pause the garbage collector while a chat is read."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_paused() -> Iterator[None]:
    """Pause the garbage collector.

    Reading a chat creates a million objects and no reference cycles, and the collector would scan them again and again.
    Freezing and unfreezing the objects at the end moves them to the oldest generation, which is scanned least often.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()
        if was_enabled:
            gc.enable()
