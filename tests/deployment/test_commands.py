"""What `./deploy-backend.sh` does in each case that is not the plain one."""

import json
import re
import subprocess
import sys

import pytest

from tests.deployment.conftest import PROJECT, commit

# What the emulator lacks, beside what `here` leaves out.
PROD = ("--set", "ReservedConcurrency=0")
# What the stage's file says otherwise; all else stays as it was set.
BEDROCK = ("--set", "Bedrock=local")


@pytest.fixture(scope="module")
def sources(clone):
    """A committed copy, since prod takes nothing else."""
    return clone()


@pytest.fixture(scope="module")
def staging(cloud, sources):
    done = cloud.deploy("staging", *cloud.here, cwd=sources)
    assert done.returncode == 0, done.stderr
    return cloud.outputs("staging")


def stacks(cloud):
    found = cloud.client("cloudformation").describe_stacks()["Stacks"]
    return {stack["StackName"] for stack in found if stack["StackStatus"] != "DELETE_COMPLETE"}


def test_the_script_finds_its_tools_and_says_what_it_can_do():
    given = {"PATH": "/usr/bin:/bin", "PYTHON": sys.executable, "VENV": ".venv"}
    help_ = subprocess.run(
        ["./deploy-backend.sh", "--help"], cwd=PROJECT, env=given, check=True, capture_output=True, text=True
    )
    for option in ("--plan", "--yes", "--destroy", "--cost", "--web-env", "--set"):
        assert option in help_.stdout


def test_a_plan_changes_nothing_and_shows_no_secret(cloud):
    before = stacks(cloud), cloud.client("s3").list_buckets()["Buckets"]
    plan = cloud.deploy("staging", "--plan", *cloud.here)
    assert plan.returncode == 0, plan.stderr
    assert "Nothing was changed" in plan.stderr
    assert re.search(r"Add +UploadBucket \(AWS::S3::Bucket\)", plan.stderr)
    assert "DatabaseUrl = ****" in plan.stderr
    assert cloud.database_url not in plan.stderr
    assert (stacks(cloud), cloud.client("s3").list_buckets()["Buckets"]) == before


def test_prod_takes_nothing_that_staging_does_not_run(cloud, clone):
    other = clone()
    (other / "chalicelib" / "note.txt").write_text("another package")
    commit(other)
    refused = cloud.deploy("prod", "--yes", *cloud.here, *PROD, cwd=other)
    assert refused.returncode == 1
    assert "staging runs" in refused.stderr
    assert "Done before that" in refused.stderr
    assert "love-q-serverless-prod" not in stacks(cloud)


def test_prod_takes_nothing_uncommitted(cloud, clone):
    dirty = clone()
    (dirty / "app.py").write_text((dirty / "app.py").read_text() + "\n# a change\n")
    refused = cloud.deploy("prod", "--yes", *cloud.here, *PROD, cwd=dirty)
    assert refused.returncode == 1
    assert "app.py" in refused.stderr
    assert "committed" in refused.stderr


def test_prod_is_asked_about_and_then_runs_the_very_package_of_staging(cloud, sources, staging):
    declined = cloud.deploy("prod", *cloud.here, *PROD, cwd=sources, answer="no\n")
    assert declined.returncode == 1
    assert "Nothing was changed" in declined.stderr
    assert "love-q-serverless-prod" not in stacks(cloud)

    agreed = cloud.deploy("prod", *cloud.here, *PROD, cwd=sources, answer="prod\n")
    assert agreed.returncode == 0, agreed.stderr
    prod = cloud.outputs("prod")
    assert prod["CodeKey"] == staging["CodeKey"]
    configured = cloud.client("lambda").get_function_configuration(FunctionName=prod["APIHandlerName"])
    assert configured["Environment"]["Variables"]["STAGE"] == "prod"
    assert prod["UserPoolId"] != staging["UserPoolId"]


def test_resources_carry_the_tags_that_costs_are_found_by(cloud, staging):
    found = cloud.client("cloudformation").describe_stacks(StackName="love-q-serverless-staging")["Stacks"][0]
    assert {tag["Key"]: tag["Value"] for tag in found["Tags"]} == {"project": "love-q", "stage": "staging"}


