"""`./deploy-backend.sh` with its options, and its behaviour in special cases."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from tests.deployment.conftest import PROJECT, commit

# Avoids reserved concurrency, which the emulator lacks and the file of stage prod sets.
PROD = ("--set", "ReservedConcurrency=0")
# Overrides the stage's file. The other parameters keep the values of the first deployment.
BEDROCK = ("--set", "Bedrock=local")


@pytest.fixture(scope="module")
def sources(clone):
    """A committed copy, because prod accepts only committed sources."""
    return clone()


@pytest.fixture(scope="module")
def staging(cloud, sources):
    completed = cloud.deploy("staging", *cloud.emulator_options, cwd=sources)
    assert completed.returncode == 0, completed.stderr
    return cloud.outputs("staging")


def stacks(cloud):
    all_stacks = cloud.client("cloudformation").describe_stacks()["Stacks"]
    return {stack["StackName"] for stack in all_stacks if stack["StackStatus"] != "DELETE_COMPLETE"}


def test_the_script_finds_its_tools_and_lists_its_options():
    environment = {"PATH": "/usr/bin:/bin", "PYTHON": sys.executable, "VENV": ".venv"}
    completed = subprocess.run(
        ["./deploy-backend.sh", "--help"], cwd=PROJECT, env=environment, check=True, capture_output=True, text=True
    )
    for option in ("--plan", "--yes", "--destroy", "--cost", "--web-env", "--set"):
        assert option in completed.stdout


def test_a_plan_changes_nothing_and_masks_secrets(cloud):
    before = stacks(cloud), cloud.client("s3").list_buckets()["Buckets"]
    plan = cloud.deploy("staging", "--plan", *cloud.emulator_options)
    assert plan.returncode == 0, plan.stderr
    assert "Nothing was changed" in plan.stderr
    assert re.search(r"Add +UploadBucket \(AWS::S3::Bucket\)", plan.stderr)
    assert "DatabaseUrl = ****" in plan.stderr
    assert cloud.database_url not in plan.stderr
    assert (stacks(cloud), cloud.client("s3").list_buckets()["Buckets"]) == before


def test_prod_accepts_only_the_package_that_staging_runs(cloud, clone):
    other = clone()
    (other / "chalicelib" / "note.txt").write_text("another package")
    commit(other)
    refused = cloud.deploy("prod", "--yes", *cloud.emulator_options, *PROD, cwd=other)
    assert refused.returncode == 1
    assert "staging runs" in refused.stderr
    assert "Completed before the failure" in refused.stderr
    assert "love-q-serverless-prod" not in stacks(cloud)


def test_prod_accepts_only_committed_sources(cloud, clone):
    dirty = clone()
    (dirty / "app.py").write_text((dirty / "app.py").read_text() + "\n# a change\n")
    refused = cloud.deploy("prod", "--yes", *cloud.emulator_options, *PROD, cwd=dirty)
    assert refused.returncode == 1
    assert "app.py" in refused.stderr
    assert "needs committed sources" in refused.stderr


def test_prod_runs_the_package_of_staging_after_confirmation(cloud, sources, staging):
    declined = cloud.deploy("prod", *cloud.emulator_options, *PROD, cwd=sources, answer="no\n")
    assert declined.returncode == 1
    assert "Nothing was changed" in declined.stderr
    assert "love-q-serverless-prod" not in stacks(cloud)

    confirmed = cloud.deploy("prod", *cloud.emulator_options, *PROD, cwd=sources, answer="prod\n")
    assert confirmed.returncode == 0, confirmed.stderr
    prod = cloud.outputs("prod")
    assert prod["CodeKey"] == staging["CodeKey"]
    configuration = cloud.client("lambda").get_function_configuration(FunctionName=prod["APIHandlerName"])
    assert configuration["Environment"]["Variables"]["STAGE"] == "prod"
    assert prod["UserPoolId"] != staging["UserPoolId"]


def test_stacks_have_the_tags_that_group_the_costs(cloud, staging):
    stack = cloud.client("cloudformation").describe_stacks(StackName="love-q-serverless-staging")["Stacks"][0]
    assert {tag["Key"]: tag["Value"] for tag in stack["Tags"]} == {"project": "love-q", "stage": "staging"}


def test_a_parameter_keeps_the_value_of_an_earlier_deployment(cloud, sources, staging):
    """Only the first deployment set the database."""
    completed = cloud.deploy("staging", *BEDROCK, "--set", "LogLevel=ERROR", cwd=sources)
    assert completed.returncode == 0, completed.stderr
    configuration = cloud.client("lambda").get_function_configuration(FunctionName=staging["APIHandlerName"])
    variables = configuration["Environment"]["Variables"]
    assert (variables["LOG_LEVEL"], variables["DATABASE_URL"]) == ("ERROR", cloud.database_url)


def test_an_unknown_parameter_is_refused(cloud, sources):
    refused = cloud.deploy("staging", *BEDROCK, "--set", "Nonsense=1", cwd=sources)
    assert refused.returncode == 1
    assert "no parameter Nonsense" in refused.stderr


def test_a_failed_change_is_rolled_back_and_reported(cloud, sources, staging):
    """The emulator cannot create budgets."""
    failed = cloud.deploy("staging", *BEDROCK, "--set", "MonthlyBudget=5", cwd=sources)
    assert failed.returncode == 1
    assert "Budget" in failed.stderr
    assert "run the same command again" in failed.stderr
    assert cloud.outputs("staging")["CodeKey"] == staging["CodeKey"]


def test_destroying_a_stage_retains_its_user_data(cloud, sources, staging):
    declined = cloud.deploy("staging", "--destroy", cwd=sources, answer="no\n")
    assert declined.returncode == 1
    assert "love-q-serverless-staging" in stacks(cloud)

    completed = cloud.deploy("staging", "--destroy", "--yes", cwd=sources)
    assert completed.returncode == 0, completed.stderr
    assert "love-q-serverless-staging" not in stacks(cloud)
    assert staging["UserPoolId"] in completed.stderr
    assert staging["UploadBucketName"] in completed.stderr
    assert staging["UploadBucketName"] in {b["Name"] for b in cloud.client("s3").list_buckets()["Buckets"]}
    cloud.client("cognito-idp").describe_user_pool(UserPoolId=staging["UserPoolId"])

    repeated = cloud.deploy("staging", "--destroy", "--yes", cwd=sources)
    assert (repeated.returncode, "There is no stack" in repeated.stderr) == (0, True)


def test_a_destroyed_stage_can_be_deployed_again(cloud, sources, staging):
    completed = cloud.deploy("staging", *cloud.emulator_options, cwd=sources)
    assert completed.returncode == 0, completed.stderr
    assert cloud.outputs("staging")["UploadBucketName"] != staging["UploadBucketName"]


def test_the_pipelines_role_trusts_one_repository(cloud, sources, staging):
    # The emulator cannot create identity providers, so the account already has GitHub's.
    provider = "arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com"
    options = ("--set", "GithubRepository=someone/love-q", "--set", f"GithubProviderArn={provider}")
    completed = cloud.deploy("staging", *BEDROCK, *options, cwd=sources)
    assert completed.returncode == 0, completed.stderr
    role = cloud.client("iam").get_role(RoleName="love-q-pipeline-us-east-1")["Role"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert set(trust["Condition"]["StringLike"]["token.actions.githubusercontent.com:sub"]) == {
        f"repo:someone/love-q:environment:{stage}" for stage in ("dev", "staging", "prod")
    }


def test_the_accounts_shared_stack_refuses_requests_without_tls(cloud, staging):
    stack = cloud.client("cloudformation").describe_stacks(StackName="love-q-account")["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    policy = json.loads(cloud.client("s3").get_bucket_policy(Bucket=outputs["PackagesBucket"])["Policy"])
    assert policy["Statement"][0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_outputs_are_printed_even_if_the_smoke_test_fails(cloud, clone, staging):
    """A custom domain answers only after one of the outputs is in its DNS record."""
    broken = clone()
    app = broken / "app.py"
    app.write_text(app.read_text().replace('"/health"', '"/well"'))
    completed = cloud.deploy("staging", *BEDROCK, cwd=broken)
    assert (completed.returncode, "GET /health answers" in completed.stderr) == (1, True)
    assert f"ApiUrl={cloud.outputs('staging')['ApiUrl']}" in completed.stdout
