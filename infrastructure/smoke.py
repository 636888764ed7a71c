"""Asking a stage that was just deployed whether it works, from outside, as a client does."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping

from infrastructure.aws import Account, CannotDeploy

_TIMEOUT_S = 35
_EXPECTED = {"/health": 200, "/openapi.json": 200, "/user-profile": 401}


def public_url(account: Account, outputs: Mapping[str, str]) -> str:
    """Where the stage's API answers."""
    if account.emulator:
        return f"{account.emulator}/restapis/{outputs['RestAPIId']}/v1/_user_request_"
    return outputs["ApiUrl"]


def run(account: Account, stage: str, outputs: Mapping[str, str]) -> str:
    """Ask the API what needs no token, and have the hourly job run once, which needs the database and the bucket.

    Returns:
        what was found, for the operator.

    Raises:
        CannotDeploy: something does not answer as it should.
    """
    faults = [*_ask(public_url(account, outputs), stage), *_job(account, outputs)]
    if faults:
        raise CannotDeploy("It is deployed and does not work:\n" + "\n".join(f"  {fault}" for fault in faults))
    return f"{', '.join(_EXPECTED)} answer as they should, and the hourly job ran"


def _ask(url: str, stage: str) -> Iterator[str]:
    for path, expected in _EXPECTED.items():
        status, body = _get(f"{url}{path}")
        if status != expected:
            yield f"GET {path} answers {status}, not {expected}"
        elif path == "/health" and json.loads(body)["stage"] != stage:
            yield f"GET /health tells of stage {json.loads(body)['stage']}, not {stage}"


def _get(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as reply:  # noqa: S310 (an output of our own stack)
            return reply.status, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError:
        return 0, b""


def _job(account: Account, outputs: Mapping[str, str]) -> Iterator[str]:
    event = {"id": "smoke-test", "detail-type": "Scheduled Event", "source": "aws.events", "account": account.id}
    event |= {"time": "1970-01-01T00:00:00Z", "region": account.region, "version": "0"}
    payload = json.dumps(event | {"resources": [], "detail": {}}).encode()
    answer = account.client("lambda").invoke(FunctionName=outputs["EraseExpiredName"], Payload=payload)
    if "FunctionError" in answer:
        kind = json.loads(answer["Payload"].read()).get("errorType")
        yield f"{outputs['EraseExpiredName']} fails with {kind}; its log says where"
