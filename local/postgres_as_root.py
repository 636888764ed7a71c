"""Run PostgreSQL as `nobody` when this program runs as root, because PostgreSQL refuses to run as root.

`nobody` can read neither a clone in /root nor one in a folder of `mktemp -d`, and opening those folders to `nobody`
would open them to everyone. In that case the data and a copy of PostgreSQL's programs go to a folder under /var/tmp.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.processes import StackError, say


@dataclass(frozen=True)
class ServerUser:
    """The user that the server runs as: the current one, or `nobody` instead of root."""

    uid: int
    gid: int
    replaces_root: bool

    @classmethod
    def choose(cls) -> ServerUser:
        """Return the user for a server that this process starts."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), replaces_root=False)
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid, replaces_root=True)

    @property
    def process_options(self) -> dict[str, Any]:
        """Options with which `subprocess` starts a program as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.replaces_root else {}

    def can_reach(self, path: Path) -> bool:
        """Return whether this user may enter every folder on the way to a path; the system itself decides."""
        if not self.replaces_root:
            return True
        return subprocess.run(["test", "-x", path], check=False, cwd="/", **self.process_options).returncode == 0

    def take(self, path: Path) -> None:
        """Make this user the owner of a path."""
        if self.replaces_root:
            os.chown(path, self.uid, self.gid)


def data_home(home: Path, user: ServerUser) -> Path:
    """Return the folder for the server's data: `home`, or a folder outside, with a link to it in `home`."""
    if user.can_reach(home):
        return home
    outside, link = _make_outside_folder(home), home / "outside"
    if not link.is_symlink():
        # The home was deleted by hand, and the password with it. The old data cannot be read without it.
        shutil.rmtree(outside / "data", ignore_errors=True)
        link.symlink_to(outside)
        say(f"PostgreSQL keeps its data in {outside}: `nobody` cannot read this folder. `make clean` deletes it")
    return outside


def programs(package: Path, home: Path, user: ServerUser) -> Path:
    """Return the folder of PostgreSQL's programs: the wheel's, or a copy of it outside."""
    installed = package / "pginstall" / "bin"
    if user.can_reach(installed / "postgres"):
        return installed
    outside = _make_outside_folder(home)
    copy = outside / package.name / "pginstall" / "bin"
    if not copy.exists():
        _copy_installation(package, outside)
    return copy


def outside_folder(home: Path) -> Path:
    """Return the folder outside that belongs to a home, whether it exists or not."""
    # /var/tmp survives a restart of the machine; /tmp may not.
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    return Path("/var/tmp") / f"love-q-{name}"  # noqa: S108 (its owner is checked before it is used)


def _make_outside_folder(home: Path) -> Path:
    folder = outside_folder(home)
    folder.mkdir(mode=0o755, exist_ok=True)
    # The name can be guessed, so another user may have created the folder first.
    if folder.is_symlink() or folder.lstat().st_uid != os.geteuid():
        raise StackError(f"{folder} belongs to another user; delete it and try again")
    folder.chmod(0o755)
    return folder


def _copy_installation(package: Path, target: Path) -> None:
    """Copy programs and libraries side by side, since they find each other by relative paths."""
    temporary = target / "incomplete-copy"
    shutil.rmtree(temporary, ignore_errors=True)
    unused = shutil.ignore_patterns("include", "*.a", "pkgconfig")
    shutil.copytree(package / "pginstall", temporary / "pginstall", symlinks=True, ignore=unused)
    libraries = package.with_name(f"{package.name}.libs")
    # The wheels for macOS have their libraries inside the package.
    if libraries.exists():
        shutil.copytree(libraries, target / libraries.name, symlinks=True, dirs_exist_ok=True)
        _make_readable(target / libraries.name)
    _make_readable(temporary)
    temporary.rename(target / package.name)


def _make_readable(folder: Path) -> None:
    """Let every user read a folder that was created under a strict umask."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or os.access(path, os.X_OK) else 0o444))
