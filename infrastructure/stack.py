"""One CloudFormation stack: what it is now, what a template would change, and changing it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from infrastructure.aws import Account, CannotDeploy

TAGS = {"project": "love-q"}
_POLL_S = 5
_POLL_EMULATOR_S = 0.2
_MINUTES = 30
_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_NO_CHANGE = ("didn't contain changes", "No updates are to be performed")


@dataclass(frozen=True)
class Change:
    """What a change set would do to one resource."""

    action: str
    name: str
    kind: str
    replaces: bool

    def __str__(self) -> str:
        """A line for the operator."""
        return f"{self.action:8}{self.name} ({self.kind}){', REPLACED BY A NEW ONE' if self.replaces else ''}"


@dataclass(frozen=True)
class ChangeSet:
    """A change that CloudFormation has worked out and not made yet."""

    name: str
    creates: bool
    changes: list[Change]


class Stack:
    """A stack by its name."""

    def __init__(self, account: Account, name: str, **tags: str) -> None:
        """Name a stack, which need not exist; its resources get these tags and the project's."""
        self.name = name
        self._cloudformation = account.client("cloudformation")
        self._poll_s = _POLL_EMULATOR_S if account.emulator else _POLL_S
        self._tags = [{"Key": key, "Value": value} for key, value in (TAGS | tags).items()]

    # What it is

    def description(self) -> dict[str, Any] | None:
        """What CloudFormation says of it; None where there is none, or only one that never came to be."""
        try:
            found: dict[str, Any] = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return None if found["StackStatus"] in ("REVIEW_IN_PROGRESS", "DELETE_COMPLETE") else found

    @property
    def exists(self) -> bool:
        """Whether there is one."""
        return self.description() is not None

    def outputs(self) -> dict[str, str]:
        """Its outputs, none where there is no stack."""
        described = self.description() or {}
        return {found["OutputKey"]: found["OutputValue"] for found in described.get("Outputs", [])}

    def parameters(self) -> dict[str, str]:
        """Its parameters, as far as they may be seen."""
        described = self.description() or {}
        return {found["ParameterKey"]: found.get("ParameterValue", "") for found in described.get("Parameters", [])}

    def resources(self) -> list[dict[str, str]]:
        """Everything in it."""
        pages = self._cloudformation.get_paginator("list_stack_resources").paginate(StackName=self.name)
        return [found for page in pages for found in page["StackResourceSummaries"]]

    # Changing it

    def prepare(self, parameters: Mapping[str, str], known: set[str], **template: str) -> ChangeSet | None:
        """Have a change worked out; None when nothing would change.

        Args:
            parameters: values to set; those that the stack has and that are not named keep theirs.
            known: the names of all parameters of the template.
            template: `TemplateBody` or `TemplateURL`.

        Raises:
            CannotDeploy: CloudFormation refuses the template or its parameters, or the stack is in no state for it.
        """
        self._clear_the_way()
        before = self.description()
        kept = set(self.parameters()) & known - set(parameters)
        name = f"love-q-{uuid.uuid4().hex[:12]}"
        try:
            self._cloudformation.create_change_set(
                StackName=self.name,
                ChangeSetName=name,
                ChangeSetType="UPDATE" if before else "CREATE",
                Capabilities=_CAPABILITIES,
                Tags=self._tags,
                Parameters=[
                    *({"ParameterKey": key, "ParameterValue": value} for key, value in sorted(parameters.items())),
                    *({"ParameterKey": key, "UsePreviousValue": True} for key in sorted(kept)),
                ],
                **template,
            )
        except ClientError as error:
            raise CannotDeploy(f"CloudFormation refuses it: {error}") from error
        return self._worked_out(name, creates=before is None)

    def _clear_the_way(self) -> None:
        """Remove what a first attempt left that never came to be: CloudFormation lets nobody repair it."""
        described = self.description()
        if described is None:
            return
        status = described["StackStatus"]
        if status == "ROLLBACK_COMPLETE":
            self.delete()
        elif status.endswith("_IN_PROGRESS"):
            raise CannotDeploy(f"{self.name} is being changed ({status}); wait until that is done")
        elif status == "UPDATE_ROLLBACK_FAILED":
            raise CannotDeploy(f"{self.name} could not be rolled back; `aws cloudformation continue-update-rollback`")

    def _worked_out(self, name: str, *, creates: bool) -> ChangeSet | None:
        described = self._wait(lambda: self._change_set(name), "Status")
        if described["Status"] == "FAILED":
            self._cloudformation.delete_change_set(StackName=self.name, ChangeSetName=name)
            reason = described.get("StatusReason", "")
            if any(text in reason for text in _NO_CHANGE):
                return None
            raise CannotDeploy(f"CloudFormation cannot work the change out: {reason}")
        return ChangeSet(name, creates, list(_changes(self._change_sets(name))))

    def _change_set(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self._cloudformation.describe_change_set(StackName=self.name, ChangeSetName=name)
        return found

    def _change_sets(self, name: str) -> Iterator[dict[str, Any]]:
        yield from self._cloudformation.get_paginator("describe_change_set").paginate(
            StackName=self.name, ChangeSetName=name
        )

    def forget(self, change: ChangeSet) -> None:
        """Leave a change unmade, and the stack as it was."""
        self._cloudformation.delete_change_set(StackName=self.name, ChangeSetName=change.name)
        if change.creates:
            self._cloudformation.delete_stack(StackName=self.name)

    def execute(self, change: ChangeSet) -> None:
        """Make a change and wait until it is made.

        Raises:
            CannotDeploy: it failed; CloudFormation has put back what was. The message has its reasons.
        """
        self._cloudformation.execute_change_set(StackName=self.name, ChangeSetName=change.name)
        described = self._wait(self._described, "StackStatus")
        if described["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            raise CannotDeploy(f"{self.name} ended as {described['StackStatus']}:\n{self._reasons()}{self._left()}")

    def delete(self) -> None:
        """Delete it, but for what is to be retained, and wait for that.

        Raises:
            CannotDeploy: it could not be deleted.
        """
        described = self.description()
        if described is None:
            return
        # By its id: a stack that is gone is not found by its name.
        self._cloudformation.delete_stack(StackName=self.name)
        gone = self._wait(lambda: self._by_id(described["StackId"]), "StackStatus")
        if gone["StackStatus"] != "DELETE_COMPLETE":
            raise CannotDeploy(f"{self.name} ended as {gone['StackStatus']}:\n{self._reasons()}")

    def _left(self) -> str:
        """What a stack that never came to be leaves: it is not taken up by the next attempt, which makes others."""
        left = [found for found in self.resources() if found["ResourceStatus"] == "DELETE_SKIPPED"]
        lines = (f"  {found['ResourceType']} {found.get('PhysicalResourceId', '')}" for found in left)
        return "\n".join(("\nLeft, to be deleted by hand:", *lines)) if left else ""

    def _by_id(self, stack_id: str) -> dict[str, Any]:
        try:
            found: dict[str, Any] = self._cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return {"StackStatus": "DELETE_COMPLETE"}
            raise
        return found

    def _described(self) -> dict[str, Any]:
        return self.description() or {"StackStatus": "REVIEW_IN_PROGRESS"}

    def _wait(self, look: Any, field: str) -> dict[str, Any]:
        deadline = time.monotonic() + _MINUTES * 60
        while time.monotonic() < deadline:
            found: dict[str, Any] = look()
            if not found[field].endswith(("_IN_PROGRESS", "_PENDING")):
                return found
            time.sleep(self._poll_s)
        raise CannotDeploy(f"{self.name} takes more than {_MINUTES} minutes; look at its events in the console")

    def _reasons(self) -> str:
        events = self._cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        failed = [event for event in events if event["ResourceStatus"].endswith("FAILED")]
        return "\n".join(
            f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', event['ResourceStatus'])}"
            for event in reversed(failed[:10])
        )


def _changes(pages: Iterator[dict[str, Any]]) -> Iterator[Change]:
    for page in pages:
        for found in page["Changes"]:
            change = found["ResourceChange"]
            replaces = change.get("Replacement") in ("True", "Conditional")
            yield Change(change["Action"], change["LogicalResourceId"], change["ResourceType"], replaces)
