"""Python's garbage collector, kept out of where it finds nothing."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_paused() -> Iterator[None]:
    """Reading a chat makes a million objects and no cycles; the collector would look them all through, again and again.

    Frozen and unfrozen they are among the old ones, which it looks through no sooner than it has to.
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
