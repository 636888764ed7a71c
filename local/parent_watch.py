"""End a process when its parent is gone.

Uses only the standard library, so that programs of both virtual environments can import it.
"""

from __future__ import annotations

import os
import signal
import stat
import threading


def end_with_parent() -> None:
    """Send this process SIGTERM when its parent is gone, however the parent ended.

    The parent holds the write end of standard input, and the system closes it together with the parent. SIGTERM then
    takes the same path as an orderly stop. A process that was started by hand has no such pipe; for it, this does
    nothing.
    """
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        threading.Thread(target=_terminate_at_end_of_input, daemon=True, name="parent-watch").start()


def _terminate_at_end_of_input() -> None:
    # Not sys.stdin: a daemon thread that reads it would hold its lock when the interpreter exits.
    while os.read(0, 1024):
        pass
    # To the main thread, so that the signal interrupts whatever it waits for.
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
