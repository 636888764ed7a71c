"""Deploys a stage: `python -m infrastructure.deploy STAGE [REGION]`; `./deploy-backend.sh` is the way to call it.

Every step may be done again without harm, so what failed in the middle is begun anew with the same command.
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
_KEPT = {
    "AWS::S3::Bucket": "empties itself within a week; `aws s3 rb s3://{id} --force` deletes it at once",
    "AWS::Cognito::UserPool": "its users can still sign in; turn its deletion protection off and delete it",
    "AWS::DSQL::Cluster": "its rows stay; turn its deletion protection off and delete it, or deploy with "
    "--set DsqlClusterId={id}",
}


@dataclass
class Steps:
    """What was done, told while it is done, so that a failure can say how far it came."""

    done: list[str] = field(default_factory=list)

    def run(self, name: str, step: Callable[[], T]) -> T:
        """Do one step."""
        _report(f"· {name}")
        result = step()
        self.done.append(name)
        return result


@dataclass(frozen=True)
class Deployment:
    """One stage in one account, and what the operator wants of it."""

    stage: str
    account: Account
    given: argparse.Namespace
    steps: Steps = field(default_factory=Steps)

    @property
    def stack(self) -> Stack:
        """The stage's stack."""
        return Stack(self.account, f"love-q-serverless-{self.stage}", stage=self.stage)

    @property
    def folder(self) -> Path:
        """Where the package is made."""
        return PACKAGES / self.stage

    # The whole

    def deploy(self) -> None:
        """Bring the stage to what the sources say."""
        run = self.steps.run
        run(f"Account {self.account.id}, region {self.account.region}", lambda: None)
        run("Looking for what stands in the way", self._preflight)
        facts = run("Packaging", self._package)
        run("Checking the template, as SAM reads it and as CloudFormation gets it", self._lint)
        if self.given.plan:
            _report(self._plan(facts))
            return
        bucket = run("What the account needs once", self._account_stack)
        key = self._key(facts)
        run("Promoting what staging runs" if self.stage == "prod" else "Uploading", lambda: self._upload(bucket, key))
        url = self._upload_template(bucket)
        change = run("Working out the change", lambda: self._change(url, bucket, key))
        if change and not self._agreed(change):
            self.stack.forget(change)
            raise CannotDeploy("Nothing was changed.")
        existed = change is None or not change.creates
        if existed:
            # What is running works with tables that have more than it knows; what comes may not without.
            run("Bringing the tables up to date", self._migrate)
        if change:
            run("Changing the stack", lambda: self.stack.execute(change))
            run("Letting its functions into its tables", self._migrate)
        # Before it is asked: under a name of one's own it answers only when DomainTarget is in the name's record.
        self._tell()
        run("Asking the deployed stage", self._smoke)

    def destroy(self) -> None:
        """Delete the stage's stack, and say what is kept.

        Raises:
            CannotDeploy: it is prod, or the operator does not agree.
        """
        if self.stage == "prod":
            raise CannotDeploy("prod is not destroyed by a command. Its stack can be deleted in the console.")
        if not self.stack.exists:
            _report(f"There is no stack {self.stack.name}.")
            return
        kept = [found for found in self.stack.resources() if found["ResourceType"] in _KEPT]
        if not self._confirmed(f"Delete {self.stack.name} in account {self.account.id}, {self.account.region}?"):
            raise CannotDeploy("Nothing was deleted.")
        self.steps.run("Deleting the stack", self.stack.delete)
        for found in kept:
            name = found["PhysicalResourceId"]
            _report(f"Kept: {found['ResourceType']} {name}; {_KEPT[found['ResourceType']].format(id=name)}.")

    def replay(self) -> None:
        """Do again what was given up, once its cause is mended.

        Raises:
            CannotDeploy: some of it fails again, and stays where it is.
        """
        done, faults = replay.replay(self.account, self.stack.outputs()["DeadLettersUrl"])
        _report(f"{done} done again")
        if faults:
            raise CannotDeploy("These stay in the queue:\n" + "\n".join(f"  {fault}" for fault in faults))

    # Its parts

    def _preflight(self) -> None:
        found = preflight.problems(
            self.account, self.stage, self._effective_parameters(), here=self.given.for_this_machine
        )
        if self.given.for_this_machine and not self.account.emulator:
            found.append("--for-this-machine is for an emulator on this machine; AWS_ENDPOINT_URL names none.")
        known = {**self._given(STAGE_PARAMETERS), **self._given(ACCOUNT)}
        found += [f"The template has no parameter {name}" for name, _ in self.given.set if name not in known]
        if found:
            raise CannotDeploy("Not yet:\n" + "\n".join(f"  - {problem}" for problem in found))

    def _effective_parameters(self) -> dict[str, str]:
        """What the stack's parameters will be: the defaults, or what it has, or the stage's, or the operator's."""
        written = yaml_files.read(STAGE_PARAMETERS)["Parameters"]
        defaults = {name: str(found["Default"]) for name, found in written.items() if "Default" in found}
        return defaults | self.stack.parameters() | self._parameters()

    def _parameters(self) -> dict[str, str]:
        return template.parameters(self.stage) | self._given(STAGE_PARAMETERS)

    def _given(self, path: Path) -> dict[str, str]:
        """What the operator sets of a file's parameters."""
        written = yaml_files.read(path)["Parameters"]
        return {name: value for name, value in self.given.set if name in written}

    def _package(self) -> dict[str, Any]:
        # The application is imported as that stage, in a process of its own.
        command = [sys.executable, "-m", "infrastructure.package", "--stage", self.stage, "--out", str(self.folder)]
        command += ["--region", self.account.region]
        command += ["--for-this-machine"] if self.given.for_this_machine else []
        made = subprocess.run(command, cwd=PROJECT, check=False, capture_output=True, text=True)
        if made.returncode:
            raise CannotDeploy(made.stderr.strip())
        facts: dict[str, Any] = json.loads((self.folder / "package.json").read_text(encoding="utf-8"))
        size = f"{facts['zipped'] / 1e6:.1f} MB, unpacked {facts['unzipped'] / 1e6:.1f} MB"
        _report(f"  {facts['sha256'][:12]}: {size}, {facts['runtime']} on {facts['architecture']}")
        return facts

    def _lint(self) -> None:
        whole, expanded = self.folder / "template.json", self.folder / "expanded.json"
        expand = [TOOLS / "python", INFRASTRUCTURE / "expand.py", whole, self.account.region]
        expanded.write_text(_run_tool(expand), encoding="utf-8")
        _run_tool([TOOLS / "cfn-lint", "--regions", self.account.region, "--template", whole, expanded])

    def _key(self, facts: dict[str, Any]) -> str:
        return f"packages/{facts['sha256']}.zip"

    def _account_stack(self) -> str:
        stack = Stack(self.account, "love-q-account")
        text = ACCOUNT.read_text(encoding="utf-8")
        parameters = self._given(ACCOUNT)
        # A stack without outputs is none, or one that never came to be and is about to be made anew.
        if not stack.outputs():
            has_role = self.account.client("apigateway").get_account().get("cloudwatchRoleArn")
            parameters["GatewayLogs"] = "existing" if has_role else "create"
        known = set(yaml_files.read(ACCOUNT)["Parameters"])
        if change := stack.prepare(parameters, known, TemplateBody=text):
            stack.execute(change)
        return stack.outputs()["PackagesBucket"]

    def _upload(self, bucket: str, key: str) -> None:
        """Bring the package to where Lambda takes it from; prod takes the very one that staging runs.

        Raises:
            CannotDeploy: prod's would be another than staging's.
        """
        if self.stage == "prod":
            running = Stack(self.account, "love-q-serverless-staging").outputs().get("CodeKey")
            if running != key:
                raise CannotDeploy(
                    f"staging runs {running or 'nothing'}, and these sources make {key}. Deploy them to staging first, "
                    "or check out what staging runs."
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
        if self.account.emulator:
            return f"{self.account.emulator}/{bucket}/{key}"
        return f"https://{bucket}.s3.{self.account.region}.amazonaws.com/{key}"

    def _change(self, url: str, bucket: str, key: str) -> ChangeSet | None:
        parameters = self._parameters() | {"Environment": self.stage, "CodeBucket": bucket, "CodeKey": key}
        known = set(json.loads((self.folder / "template.json").read_text(encoding="utf-8"))["Parameters"])
        return self.stack.prepare(parameters, known, TemplateURL=url)

    def _agreed(self, change: ChangeSet) -> bool:
        _report("\n".join(f"  {found}" for found in change.changes) or "  outputs and tags alone")
        return self.stage != "prod" or self._confirmed(f"Make these {len(change.changes)} changes to prod?")

    def _confirmed(self, question: str) -> bool:
        if self.given.yes:
            return True
        print(f"{question} Type {self.stage} to go on: ", end="", flush=True)
        return sys.stdin.readline().strip() == self.stage

    def _migrate(self) -> None:
        outputs = self.stack.outputs()
        configuration = self.account.client("lambda").get_function_configuration(FunctionName=outputs["APIHandlerName"])
        roles = [outputs[f"{name}RoleArn"] for name in ("ApiHandler", "FileUpload", "EraseExpired", "CheckRetention")]
        applied = schema.update(self.account, configuration["Environment"]["Variables"], roles)
        _report(f"  {applied} statements applied")

    def _smoke(self) -> None:
        _report(f"  {smoke.run(self.account, self.stage, self.stack.outputs())}")

    # Telling

    def _plan(self, facts: dict[str, Any]) -> str:
        lines = [f"{self.stack.name} would run {self._key(facts)}. Nothing was changed."]
        whole = json.loads((self.folder / "expanded.json").read_text(encoding="utf-8"))
        secret = {name for name, found in whole["Parameters"].items() if found.get("NoEcho")}
        lines += [f"  {k} = {'****' if k in secret else value}" for k, value in sorted(self._parameters().items())]
        before = {found["LogicalResourceId"] for found in self.stack.resources()} if self.stack.exists else set()
        after = whole["Resources"]
        lines += [f"  Add     {name} ({_kind(after[name])})" for name in sorted(set(after) - before)]
        lines += [f"  Remove  {name}" for name in sorted(before - set(after))]
        return "\n".join(lines)

    def _tell(self) -> None:
        outputs = self.stack.outputs()
        for name, value in sorted(outputs.items()):
            print(f"{name}={value}")
        if self.given.web_env:
            self.given.web_env.write_text("".join(self._web_environment(outputs)), encoding="utf-8")
            _report(f"The web client's environment is in {self.given.web_env}")

    def _web_environment(self, outputs: dict[str, str]) -> Iterator[str]:
        yield f"LOVE_Q_API_URL={smoke.public_url(self.account, outputs)}\n"
        yield f"LOVE_Q_REGION={self.account.region}\n"
        yield f"LOVE_Q_USER_POOL_ID={outputs['UserPoolId']}\n"
        yield f"LOVE_Q_CLIENT_ID={outputs['WebClientId']}\n"
        yield f"LOVE_Q_SIGN_IN_URL={outputs['SignInUrl']}\n"


def _kind(resource: dict[str, Any]) -> str:
    condition = resource.get("Condition")
    return f"{resource['Type']}{f', if {condition}' if condition else ''}"


def _run_tool(command: list[Any]) -> str:
    found = subprocess.run(command, cwd=PROJECT, check=False, capture_output=True, text=True)
    if found.returncode:
        raise CannotDeploy(f"{Path(command[0]).name} refuses the template:\n{found.stdout}{found.stderr}")
    return found.stdout


def _report(text: str) -> None:
    """Tell the operator how far it is; standard output stays for the stage's outputs."""
    print(text, file=sys.stderr, flush=True)


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text} is not Name=value")
    return name, value


