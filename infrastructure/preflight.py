"""What must be so before anything is changed, each with what to do where it is not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from infrastructure.aws import Account
from infrastructure.yaml_files import PROJECT

# The newest that Lambda, Chalice and the wheels agree on. The Python that packages decides what the package runs on.
RUNTIME = (3, 13)
# Lambda keeps so many for functions that reserve none.
_UNRESERVED = 100


def problems(account: Account, stage: str, parameters: Mapping[str, str], *, here: bool) -> list[str]:
    """What stands in the way of a deployment; nothing, if it may begin.

    Args:
        account: where to.
        stage: which stage.
        parameters: the values that the stack will have.
        here: whether the package is to run on this machine, whatever its Python is.
    """
    return [
        *([] if here else _python()),
        *(_uncommitted() if stage == "prod" else []),
        *_region(account, parameters),
        *_concurrency(account, parameters),
        *(_model(account, parameters) if parameters.get("Bedrock") == "aws" else []),
    ]


def _python() -> Iterator[str]:
    if sys.version_info[:2] != RUNTIME:
        wanted, found = ".".join(map(str, RUNTIME)), ".".join(map(str, sys.version_info[:2]))
        yield f"This is Python {found}, the package is for {wanted}: ./deploy-backend.sh finds it or says how to get it"


def _uncommitted() -> Iterator[str]:
    status = ["git", "status", "--porcelain"]
    changed = subprocess.run(status, cwd=PROJECT, check=True, capture_output=True, text=True)
    if changed.stdout.strip():
        yield f"prod takes only what is committed, and this is not:\n{changed.stdout.rstrip()}"


def _region(account: Account, parameters: Mapping[str, str]) -> Iterator[str]:
    asked: dict[str, tuple[str, dict[str, Any]]] = {}
    if not parameters.get("DatabaseUrl"):
        asked["dsql"] = ("list_clusters", {"maxResults": 1})
    if parameters.get("Comprehend") == "aws":
        asked["comprehend"] = ("list_entity_recognizers", {"MaxResults": 1})
    for service, (operation, arguments) in asked.items():
        try:
            getattr(account.client(service), operation)(**arguments)
        except EndpointConnectionError:
            yield f"{service} is not to be had in {account.region}; choose another region"
        except ClientError:
            # It answered, and so it is there; whether we may ask this does not matter.
            continue


def _concurrency(account: Account, parameters: Mapping[str, str]) -> Iterator[str]:
    wanted = int(parameters.get("ReservedConcurrency") or 0)
    if not wanted:
        return
    limit = account.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    if limit < wanted + _UNRESERVED:
        yield (
            f"The account may run {limit} functions at a time, and {_UNRESERVED} of these cannot be reserved: {wanted} "
            "is too many. Ask for a quota of 1,000 (Service Quotas, Lambda, concurrent executions; it is free), or "
            "deploy with --set ReservedConcurrency=0."
        )


def _model(account: Account, parameters: Mapping[str, str]) -> Iterator[str]:
    region, model = parameters["BedrockRegion"], parameters["BedrockFoundationModel"]
    bedrock = account.client("bedrock", region)
    try:
        available = bedrock.get_foundation_model_availability(modelId=model)
        lifecycle = bedrock.get_foundation_model(modelIdentifier=model)["modelDetails"].get("modelLifecycle", {})
    except (ClientError, BotoCoreError) as error:
        yield f"Bedrock in {region} does not tell of {model}: {error}. --set Bedrock=local deploys without it."
        return
    lacking = [
        what
        for what, found, good in (
            ("its agreement", available["agreementAvailability"]["status"], "AVAILABLE"),
            ("your authorization", available["authorizationStatus"], "AUTHORIZED"),
            ("your entitlement", available["entitlementAvailability"], "AVAILABLE"),
            ("the region", available["regionAvailability"], "AVAILABLE"),
        )
        if found != good
    ]
    if lacking:
        yield (
            f"{model} cannot be asked in {region}: {', '.join(lacking)} is missing. Open it in the Bedrock console "
            "(Model access), which takes minutes, or deploy with --set Bedrock=local."
        )
    if lifecycle.get("status") == "LEGACY":
        yield f"{model} is being retired; name another by --set BedrockModelId=… --set BedrockFoundationModel=…"
