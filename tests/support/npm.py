"""npm packages that tests use, installed once into a folder under `.local/`."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess

import pytest

NOT_INSTALLED = "npm is not installed"


def installed(home, packages):
    """Install packages into a folder unless it holds them, and return its `node_modules`.

    Args:
        home: the folder. A lock in it makes parallel workers wait for one installation.
        packages: their versions by name.
    """
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip(NOT_INSTALLED)
    manifest = json.dumps({"private": True, "dependencies": packages}, indent=2)
    stamp = home / "node_modules" / "installed.json"
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != manifest:
            (home / "package.json").write_text(manifest)
            command = [npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]
            subprocess.run([*command, "--cache", str(home / "cache")], cwd=home, check=True, timeout=120)
            stamp.write_text(manifest)
    return home / "node_modules"
