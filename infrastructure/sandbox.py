"""A developer's sandbox: `chalice deploy --stage dev` on the resources of the deployed stage dev.

`python -m infrastructure.sandbox record` writes the stack's outputs into `.chalice/config.json`. Chalice then gives its
functions the same environment, roles and policies as the stage. `forget` removes them. While they are recorded, the
stage cannot be packaged, and the changed file must not be committed.

S3 sends an event to only one function. From `record` to `forget` the bucket's events go to the sandbox.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infrastructure.aws import Account, CannotDeploy
from infrastructure.deploy import REGION
from infrastructure.stack import Stack
from infrastructure.yaml_files import PROJECT

CONFIG = PROJECT / ".chalice" / "config.json"
# Function names in Chalice and in the template.
FUNCTIONS = {
    "api_handler": "ApiHandler",
    "file_upload": "FileUpload",
    "erase_expired": "EraseExpired",
    "check_retention": "CheckRetention",
    "auth_middleware": "AuthMiddleware",
}


def record(account: Account, stage: str) -> None:
    """Write the environment and the roles of a deployed stage into Chalice's configuration.

    Raises:
        CannotDeploy: the stage has no stack.
    """
    outputs = Stack(account, f"love-q-serverless-{stage}").outputs()
    if not outputs:
        raise CannotDeploy(f"Stage {stage} is not deployed. Deploy it with ./deploy-backend.sh {stage}.")
    forget(account, stage)
    config = _read()
    stage_config = config["stages"][stage]
    deployed_variables = _environment(account, outputs["APIHandlerName"])
    own_variables = stage_config["environment_variables"]
    recorded = {
        name: value for name, value in sorted(deployed_variables.items()) if name not in own_variables and value
    }
    stage_config["environment_variables"] = own_variables | recorded
    stage_config["manage_iam_role"] = False
    stage_config["lambda_functions"] = {
        name: {"iam_role_arn": outputs[f"{output}RoleArn"]} for name, output in FUNCTIONS.items()
    }
    stage_config["recorded"] = sorted(recorded)
    stage_config["events"] = _bucket_events(account, outputs["UploadBucketName"])
    _write(config)
    _set_bucket_events(account, outputs["UploadBucketName"], [])


def forget(account: Account, stage: str) -> None:
    """Remove the recorded configuration and send the bucket's events to the stage again."""
    config = _read()
    stage_config = config["stages"][stage]
    if "recorded" not in stage_config:
        return
    _set_bucket_events(account, stage_config["environment_variables"]["UPLOAD_BUCKET"], stage_config["events"])
    for name in stage_config["recorded"]:
        del stage_config["environment_variables"][name]
    for name in ("recorded", "events", "manage_iam_role", "lambda_functions"):
        del stage_config[name]
    _write(config)


def _bucket_events(account: Account, bucket: str) -> list[dict[str, Any]]:
    configuration = account.client("s3").get_bucket_notification_configuration(Bucket=bucket)
    functions: list[dict[str, Any]] = configuration.get("LambdaFunctionConfigurations", [])
    return functions


def _set_bucket_events(account: Account, bucket: str, functions: list[dict[str, Any]]) -> None:
    configuration = {"LambdaFunctionConfigurations": functions} if functions else {}
    account.client("s3").put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)


def _environment(account: Account, function: str) -> dict[str, str]:
    configuration = account.client("lambda").get_function_configuration(FunctionName=function)
    variables: dict[str, str] = configuration["Environment"]["Variables"]
    return variables


def _read() -> dict[str, Any]:
    config: dict[str, Any] = json.loads(CONFIG.read_text(encoding="utf-8"))
    return config


def _write(config: dict[str, Any]) -> None:
    CONFIG.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Run the command line and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m infrastructure.sandbox", description=__doc__)
    parser.add_argument("command", choices=("record", "forget"))
    parser.add_argument("--stage", default="dev", choices=("dev",))
    parser.add_argument("--region", default=REGION)
    options = parser.parse_args(arguments)
    try:
        if options.command == "record":
            record(Account(options.region), options.stage)
        else:
            forget(Account(options.region), options.stage)
    except (CannotDeploy, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
