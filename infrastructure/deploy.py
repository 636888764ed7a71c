"""Deploy a stage: `python -m infrastructure.deploy STAGE [REGION]`, normally called through `./deploy-backend.sh`.

Every step is idempotent: after a failure, the same command continues.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from infrastructure import costs, preflight, replay, schema, smoke, template, yaml_files
from infrastructure.aws import Account, CannotDeploy
from infrastructure.package import STAGES
from infrastructure.stack import ChangeSet, Stack
from infrastructure.yaml_files import INFRASTRUCTURE, PROJECT
from migrations.runner import ChangedMigration

T = TypeVar("T")

REGION = "us-east-1"
PACKAGES = PROJECT / ".local" / "deploy"
STAGE_PARAMETERS = INFRASTRUCTURE / "template" / "parameters.yaml"
ACCOUNT = INFRASTRUCTURE / "account.yaml"
TOOLS = PROJECT / ".local" / "tools" / "bin"
# Resources that outlive their stack, and how to delete or reuse them.
_RETAINED = {
    "AWS::S3::Bucket": "empties itself within a week; `aws s3 rb s3://{id} --force` deletes it at once",
    "AWS::Cognito::UserPool": "its users can still sign in; to delete it, turn off its deletion protection first",
    "AWS::DSQL::Cluster": "it keeps its rows; to delete it, turn off its deletion protection first; to reuse it, deploy"
    " with --set DsqlClusterId={id}",
}


@dataclass
class Steps:
    """Runs and reports the steps of a deployment, and remembers the completed ones for the error report."""

    done: list[str] = field(default_factory=list)

    def run(self, name: str, step: Callable[[], T]) -> T:
        """Run one step."""
        _report(f"· {name}")
        result = step()
        self.done.append(name)
        return result


@dataclass(frozen=True)
class Deployment:
    """One stage in one account, with the operator's options."""

    stage: str
    account: Account
    options: argparse.Namespace
    steps: Steps = field(default_factory=Steps)

    @property
    def stack(self) -> Stack:
        """The stage's stack."""
        return Stack(self.account, f"love-q-serverless-{self.stage}", stage=self.stage)

    @property
    def folder(self) -> Path:
        """The folder that contains the stage's package."""
        return PACKAGES / self.stage

    # Commands

    def deploy(self) -> None:
        """Bring the stage to the state of the sources."""
        run = self.steps.run
        run(f"Account {self.account.id}, region {self.account.region}", lambda: None)
        run("Checking the prerequisites", self._check_prerequisites)
        package = run("Packaging", self._package)
        run("Checking the template, before and after expansion by SAM", self._lint)
        if self.options.plan:
            _report(self._plan(package))
            return
        bucket = run("Deploying the account's shared stack", self._deploy_account_stack)
        key = _code_key(package)
        upload = "Reusing the package that staging runs" if self.stage == "prod" else "Uploading the package"
        run(upload, lambda: self._upload(bucket, key))
        url = self._upload_template(bucket)
        change_set = run("Computing the changes", lambda: self._create_change_set(url, bucket, key))
        if change_set and not self._confirm_changes(change_set):
            self.stack.discard(change_set)
            raise CannotDeploy("Nothing was changed.")
        stack_existed = change_set is None or not change_set.creates
        if stack_existed:
            # Migrate first: the running code works with additional tables, the new code needs them.
            run("Migrating the database", self._migrate)
        if change_set:
            run("Changing the stack", lambda: self.stack.execute(change_set))
            run("Granting the functions access to the database", self._migrate)
        # Before the smoke test, which fails for a new custom domain until the output DomainTarget is in its DNS record.
        self._print_outputs()
        run("Testing the deployed stage", self._smoke_test)

    def destroy(self) -> None:
        """Delete the stage's stack and list the resources that are retained.

        Raises:
            CannotDeploy: the stage is prod, or the operator does not confirm.
        """
        if self.stage == "prod":
            raise CannotDeploy("No command destroys prod. Its stack can be deleted in the console.")
        if not self.stack.exists:
            _report(f"There is no stack {self.stack.name}.")
            return
        retained = [resource for resource in self.stack.resources() if resource["ResourceType"] in _RETAINED]
        if not self._confirm(f"Delete {self.stack.name} in account {self.account.id}, {self.account.region}?"):
            raise CannotDeploy("Nothing was deleted.")
        self.steps.run("Deleting the stack", self.stack.delete)
        for resource in retained:
            name, resource_type = resource["PhysicalResourceId"], resource["ResourceType"]
            _report(f"Retained: {resource_type} {name}; {_RETAINED[resource_type].format(id=name)}.")

    def replay(self) -> None:
        """Replay the dead letters after their cause is fixed.

        Raises:
            CannotDeploy: some letters fail again; they stay in the queue.
        """
        succeeded, failures = replay.replay(self.account, self.stack.outputs()["DeadLettersUrl"])
        _report(f"{succeeded} replayed")
        if failures:
            raise CannotDeploy("These stay in the queue:\n" + "\n".join(f"  {failure}" for failure in failures))

    # Parameters

    def _stack_parameters(self) -> dict[str, str]:
        """Return the parameters that the stack will have: defaults, current values, the stage's file, `--set`."""
        declared = yaml_files.read(STAGE_PARAMETERS)["Parameters"]
        defaults = {name: str(entry["Default"]) for name, entry in declared.items() if "Default" in entry}
        return defaults | self.stack.parameters() | self._set_parameters()

    def _set_parameters(self) -> dict[str, str]:
        return template.parameters(self.stage) | self._options_for(STAGE_PARAMETERS)

    def _options_for(self, path: Path) -> dict[str, str]:
        """Return the operator's `--set` options for the parameters of one file."""
        declared = yaml_files.read(path)["Parameters"]
        return {name: value for name, value in self.options.set if name in declared}

    # Steps

    def _check_prerequisites(self) -> None:
        for_this_machine = self.options.for_this_machine
        problems = preflight.problems(
            self.account, self.stage, self._stack_parameters(), for_this_machine=for_this_machine
        )
        if for_this_machine and not self.account.emulator_url:
            problems.append("--for-this-machine needs an emulator on this machine; AWS_ENDPOINT_URL names none.")
        declared = {**self._options_for(STAGE_PARAMETERS), **self._options_for(ACCOUNT)}
        problems += [f"The template has no parameter {name}." for name, _ in self.options.set if name not in declared]
        if problems:
            raise CannotDeploy("Before deploying:\n" + "\n".join(f"  - {problem}" for problem in problems))

    def _package(self) -> dict[str, Any]:
        # A process of its own, because packaging imports the application as that stage.
        command = [sys.executable, "-m", "infrastructure.package", "--stage", self.stage, "--out", str(self.folder)]
        command += ["--region", self.account.region]
        command += ["--for-this-machine"] if self.options.for_this_machine else []
        completed = subprocess.run(command, cwd=PROJECT, check=False, capture_output=True, text=True)
        if completed.returncode:
            raise CannotDeploy(completed.stderr.strip())
        package: dict[str, Any] = json.loads((self.folder / "package.json").read_text(encoding="utf-8"))
        size = f"{package['zipped'] / 1e6:.1f} MB, unpacked {package['unzipped'] / 1e6:.1f} MB"
        _report(f"  {package['sha256'][:12]}: {size}, {package['runtime']} on {package['architecture']}")
        return package

    def _lint(self) -> None:
        source, expanded = self.folder / "template.json", self.folder / "expanded.json"
        expand = [TOOLS / "python", INFRASTRUCTURE / "expand.py", source, self.account.region]
        expanded.write_text(_run_tool(expand), encoding="utf-8")
        _run_tool([TOOLS / "cfn-lint", "--regions", self.account.region, "--template", source, expanded])

    def _deploy_account_stack(self) -> str:
        """Deploy the stack that all stages share, and return its bucket for packages."""
        stack = Stack(self.account, "love-q-account")
        body = ACCOUNT.read_text(encoding="utf-8")
        parameters = self._options_for(ACCOUNT)
        # A stack without outputs does not exist, or its creation failed and it is about to be created again.
        if not stack.outputs():
            has_role = self.account.client("apigateway").get_account().get("cloudwatchRoleArn")
            parameters["GatewayLogs"] = "existing" if has_role else "create"
        declared = set(yaml_files.read(ACCOUNT)["Parameters"])
        if change_set := stack.create_change_set(parameters, declared, TemplateBody=body):
            stack.execute(change_set)
        return stack.outputs()["PackagesBucket"]

    def _upload(self, bucket: str, key: str) -> None:
        """Upload the package, unless it is already in the bucket. prod only reuses the package that staging runs.

        Raises:
            CannotDeploy: prod's package would differ from staging's.
        """
        if self.stage == "prod":
            staging_key = Stack(self.account, "love-q-serverless-staging").outputs().get("CodeKey")
            if staging_key != key:
                raise CannotDeploy(
                    f"staging runs {staging_key or 'nothing'}, but these sources give {key}. Deploy them to staging "
                    "first, or check out the version that staging runs."
                )
            return
        s3 = self.account.client("s3")
        try:
            s3.head_object(Bucket=bucket, Key=key)
        except ClientError:
            s3.upload_file(str(self.folder / "code.zip"), bucket, key)

    def _upload_template(self, bucket: str) -> str:
        s3 = self.account.client("s3")
        key = f"templates/{self.stage}.json"
        s3.upload_file(str(self.folder / "template.json"), bucket, key)
        if self.account.emulator_url:
            return f"{self.account.emulator_url}/{bucket}/{key}"
        return f"https://{bucket}.s3.{self.account.region}.amazonaws.com/{key}"

    def _create_change_set(self, url: str, bucket: str, key: str) -> ChangeSet | None:
        parameters = self._set_parameters() | {"Environment": self.stage, "CodeBucket": bucket, "CodeKey": key}
        declared = set(json.loads((self.folder / "template.json").read_text(encoding="utf-8"))["Parameters"])
        return self.stack.create_change_set(parameters, declared, TemplateURL=url)

    def _confirm_changes(self, change_set: ChangeSet) -> bool:
        _report("\n".join(f"  {change}" for change in change_set.changes) or "  only outputs and tags")
        return self.stage != "prod" or self._confirm(f"Make these {len(change_set.changes)} changes to prod?")

    def _confirm(self, question: str) -> bool:
        if self.options.yes:
            return True
        print(f"{question} Type {self.stage} to continue: ", end="", flush=True)
        return sys.stdin.readline().strip() == self.stage

    def _migrate(self) -> None:
        outputs = self.stack.outputs()
        configuration = self.account.client("lambda").get_function_configuration(FunctionName=outputs["APIHandlerName"])
        roles = [outputs[f"{name}RoleArn"] for name in ("ApiHandler", "FileUpload", "EraseExpired", "CheckRetention")]
        applied = schema.update(self.account, configuration["Environment"]["Variables"], roles)
        _report(f"  {applied} statements applied")

    def _smoke_test(self) -> None:
        _report(f"  {smoke.run(self.account, self.stage, self.stack.outputs())}")

    # Reports

    def _plan(self, package: dict[str, Any]) -> str:
        lines = [f"{self.stack.name} would run {_code_key(package)}. Nothing was changed."]
        expanded = json.loads((self.folder / "expanded.json").read_text(encoding="utf-8"))
        secrets = {name for name, entry in expanded["Parameters"].items() if entry.get("NoEcho")}
        lines += [
            f"  {name} = {'****' if name in secrets else value}"
            for name, value in sorted(self._set_parameters().items())
        ]
        current = {resource["LogicalResourceId"] for resource in self.stack.resources()} if self.stack.exists else set()
        planned = expanded["Resources"]
        lines += [f"  Add     {name} ({_resource_type(planned[name])})" for name in sorted(set(planned) - current)]
        lines += [f"  Remove  {name}" for name in sorted(current - set(planned))]
        return "\n".join(lines)

    def _print_outputs(self) -> None:
        outputs = self.stack.outputs()
        for name, value in sorted(outputs.items()):
            print(f"{name}={value}")
        if self.options.web_env:
            self.options.web_env.write_text("".join(self._web_environment(outputs)), encoding="utf-8")
            _report(f"The web client's environment is in {self.options.web_env}")

    def _web_environment(self, outputs: dict[str, str]) -> Iterator[str]:
        yield f"LOVE_Q_API_URL={smoke.public_url(self.account, outputs)}\n"
        yield f"LOVE_Q_REGION={self.account.region}\n"
        yield f"LOVE_Q_USER_POOL_ID={outputs['UserPoolId']}\n"
        yield f"LOVE_Q_CLIENT_ID={outputs['WebClientId']}\n"
        yield f"LOVE_Q_SIGN_IN_URL={outputs['SignInUrl']}\n"


