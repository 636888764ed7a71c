"""The pipeline and the scripts: valid, without stored keys, and with each stage deployed at the right time."""

from __future__ import annotations

import os
import re
import subprocess

import pytest
import yaml

from infrastructure import yaml_files
from infrastructure.preflight import RUNTIME
from local.chalice_stage import PROJECT
from tests.infrastructure.conftest import TOOLS

WORKFLOW = PROJECT / ".github" / "workflows" / "pipeline.yml"
# The only contexts and properties that the workflow's expressions use.
CONTEXTS = {"github.event_name", "github.ref", "vars.AWS_REGION", "vars.AWS_ROLE_ARN"}
EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")
PROPERTY = re.compile(r"\b[a-z]+\.\w+")
STRING = re.compile(r"'[^']*'")


@pytest.fixture(scope="module")
def workflow():
    return yaml.safe_load(WORKFLOW.read_text())


def schema_errors(path):
    """Return the output of a check against GitHub's workflow schema, empty if the workflow is valid."""
    command = [TOOLS / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", "--verbose", path]
    completed = subprocess.run(command, check=False, capture_output=True, text=True)
    return "" if completed.returncode == 0 else completed.stdout + completed.stderr


def expressions(text):
    """Return every expression of a workflow: in `${{ }}` and in conditions, which need no braces."""
    conditions = [line.partition("if:")[2] for line in text.splitlines() if line.strip().startswith("if:")]
    return EXPRESSION.findall(text) + conditions


def test_the_workflow_follows_githubs_schema():
    assert schema_errors(WORKFLOW) == ""


def test_the_schema_check_finds_a_misspelt_key(tmp_path):
    path = tmp_path / "wrong.yml"
    path.write_text(WORKFLOW.read_text().replace("runs-on: ubuntu", "run-on: ubuntu"))
    assert "'runs-on' is a required property" in schema_errors(path)


def test_every_job_needs_only_jobs_that_exist(workflow):
    for name, job in workflow["jobs"].items():
        assert job.get("needs", "test") in workflow["jobs"], name


def test_expressions_use_only_contexts_that_github_knows():
    used = {name for text in expressions(WORKFLOW.read_text()) for name in PROPERTY.findall(STRING.sub("", text))}
    assert used == CONTEXTS


@pytest.mark.parametrize("script", ["deploy-backend.sh", ".ci/run"])
def test_shellcheck_finds_nothing_in_scripts(script):
    completed = subprocess.run([TOOLS / "shellcheck", PROJECT / script], check=False, capture_output=True, text=True)
    assert completed.stdout == ""
    assert os.access(PROJECT / script, os.X_OK)


def test_the_pipeline_stores_no_key(workflow):
    assert "secrets." not in WORKFLOW.read_text()
    assert "aws-access-key" not in WORKFLOW.read_text()
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        assert job.get("permissions", {}).get("id-token") == ("write" if "environment" in job else None), name


def test_the_pipelines_role_may_create_a_new_stage():
    """Actions that CloudFormation's registry requires for a single-region cluster and for a budget with tags."""
    role = yaml_files.read(PROJECT / "infrastructure" / "account.yaml")["Resources"]["PipelineRole"]["Properties"]
    statements = role["Policies"][0]["PolicyDocument"]["Statement"]
    actions = [statement["Action"] for statement in statements]
    allowed = {action for listed in actions for action in ([listed] if isinstance(listed, str) else listed)}
    cluster = ("CreateCluster", "UpdateCluster", "GetCluster", "TagResource", "GetVpcEndpointServiceName")
    assert {f"dsql:{action}" for action in (*cluster, "ListTagsForResource")} <= allowed
    assert {"iam:CreateServiceLinkedRole", "budgets:ModifyBudget", "budgets:TagResource"} <= allowed


def test_each_stage_waits_for_the_jobs_before_it(workflow):
    jobs = workflow["jobs"]
    assert {name: job.get("needs") for name, job in jobs.items()} == {
        "test": None,
        "package": "test",
        "dev": "package",
        "staging": "package",
        "prod": "staging",
    }
    assert jobs["dev"]["if"] == "github.ref == 'refs/heads/main'"
    assert jobs["staging"]["if"] == "startsWith(github.ref, 'refs/tags/v')"
    assert {job["environment"] for job in jobs.values() if "environment" in job} == {"dev", "staging", "prod"}


def test_the_pipeline_packages_with_the_python_version_of_lambda(workflow):
    versions = {
        step["with"]["python-version"]
        for job in workflow["jobs"].values()
        for step in job["steps"]
        if "setup-python" in step.get("uses", "")
    }
    assert versions == {".".join(map(str, RUNTIME))}
