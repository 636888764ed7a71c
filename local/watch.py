"""Noticing changed code, and reading along in logs, for `make run`."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

Snapshot = dict[Path, int]


def snapshot(project: Path) -> Snapshot:
    """When each file of the application was last changed.

    Only what is deployed counts: the database and the emulator write under the same project all the time.
    """
    found: Snapshot = {}
    for path in (project / "app.py", *project.glob(".chalice/*.json"), *project.glob("chalicelib/**/*")):
        if "__pycache__" in path.parts or path.name.startswith(".") or path.name.endswith("~"):
            continue
        try:
            status = path.stat()
        except FileNotFoundError:
            continue  # Editors and git replace files, so one may be gone between the listing and the look.
        if path.is_file():
            found[path] = status.st_mtime_ns
    return found


@dataclass
class Changes:
    """Changes of the application's files since the last answer."""

    project: Path
    _known: Snapshot = field(init=False)
    _pending: Snapshot = field(init=False)

    def __post_init__(self) -> None:
        self._known = self._pending = snapshot(self.project)

    def settled(self) -> list[Path]:
        """Which files changed, once two looks in a row agree: git and editors write several in one go."""
        before, self._pending = self._pending, snapshot(self.project)
        if self._pending != before or self._pending == self._known:
            return []
        changed = {path for path, _ in self._known.items() ^ self._pending.items()}
        self._known = self._pending
        return sorted(changed)


@dataclass
class LogTail:
    """Shows what is added to a log while it is read along."""

    path: Path
    _position: int = 0

    def show(self) -> None:
        """Print what came since the last time, to standard error."""
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
