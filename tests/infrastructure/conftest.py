"""The packaged templates of all stages, before and after SAM expands them into plain CloudFormation."""

from __future__ import annotations

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


def package(stage, out, cwd=PROJECT, check=True, **environment):
    """Package a stage without its code, in a process of its own."""
    command = [sys.executable, "-m", "infrastructure.package", "--stage", stage, "--out", str(out), "--without-code"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(out), **environment}
    return subprocess.run(command, cwd=cwd, env=environment, check=check, capture_output=True, text=True)


def expand(path):
    """Return a template as SAM expands it."""
    command = [TOOLS / "python", PROJECT / "infrastructure" / "expand.py", path, "us-east-1"]
    completed = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(completed.stdout)


@pytest.fixture(scope="session")
def copy_sources(tmp_path_factory):
    """Return a function that copies the packaged sources into a folder that a test may change."""

    def copy():
        folder = tmp_path_factory.mktemp("sources")
        for name in ("chalicelib", ".chalice", "infrastructure"):
            shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "deploy*"))
        shutil.copy(PROJECT / "app.py", folder)
        return folder

    return copy


@pytest.fixture(scope="session")
def template_paths(tmp_path_factory):
    """The path of each stage's template."""
    folder = tmp_path_factory.mktemp("templates")
    for stage in STAGES:
        package(stage, folder / stage)
    return {stage: folder / stage / "template.json" for stage in STAGES}


@pytest.fixture(scope="session")
def lambda_authorizer_path(copy_sources, tmp_path_factory):
    """The path of the template of a stage with AUTHORIZER=lambda."""
    sources, out = copy_sources(), tmp_path_factory.mktemp("lambda")
    config = sources / ".chalice" / "config.json"
    config.write_text(config.read_text().replace('"STAGE": "dev", "AUTHORIZER": "cognito"', '"AUTHORIZER": "lambda"'))
    package("dev", out, cwd=sources)
    return out / "template.json"


@pytest.fixture(scope="session")
def templates(template_paths):
    """The template of each stage."""
    return {stage: json.loads(path.read_text()) for stage, path in template_paths.items()}


@pytest.fixture(scope="session")
def template(templates):
    """Prod's template, the most complete one."""
    return templates["prod"]


@pytest.fixture(scope="session")
def resources(template):
    """The resources of prod's template, by name."""
    return template["Resources"]


@pytest.fixture(scope="session")
def expanded_path(template_paths, tmp_path_factory):
    """The path of prod's template as SAM expands it."""
    path = tmp_path_factory.mktemp("expanded") / "template.json"
    path.write_text(json.dumps(expand(template_paths["prod"]), ensure_ascii=False))
    return path


@pytest.fixture(scope="session")
def expanded_resources(expanded_path):
    """The resources of prod's expanded template, by name."""
    return json.loads(expanded_path.read_text())["Resources"]


def of_type(resources, resource_type):
    """Return the properties of all resources of a type, by name."""
    return {
        name: resource.get("Properties", {})
        for name, resource in resources.items()
        if resource["Type"] == resource_type
    }


def lint(path):
    """Return cfn-lint's findings, one line each."""
    command = [TOOLS / "cfn-lint", "--format", "parseable", "--regions", "us-east-1", "--template", Path(path)]
    completed = subprocess.run(command, check=False, capture_output=True, text=True)
    return completed.stdout.splitlines()