def _parse_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./deploy-backend.sh", description="Deploys a stage of Love Q to AWS.")
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("region", nargs="?", default=REGION, help=f"{REGION} if none is named")
    parser.add_argument("--plan", action="store_true", help="say what would be done, and change nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask before prod is changed or a stage deleted")
    parser.add_argument("--destroy", action="store_true", help="delete a stage other than prod, and say what is kept")
    parser.add_argument("--cost", action="store_true", help="print what the month has cost so far")
    parser.add_argument("--replay", action="store_true", help="do again what was given up and lies in the queue")
    parser.add_argument("--web-env", type=Path, metavar="FILE", help="write the web client's environment there")
    parser.add_argument("--set", type=_assignment, action="append", default=[], metavar="NAME=VALUE",
                        help="a parameter of the template; it stays, unless the stage's file names it")  # fmt: skip
    parser.add_argument("--for-this-machine", action="store_true", help="for an emulator on this machine")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Do what the command line says, and return the exit code."""
    given = _parse_arguments(arguments)
    deployment = Deployment(given.stage, Account(given.region), given)
    try:
        if given.cost:
            print(costs.month_so_far(deployment.account, datetime.now(UTC).date()))
        elif given.destroy:
            deployment.destroy()
        elif given.replay:
            deployment.replay()
        else:
            deployment.deploy()
    except (CannotDeploy, ChangedMigration, ClientError, BotoCoreError, OSError) as error:
        _report(f"\n{error}")
        if len(deployment.steps.done) > 1:
            _report("\nDone before that:\n" + "\n".join(f"  {step}" for step in deployment.steps.done))
            _report("Every step may be done again: when that is mended, the same command goes on.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
