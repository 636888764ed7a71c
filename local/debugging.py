"""Debug the application under `make run DEBUG=1`: `breakpoint()` in the terminal, or a debugger by the port."""

from __future__ import annotations

import os
import pdb  # noqa: T100 (debugging is what this module is for)
import sys
from typing import Any

from local.processes import LOOPBACK, say

# The API listens on this port unless DEBUG names another, the bridge on the next one.
DEFAULT_PORT = 5678
_VARIABLE = "DEBUG_PORT"


def variables(port: int) -> dict[str, str]:
    """Return the environment of a program that is to be debugged on this port."""
    # Without this, debugpy warns about frozen modules of the standard library on every start.
    return {_VARIABLE: str(port), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}


def listen() -> None:
    """Wait for a debugger on the port that the environment names, without blocking; do nothing if it names none."""
    port = os.environ.get(_VARIABLE)
    if port is None:
        return
    import debugpy  # noqa: PLC0415, T100 (half a second that only debugging needs)

    debugpy.listen((LOOPBACK, int(port)))  # noqa: T100 (as above)
    sys.breakpointhook = _break


def _break(*_args: Any, **_options: Any) -> None:
    """Stop in the debugger if one is attached, otherwise in the terminal."""
    import debugpy  # noqa: PLC0415, T100 (as above)
    import pydevd  # noqa: PLC0415 (debugpy makes it importable)
    import pydevd_tracing  # noqa: PLC0415 (likewise)

    frame = sys._getframe(1)  # noqa: SLF001 (the frame that called breakpoint())
    if debugpy.is_client_connected():
        # As debugpy.breakpoint() does, but in the caller's frame instead of this one.
        pydevd.settrace(suspend=True, trace_only_current_thread=True, patch_multiprocessing=False, stop_at_frame=frame)
    elif sys.stdin.isatty():
        # Otherwise debugpy prints a warning about a second debugger.
        pydevd_tracing.restore_sys_set_trace_func()
        pdb.Pdb().set_trace(frame)
    else:
        say(f"breakpoint() at {frame.f_code.co_filename}:{frame.f_lineno} ignored: no debugger is attached")
