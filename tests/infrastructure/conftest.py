"""The templates of all stages as they are packaged, in the form that SAM reads and expanded as CloudFormation does."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.chalice_stage import PROJECT

TOOLS = PROJECT / ".local" / "tools" / "bin"
STAGES = ("dev", "staging", "prod")


def packaged(stage, out, cwd=PROJECT, check=True, **environment):
    """Package a stage without its code, as its own process."""
    command = [sys.executable, "-m", "infrastructure.package", "--stage", stage, "--out", str(out), "--without-code"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(out), **environment}
    return subprocess.run(command, cwd=cwd, env=environment, check=check, capture_output=True, text=True)


def expanded(path):
    """A template as SAM expands it."""
    command = [TOOLS / "python", PROJECT / "infrastructure" / "expand.py", path, "us-east-1"]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(found.stdout)


@pytest.fixture(scope="session")
def clone(tmp_path_factory):
    """Copies what is packaged elsewhere, so that a test can change it."""

    def copy():
        place = tmp_path_factory.mktemp("clone")
        for name in ("chalicelib", ".chalice", "infrastructure"):
            shutil.copytree(PROJECT / name, place / name, ignore=shutil.ignore_patterns("__pycache__", "deploy*"))
        for name in ("app.py",):
            shutil.copy(PROJECT / name, place)
        return place

    return copy


@pytest.fixture(scope="session")
def paths(tmp_path_factory):
    """Where the template of each stage lies, by stage."""
    folder = tmp_path_factory.mktemp("templates")
    for stage in STAGES:
        packaged(stage, folder / stage)
    return {stage: folder / stage / "template.json" for stage in STAGES}


@pytest.fixture(scope="session")
def lambda_path(clone, tmp_path_factory):
    """The template of a stage that `auth_middleware` guards."""
    place, out = clone(), tmp_path_factory.mktemp("lambda")
    config = place / ".chalice" / "config.json"
    config.write_text(config.read_text().replace('"STAGE": "dev", "AUTHORIZER": "cognito"', '"AUTHORIZER": "lambda"'))
    packaged("dev", out, cwd=place)
    return out / "template.json"


@pytest.fixture(scope="session")
def templates(paths):
    """The template of each stage."""
    return {stage: json.loads(path.read_text()) for stage, path in paths.items()}


@pytest.fixture(scope="session")
def template(templates):
    """Prod's template, which has everything."""
    return templates["prod"]


@pytest.fixture(scope="session")
def resources(template):
    """What prod's template makes, by name."""
    return template["Resources"]


@pytest.fixture(scope="session")
def expanded_path(paths, tmp_path_factory):
    """Where prod's template lies as SAM expands it."""
    path = tmp_path_factory.mktemp("expanded") / "template.json"
    path.write_text(json.dumps(expanded(paths["prod"]), ensure_ascii=False))
    return path


@pytest.fixture(scope="session")
def made(expanded_path):
    """What CloudFormation makes of prod's template, by name."""
    return json.loads(expanded_path.read_text())["Resources"]


def of_type(resources, kind):
    """The properties of all resources of a type, by name."""
    return {name: found.get("Properties", {}) for name, found in resources.items() if found["Type"] == kind}


def lint(path):
    """What cfn-lint finds, one finding a line."""
    command = [TOOLS / "cfn-lint", "--format", "parseable", "--regions", "us-east-1", "--template", Path(path)]
    found = subprocess.run(command, check=False, capture_output=True, text=True)
    return found.stdout.splitlines()
