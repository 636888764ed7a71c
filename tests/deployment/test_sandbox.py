"""`chalice deploy --stage dev` for a developer's sandbox on the resources of a deployed stage."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deployment.conftest import KEYS, REGION, running_cloud

FUNCTIONS = {
    "love-q-dev",
    "love-q-dev-file_upload",
    "love-q-dev-erase_expired",
    "love-q-dev-check_retention",
    "love-q-dev-auth_middleware",
}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    """A separate account, because the sandbox takes over the bucket's events."""
    with running_cloud(tmp_path_factory.mktemp("sandbox"), strict=False) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def sources(clone):
    """The sources, configured for this machine's processor, so that Chalice's package runs at the emulator."""
    sources = clone()
    config = sources / ".chalice" / "config.json"
    architecture = {"x86_64": "x86_64", "aarch64": "arm64"}[platform.machine()]
    config.write_text(
        config.read_text().replace('"lambda_architecture": "arm64"', f'"lambda_architecture": "{architecture}"')
    )
    return sources


@pytest.fixture(scope="module")
def outputs(cloud, sources):
    completed = cloud.deploy("dev", *cloud.emulator_options, cwd=sources)
    assert completed.returncode == 0, completed.stderr
    return cloud.outputs("dev")


def run(cloud, sources, *command):
    environment = cloud.environment | {"AWS_DEFAULT_REGION": REGION, "AWS_ACCESS_KEY_ID": KEYS[0]}
    return subprocess.run(
        command, cwd=sources, env=environment, check=False, capture_output=True, text=True, input="y\n"
    )


def sandbox(cloud, sources, command):
    return run(cloud, sources, sys.executable, "-m", "infrastructure.sandbox", command)


def event_targets(cloud, outputs):
    """Return the functions that receive the bucket's events."""
    configuration = cloud.client("s3").get_bucket_notification_configuration(Bucket=outputs["UploadBucketName"])
    return [event["LambdaFunctionArn"].rpartition(":")[2] for event in configuration["LambdaFunctionConfigurations"]]


def test_a_stage_that_is_not_deployed_cannot_be_recorded(cloud, sources):
    refused = sandbox(cloud, sources, "record")
    assert refused.returncode == 1
    assert "is not deployed" in refused.stderr


def test_chalice_deploys_with_the_recorded_environment_and_roles(cloud, sources, outputs):
    config = sources / ".chalice" / "config.json"
    before = json.loads(config.read_text())
    recorded = sandbox(cloud, sources, "record")
    assert recorded.returncode == 0, recorded.stderr
    stage = json.loads(config.read_text())["stages"]["dev"]
    assert stage["environment_variables"]["COGNITO_USER_POOL_ID"] == outputs["UserPoolId"]
    assert stage["lambda_functions"]["file_upload"]["iam_role_arn"] == outputs["FileUploadRoleArn"]

    refused = cloud.deploy("dev", cwd=sources)
    assert refused.returncode == 1
    assert "infrastructure.sandbox forget" in refused.stderr

    deployed = run(cloud, sources, Path(sys.executable).parent / "chalice", "deploy", "--stage", "dev")
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    functions = {entry["FunctionName"]: entry for entry in cloud.client("lambda").list_functions()["Functions"]}
    assert set(functions) >= FUNCTIONS
    assert functions["love-q-dev"]["Role"] == outputs["ApiHandlerRoleArn"]
    assert functions["love-q-dev"]["Environment"]["Variables"]["DATABASE_URL"] == cloud.database_url

    assert event_targets(cloud, outputs) == ["love-q-dev-file_upload"]

    event = {"id": "x", "detail-type": "x", "source": "aws.events", "account": "0", "time": "x", "region": "x"}
    event |= {"resources": [], "detail": {}, "version": "0"}
    response = cloud.client("lambda").invoke(
        FunctionName="love-q-dev-erase_expired", Payload=json.dumps(event).encode()
    )
    assert "messages" in json.loads(response["Payload"].read())

    forgotten = sandbox(cloud, sources, "forget")
    assert forgotten.returncode == 0, forgotten.stderr
    assert json.loads(config.read_text()) == before
    assert event_targets(cloud, outputs) == [outputs["FileUploadName"]]
