"""A clone of the project, in which the commands of `local` run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.emulator import EMULATOR_PYTHON

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A copy of the project's files, with this clone's installation of the emulator."""
    clone = tmp_path_factory.mktemp("clone")
    for name in ("chalicelib", ".chalice", "local", "migrations"):
        shutil.copytree(PROJECT / name, clone / name)
    shutil.copy(PROJECT / "app.py", clone)
    (clone / ".local" / "emulator").mkdir(parents=True)
    (clone / ".local" / "emulator" / "venv").symlink_to(EMULATOR_PYTHON.parent.parent)
    yield clone
    command(clone, "clean")


def command(clone, name, **options):
    """Run a command of `local` in a clone, and return the finished process with its output."""
    return subprocess.run(
        [sys.executable, "-m", "local", name],
        cwd=clone,
        env={**os.environ, **options},
        capture_output=True,
        text=True,
        check=False,
    )
