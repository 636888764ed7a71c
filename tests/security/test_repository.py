"""The repository contains no secrets, pins its dependencies and ignores no security rule."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from local.secrets_scan import main, scan

PROJECT = Path(__file__).resolve().parent.parent.parent
PINNED = re.compile(r"[A-Za-z0-9_.\-]+(?:\[[a-z]+\])?==\S+")
# The newest version is always right: time zone data and process information.
UNPINNED = {"tzdata", "psutil"}


def tracked():
    command = [shutil.which("git"), "ls-files", "-z"]
    listed = subprocess.run(command, cwd=PROJECT, capture_output=True, check=True).stdout
    return [PROJECT / name for name in listed.decode().split("\0") if name]


@pytest.mark.slow
def test_no_secret_is_in_the_repository():
    files = tracked()
    assert len(files) > 100
    assert scan(files) == []


def test_a_secret_is_found_and_fails_the_commit(tmp_path, capsys):
    planted = tmp_path / "settings.py"
    planted.write_text(f'KEY = "AKIA{"IOSFODNN7EXAMPLQ"}"\n')
    assert main([str(planted)]) == 1
    assert capsys.readouterr().out == f"{planted}:1: AWS Access Key\n"
    assert main([__file__]) == 0


def test_the_dependencies_of_the_lambda_are_pinned():
    lines = (PROJECT / "requirements.txt").read_text("utf-8").splitlines()
    names = [line for line in lines if line and not line.startswith("#")]
    assert [name for name in names if not PINNED.fullmatch(name) and name not in UNPINNED] == []


def test_no_security_rule_is_ignored_for_the_whole_application():
    rules = (PROJECT / "pyproject.toml").read_text("utf-8")
    ignored = rules.partition("[tool.ruff.lint]")[2].partition("[tool.ruff.lint.per-file-ignores]")[0]
    assert re.findall(r'"(S\d+)"', ignored) == []