def _code_key(package: dict[str, Any]) -> str:
    return f"packages/{package['sha256']}.zip"


def _resource_type(resource: dict[str, Any]) -> str:
    condition = resource.get("Condition")
    return f"{resource['Type']}{f', if {condition}' if condition else ''}"


def _run_tool(command: list[Any]) -> str:
    completed = subprocess.run(command, cwd=PROJECT, check=False, capture_output=True, text=True)
    if completed.returncode:
        raise CannotDeploy(f"{Path(command[0]).name} refuses the template:\n{completed.stdout}{completed.stderr}")
    return completed.stdout


def _report(text: str) -> None:
    """Report progress on standard error; standard output contains only the stage's outputs."""
    print(text, file=sys.stderr, flush=True)


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text} is not NAME=VALUE")
    return name, value


def _parse_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./deploy-backend.sh", description="Deploy a stage of Love Q to AWS.")
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("region", nargs="?", default=REGION, help=f"AWS region (default: {REGION})")
    parser.add_argument("--plan", action="store_true", help="show what would change, without changing anything")
    parser.add_argument("--yes", action="store_true", help="change prod or delete a stage without asking")
    parser.add_argument("--destroy", action="store_true",
                        help="delete the stage's stack (not prod) and list the retained resources")  # fmt: skip
    parser.add_argument("--cost", action="store_true", help="print this month's costs so far")
    parser.add_argument("--replay", action="store_true", help="replay the events in the dead-letter queue")
    parser.add_argument("--web-env", type=Path, metavar="FILE", help="write the web client's environment to FILE")
    parser.add_argument("--set", type=_assignment, action="append", default=[], metavar="NAME=VALUE",
                        help="set a template parameter; later deployments keep the value, unless the stage's file in "
                        "infrastructure/stages/ sets it")  # fmt: skip
    parser.add_argument("--for-this-machine", action="store_true",
                        help="package for this machine's processor, to deploy to an emulator")  # fmt: skip
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Run the command line and return the exit code."""
    options = _parse_arguments(arguments)
    deployment = Deployment(options.stage, Account(options.region), options)
    try:
        if options.cost:
            print(costs.month_so_far(deployment.account, datetime.now(UTC).date()))
        elif options.destroy:
            deployment.destroy()
        elif options.replay:
            deployment.replay()
        else:
            deployment.deploy()
    except (CannotDeploy, ChangedMigration, ClientError, BotoCoreError, OSError) as error:
        _report(f"\n{error}")
        if len(deployment.steps.done) > 1:
            _report("\nCompleted before the failure:\n" + "\n".join(f"  {step}" for step in deployment.steps.done))
            _report("Every step can be repeated: when the cause is fixed, run the same command again to continue.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
