"""The files for editors and git hooks name programs, modules and ports that exist."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import yaml

from local import debugging
from local.chalice_stage import PROJECT


def test_debug_configurations_name_ports_and_modules_that_exist():
    configurations = json.loads((PROJECT / ".vscode" / "launch.json").read_text())["configurations"]
    ports = [one["connect"]["port"] for one in configurations if one["request"] == "attach"]
    assert ports == [debugging.DEFAULT_PORT, debugging.DEFAULT_PORT + 1]
    modules = [one["module"] for one in configurations if one["request"] == "launch"]
    assert [name for name in modules if importlib.util.find_spec(name) is None] == []


def test_editor_settings_are_valid_json():
    for name in ("settings.json", "extensions.json"):
        assert json.loads((PROJECT / ".vscode" / name).read_text())


def test_git_hooks_run_programs_of_the_virtual_environment():
    (repository,) = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text())["repos"]
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        program, *arguments = hook["entry"].split()
        assert Path(program).parent == Path(".venv/bin")
        assert arguments[0] != "-m" or importlib.util.find_spec(arguments[1])