def test_what_was_set_before_stays(cloud, sources, staging):
    """The database was named by the first deployment alone."""
    done = cloud.deploy("staging", *BEDROCK, "--set", "LogLevel=ERROR", cwd=sources)
    assert done.returncode == 0, done.stderr
    configured = cloud.client("lambda").get_function_configuration(FunctionName=staging["APIHandlerName"])
    variables = configured["Environment"]["Variables"]
    assert (variables["LOG_LEVEL"], variables["DATABASE_URL"]) == ("ERROR", cloud.database_url)


def test_an_unknown_parameter_is_refused(cloud, sources):
    refused = cloud.deploy("staging", *BEDROCK, "--set", "Nonsense=1", cwd=sources)
    assert refused.returncode == 1
    assert "no parameter Nonsense" in refused.stderr


def test_what_cloudformation_cannot_make_is_put_back_and_told(cloud, sources, staging):
    """The emulator knows no budgets."""
    failed = cloud.deploy("staging", *BEDROCK, "--set", "MonthlyBudget=5", cwd=sources)
    assert failed.returncode == 1
    assert "Budget" in failed.stderr
    assert "the same command goes on" in failed.stderr
    assert cloud.outputs("staging")["CodeKey"] == staging["CodeKey"]


def test_a_stage_is_destroyed_but_for_what_people_would_miss(cloud, sources, staging):
    declined = cloud.deploy("staging", "--destroy", cwd=sources, answer="no\n")
    assert declined.returncode == 1
    assert "love-q-serverless-staging" in stacks(cloud)

    done = cloud.deploy("staging", "--destroy", "--yes", cwd=sources)
    assert done.returncode == 0, done.stderr
    assert "love-q-serverless-staging" not in stacks(cloud)
    assert staging["UserPoolId"] in done.stderr
    assert staging["UploadBucketName"] in done.stderr
    assert staging["UploadBucketName"] in {b["Name"] for b in cloud.client("s3").list_buckets()["Buckets"]}
    cloud.client("cognito-idp").describe_user_pool(UserPoolId=staging["UserPoolId"])

    nothing = cloud.deploy("staging", "--destroy", "--yes", cwd=sources)
    assert (nothing.returncode, "There is no stack" in nothing.stderr) == (0, True)


def test_a_stage_that_was_destroyed_can_be_made_anew(cloud, sources, staging):
    done = cloud.deploy("staging", *cloud.here, cwd=sources)
    assert done.returncode == 0, done.stderr
    assert cloud.outputs("staging")["UploadBucketName"] != staging["UploadBucketName"]


def test_the_pipelines_role_is_made_for_one_repository(cloud, sources, staging):
    # The emulator makes no identity providers; this account has GitHub's.
    provider = "arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com"
    given = ("--set", "GithubRepository=someone/love-q", "--set", f"GithubProviderArn={provider}")
    done = cloud.deploy("staging", *BEDROCK, *given, cwd=sources)
    assert done.returncode == 0, done.stderr
    role = cloud.client("iam").get_role(RoleName="love-q-pipeline-us-east-1")["Role"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert set(trust["Condition"]["StringLike"]["token.actions.githubusercontent.com:sub"]) == {
        f"repo:someone/love-q:environment:{stage}" for stage in ("dev", "staging", "prod")
    }


def test_what_every_stage_needs_once_is_there_once(cloud, staging):
    found = cloud.client("cloudformation").describe_stacks(StackName="love-q-account")["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found["Outputs"]}
    policy = json.loads(cloud.client("s3").get_bucket_policy(Bucket=outputs["PackagesBucket"])["Policy"])
    assert policy["Statement"][0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_where_a_stage_is_is_told_even_if_it_does_not_answer(cloud, clone, staging):
    """A name of one's own answers only when one of the outputs is in its record."""
    broken = clone()
    app = broken / "app.py"
    app.write_text(app.read_text().replace('"/health"', '"/well"'))
    done = cloud.deploy("staging", *BEDROCK, cwd=broken)
    assert (done.returncode, "GET /health answers" in done.stderr) == (1, True)
    assert f"ApiUrl={cloud.outputs('staging')['ApiUrl']}" in done.stdout
