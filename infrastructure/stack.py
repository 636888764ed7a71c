"""One CloudFormation stack: its state, the changes a template would make, and applying them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from infrastructure.aws import Account, CannotDeploy

TAGS = {"project": "love-q"}
_POLL_S = 5
_POLL_EMULATOR_S = 0.2
_TIMEOUT_MINUTES = 30
_MAX_REASONS = 10
_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
# CloudFormation reports an empty change set only by these messages.
_NO_CHANGE_MESSAGES = ("didn't contain changes", "No updates are to be performed")


@dataclass(frozen=True)
class Change:
    """The effect of a change set on one resource."""

    action: str
    name: str
    resource_type: str
    replaces: bool

    def __str__(self) -> str:
        """Return the line shown to the operator."""
        return f"{self.action:8}{self.name} ({self.resource_type}){', REPLACED BY A NEW ONE' if self.replaces else ''}"


@dataclass(frozen=True)
class ChangeSet:
    """A change set that CloudFormation has computed but not executed."""

    name: str
    creates: bool
    changes: list[Change]


class Stack:
    """A stack, identified by its name. It need not exist yet."""

    def __init__(self, account: Account, name: str, **tags: str) -> None:
        """Name a stack. Its resources get the project's tags and these."""
        self.name = name
        self._cloudformation = account.client("cloudformation")
        self._poll_s = _POLL_EMULATOR_S if account.emulator_url else _POLL_S
        self._tags = [{"Key": key, "Value": value} for key, value in (TAGS | tags).items()]

    # State

    def description(self) -> dict[str, Any] | None:
        """Return CloudFormation's description; None if the stack does not exist or was never created."""
        try:
            stack: dict[str, Any] = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return None if stack["StackStatus"] in ("REVIEW_IN_PROGRESS", "DELETE_COMPLETE") else stack

    @property
    def exists(self) -> bool:
        """Return whether the stack exists."""
        return self.description() is not None

    def outputs(self) -> dict[str, str]:
        """Return the stack's outputs; empty if it does not exist."""
        stack = self.description() or {}
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def parameters(self) -> dict[str, str]:
        """Return the stack's parameters; CloudFormation masks the values of secret ones."""
        stack = self.description() or {}
        return {
            parameter["ParameterKey"]: parameter.get("ParameterValue", "") for parameter in stack.get("Parameters", [])
        }

    def resources(self) -> list[dict[str, str]]:
        """Return a summary of every resource."""
        pages = self._cloudformation.get_paginator("list_stack_resources").paginate(StackName=self.name)
        return [resource for page in pages for resource in page["StackResourceSummaries"]]

    # Changes

    def create_change_set(
        self, parameters: Mapping[str, str], template_parameters: set[str], **template: str
    ) -> ChangeSet | None:
        """Compute the changes that a template would make; None if there are none.

        Args:
            parameters: the values to set. Other parameters keep the values that the stack has.
            template_parameters: the names of all parameters of the template.
            template: `TemplateBody` or `TemplateURL`.

        Raises:
            CannotDeploy: CloudFormation refuses the template or its parameters, or the stack cannot be changed now.
        """
        self._check_state()
        before = self.description()
        kept = set(self.parameters()) & template_parameters - set(parameters)
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
            raise CannotDeploy(f"CloudFormation refuses the change: {error}") from error
        return self._wait_for_change_set(name, creates=before is None)

    def _check_state(self) -> None:
        """Delete a stack whose creation failed, because CloudFormation cannot update it; refuse one that is busy."""
        stack = self.description()
        if stack is None:
            return
        status = stack["StackStatus"]
        if status == "ROLLBACK_COMPLETE":
            self.delete()
        elif status.endswith("_IN_PROGRESS"):
            raise CannotDeploy(f"{self.name} is being changed ({status}). Wait until that has finished.")
        elif status == "UPDATE_ROLLBACK_FAILED":
            raise CannotDeploy(
                f"The last rollback of {self.name} failed. Run `aws cloudformation continue-update-rollback`."
            )

    def _wait_for_change_set(self, name: str, *, creates: bool) -> ChangeSet | None:
        description = self._wait(lambda: self._describe_change_set(name), "Status")
        if description["Status"] == "FAILED":
            self._cloudformation.delete_change_set(StackName=self.name, ChangeSetName=name)
            reason = description.get("StatusReason", "")
            if any(message in reason for message in _NO_CHANGE_MESSAGES):
                return None
            raise CannotDeploy(f"CloudFormation cannot compute the change: {reason}")
        return ChangeSet(name, creates, list(_changes(self._change_set_pages(name))))

    def _describe_change_set(self, name: str) -> dict[str, Any]:
        description: dict[str, Any] = self._cloudformation.describe_change_set(StackName=self.name, ChangeSetName=name)
        return description

    def _change_set_pages(self, name: str) -> Iterator[dict[str, Any]]:
        yield from self._cloudformation.get_paginator("describe_change_set").paginate(
            StackName=self.name, ChangeSetName=name
        )

    def discard(self, change_set: ChangeSet) -> None:
        """Delete a change set without executing it."""
        self._cloudformation.delete_change_set(StackName=self.name, ChangeSetName=change_set.name)
        if change_set.creates:
            self._cloudformation.delete_stack(StackName=self.name)

    def execute(self, change_set: ChangeSet) -> None:
        """Execute a change set and wait until it has finished.

        Raises:
            CannotDeploy: it failed and CloudFormation has rolled it back. The message contains the reasons.
        """
        self._cloudformation.execute_change_set(StackName=self.name, ChangeSetName=change_set.name)
        stack = self._wait(self._describe, "StackStatus")
        if stack["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            raise CannotDeploy(
                f"{self.name} ended as {stack['StackStatus']}:\n{self._failure_reasons()}{self._retained_resources()}"
            )

    def delete(self) -> None:
        """Delete the stack, except for resources that its template retains, and wait until it is deleted.

        Raises:
            CannotDeploy: it could not be deleted.
        """
        stack = self.description()
        if stack is None:
            return
        self._cloudformation.delete_stack(StackName=self.name)
        # A deleted stack can only be found by its id.
        final = self._wait(lambda: self._describe_by_id(stack["StackId"]), "StackStatus")
        if final["StackStatus"] != "DELETE_COMPLETE":
            raise CannotDeploy(f"{self.name} ended as {final['StackStatus']}:\n{self._failure_reasons()}")

    def _retained_resources(self) -> str:
        """List the resources that a failed creation retained. The next attempt creates new ones beside them."""
        retained = [resource for resource in self.resources() if resource["ResourceStatus"] == "DELETE_SKIPPED"]
        lines = (f"  {resource['ResourceType']} {resource.get('PhysicalResourceId', '')}" for resource in retained)
        return "\n".join(("\nThese resources remain. Delete them by hand:", *lines)) if retained else ""

    def _describe_by_id(self, stack_id: str) -> dict[str, Any]:
        try:
            stack: dict[str, Any] = self._cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return {"StackStatus": "DELETE_COMPLETE"}
            raise
        return stack

    def _describe(self) -> dict[str, Any]:
        return self.description() or {"StackStatus": "REVIEW_IN_PROGRESS"}

    def _wait(self, describe: Callable[[], dict[str, Any]], status_field: str) -> dict[str, Any]:
        deadline = time.monotonic() + _TIMEOUT_MINUTES * 60
        while time.monotonic() < deadline:
            description = describe()
            if not description[status_field].endswith(("_IN_PROGRESS", "_PENDING")):
                return description
            time.sleep(self._poll_s)
        raise CannotDeploy(
            f"{self.name} has not finished after {_TIMEOUT_MINUTES} minutes. See its events in the console."
        )

    def _failure_reasons(self) -> str:
        events = self._cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        failures = [event for event in events if event["ResourceStatus"].endswith("FAILED")]
        return "\n".join(
            f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', event['ResourceStatus'])}"
            for event in reversed(failures[:_MAX_REASONS])
        )


def _changes(pages: Iterator[dict[str, Any]]) -> Iterator[Change]:
    for page in pages:
        for entry in page["Changes"]:
            change = entry["ResourceChange"]
            replaces = change.get("Replacement") in ("True", "Conditional")
            yield Change(change["Action"], change["LogicalResourceId"], change["ResourceType"], replaces)
