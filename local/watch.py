"""Notice changed code, and follow logs, for `make run`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from watchfiles import Change, DefaultFilter, watch

_POLL_MS = 250
# git and editors write several files in a row; changes closer together than this are reported together.
_QUIET_MS = 200


class _ApplicationFiles(DefaultFilter):
    """Accepts the files of the application, without the caches and temporary files of Python and editors."""

    def __call__(self, change: Change, path: str) -> bool:
        return super().__call__(change, path) and not Path(path).name.startswith(".")


def changes(project: Path) -> Iterator[list[Path]]:
    """Yield the application files that changed, and an empty list at least twice a second.

    Only what is deployed is watched: the database and the emulator write to other folders of the project all the time.
    """
    # app.py is watched through its folder: git and editors replace a file, which ends a watch on the file itself.
    folder = watch(
        project,
        watch_filter=lambda _change, path: Path(path) == project / "app.py",
        recursive=False,
        rust_timeout=_POLL_MS,
        step=_QUIET_MS,
        yield_on_timeout=True,
    )
    packages = watch(
        project / "chalicelib",
        project / ".chalice",
        watch_filter=_ApplicationFiles(),
        rust_timeout=_POLL_MS,
        step=_QUIET_MS,
        yield_on_timeout=True,
    )
    for batches in zip(folder, packages, strict=False):
        yield sorted({Path(path) for batch in batches for _, path in batch})


@dataclass
class LogTail:
    """Follows a log file."""

    path: Path
    _position: int = 0

    def show(self) -> None:
        """Print what was appended since the last call to standard error."""
        try:
            with self.path.open("rb") as log:
                log.seek(self._position)
                added = log.read()
        except FileNotFoundError:
            return
        self._position += len(added)
        if added:
            sys.stderr.write(added.decode("utf-8", errors="replace"))
            sys.stderr.flush()
