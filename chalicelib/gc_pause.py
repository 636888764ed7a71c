"""Pauses of the garbage collector, to save time."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_paused() -> Iterator[None]:
    """Disable the garbage collector while many objects without cycles are created, such as the messages of a chat.

    Otherwise it would inspect a million objects repeatedly and find nothing. ``freeze`` and ``unfreeze`` move the new
    objects into the oldest generation, which the collector inspects last.
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
