"""Options of make reach the programs they are for."""

from __future__ import annotations

import os
import re
import subprocess

from local.chalice_stage import PROJECT


def commands(*arguments, **environment):
    """The commands that make would run."""
    variables = {"PATH": os.environ["PATH"], **environment}
    printed = subprocess.run(
        ["make", "--dry-run", *arguments],  # noqa: S607 (the make of the developer)
        cwd=PROJECT,
        env=variables,
        check=True,
        capture_output=True,
        text=True,
    )
    return printed.stdout


def test_args_reach_pytest_and_skip_the_other_checks():
    for target in ("test", "unit", "test-all"):
        selected = commands(target, "ARGS=-k masker")
        assert re.search(r"-m pytest .* -k masker$", selected, re.MULTILINE)
        assert "mypy" not in selected
    assert "mypy" in commands("test")


def test_a_variable_of_the_environment_is_not_an_option():
    assert "-k masker" not in commands("test", ARGS="-k masker")


def test_help_names_every_command():
    makefile = (PROJECT / "Makefile").read_text()
    targets = set(re.search(r"\.PHONY: ((?:.*\\\n)*.*)", makefile)[1].replace("\\", " ").split()) - {"help"}
    assert targets - set(re.findall(r"make (?:-s )?([\w-]+)", commands("help"))) == set()
