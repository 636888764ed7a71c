"""A developer's sandbox: `chalice deploy --stage dev` on what a deployed stage dev stands on.

`python -m infrastructure.sandbox record` writes the stack's outputs into `.chalice/config.json`, so that Chalice gives
its functions the same environment, the same roles and so the same policies; `forget` takes them out again. While they
are recorded the stage is not packaged, and the changed file is not to be committed.

S3 refuses two functions for the same events: from `record` to `forget` the bucket's are the sandbox's.
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
# Chalice's names of the functions, and the template's.
FUNCTIONS = {
    "api_handler": "ApiHandler",
    "file_upload": "FileUpload",
    "erase_expired": "EraseExpired",
    "check_retention": "CheckRetention",
    "auth_middleware": "AuthMiddleware",
}


def record(account: Account, stage: str) -> None:
    """Write a stage's environment and roles down, where Chalice looks for them.

    Raises:
        CannotDeploy: the stage has no stack.
    """
    outputs = Stack(account, f"love-q-serverless-{stage}").outputs()
    if not outputs:
        raise CannotDeploy(f"Stage {stage} is not deployed; ./deploy-backend.sh {stage} does that")
    forget(account, stage)
    config = _read()
    written = config["stages"][stage]
    variables = _environment(account, outputs["APIHandlerName"])
    before = written["environment_variables"]
    # Beside what the stage says itself.
    recorded = {name: value for name, value in sorted(variables.items()) if name not in before and value}
    written["environment_variables"] = before | recorded
    written["manage_iam_role"] = False
    written["lambda_functions"] = {
        name: {"iam_role_arn": outputs[f"{output}RoleArn"]} for name, output in FUNCTIONS.items()
    }
    written["recorded"] = sorted(recorded)
    written["events"] = _events(account, outputs["UploadBucketName"])
    _write(config)
    _give_events(account, outputs["UploadBucketName"], [])


def forget(account: Account, stage: str) -> None:
    """Take out what was recorded, and give the bucket's events back."""
    config = _read()
    written = config["stages"][stage]
    if "recorded" not in written:
        return
    _give_events(account, written["environment_variables"]["UPLOAD_BUCKET"], written["events"])
    for name in written["recorded"]:
        del written["environment_variables"][name]
    for name in ("recorded", "events", "manage_iam_role", "lambda_functions"):
        del written[name]
    _write(config)


def _events(account: Account, bucket: str) -> list[dict[str, Any]]:
    found = account.client("s3").get_bucket_notification_configuration(Bucket=bucket)
    functions: list[dict[str, Any]] = found.get("LambdaFunctionConfigurations", [])
    return functions


def _give_events(account: Account, bucket: str, functions: list[dict[str, Any]]) -> None:
    configuration = {"LambdaFunctionConfigurations": functions} if functions else {}
    account.client("s3").put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)


def _environment(account: Account, function: str) -> dict[str, str]:
    found = account.client("lambda").get_function_configuration(FunctionName=function)
    variables: dict[str, str] = found["Environment"]["Variables"]
    return variables


def _read() -> dict[str, Any]:
    config: dict[str, Any] = json.loads(CONFIG.read_text(encoding="utf-8"))
    return config


def _write(config: dict[str, Any]) -> None:
    CONFIG.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Record or forget, as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m infrastructure.sandbox", description=__doc__)
    parser.add_argument("command", choices=("record", "forget"))
    parser.add_argument("--stage", default="dev", choices=("dev",))
    parser.add_argument("--region", default=REGION)
    given = parser.parse_args(arguments)
    try:
        if given.command == "record":
            record(Account(given.region), given.stage)
        else:
            forget(Account(given.region), given.stage)
    except (CannotDeploy, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
