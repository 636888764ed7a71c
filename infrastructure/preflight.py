"""Check the prerequisites of a deployment before anything is changed. Each problem names its remedy."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from infrastructure.aws import Account
from infrastructure.yaml_files import PROJECT

# The newest version that Lambda, Chalice and the wheels all support. The package runs on the version that packages it.
RUNTIME = (3, 13)
# Lambda keeps this many concurrent executions for functions without a reservation.
_MIN_UNRESERVED = 100


def problems(account: Account, stage: str, parameters: Mapping[str, str], *, for_this_machine: bool) -> list[str]:
    """Return the problems that prevent a deployment.

    Args:
        account: the account and region to deploy to.
        stage: the stage to deploy.
        parameters: the parameters that the stack will have.
        for_this_machine: the package runs on this machine, so any Python version is accepted.
    """
    return [
        *([] if for_this_machine else _python_version()),
        *(_uncommitted_changes() if stage == "prod" else []),
        *_missing_services(account, parameters),
        *_concurrency(account, parameters),
        *(_model(account, parameters) if parameters.get("Bedrock") == "aws" else []),
    ]


def _python_version() -> Iterator[str]:
    if sys.version_info[:2] != RUNTIME:
        required, current = ".".join(map(str, RUNTIME)), ".".join(map(str, sys.version_info[:2]))
        yield (
            f"This is Python {current}, but the package needs {required}. ./deploy-backend.sh finds it or says how to "
            "install it."
        )


def _uncommitted_changes() -> Iterator[str]:
    command = ["git", "status", "--porcelain"]
    status = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True)
    if status.stdout.strip():
        yield f"prod needs committed sources. Commit or discard these changes:\n{status.stdout.rstrip()}"


def _missing_services(account: Account, parameters: Mapping[str, str]) -> Iterator[str]:
    probes: dict[str, tuple[str, dict[str, Any]]] = {}
    if not parameters.get("DatabaseUrl"):
        probes["dsql"] = ("list_clusters", {"maxResults": 1})
    if parameters.get("Comprehend") == "aws":
        probes["comprehend"] = ("list_entity_recognizers", {"MaxResults": 1})
    for service, (operation, arguments) in probes.items():
        try:
            getattr(account.client(service), operation)(**arguments)
        except EndpointConnectionError:
            yield f"{service} is not available in {account.region}. Choose another region."
        except ClientError:
            # Any answer shows that the service exists here; the permission for this call does not matter.
            continue


def _concurrency(account: Account, parameters: Mapping[str, str]) -> Iterator[str]:
    reserved = int(parameters.get("ReservedConcurrency") or 0)
    if not reserved:
        return
    limit = account.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    if limit < reserved + _MIN_UNRESERVED:
        yield (
            f"The account allows {limit} concurrent executions, and {_MIN_UNRESERVED} of them cannot be reserved, so "
            f"ReservedConcurrency={reserved} is too high. Request a quota of 1,000 (Service Quotas, Lambda, concurrent "
            "executions; it is free), or deploy with --set ReservedConcurrency=0."
        )


def _model(account: Account, parameters: Mapping[str, str]) -> Iterator[str]:
    region, model = parameters["BedrockRegion"], parameters["BedrockFoundationModel"]
    bedrock = account.client("bedrock", region)
    try:
        available = bedrock.get_foundation_model_availability(modelId=model)
        lifecycle = bedrock.get_foundation_model(modelIdentifier=model)["modelDetails"].get("modelLifecycle", {})
    except (ClientError, BotoCoreError) as error:
        yield f"Bedrock in {region} cannot describe {model}: {error}. --set Bedrock=local deploys without it."
        return
    missing = [
        requirement
        for requirement, status, required in (
            ("its agreement", available["agreementAvailability"]["status"], "AVAILABLE"),
            ("your authorization", available["authorizationStatus"], "AUTHORIZED"),
            ("your entitlement", available["entitlementAvailability"], "AVAILABLE"),
            ("the region", available["regionAvailability"], "AVAILABLE"),
        )
        if status != required
    ]
    if missing:
        yield (
            f"{model} cannot be used in {region}. Missing: {', '.join(missing)}. Request access in the Bedrock console "
            "(Model access), which takes minutes, or deploy with --set Bedrock=local."
        )
    if lifecycle.get("status") == "LEGACY":
        yield (
            f"{model} is being retired. Choose another model with --set BedrockModelId=… --set BedrockFoundationModel=…"
        )
