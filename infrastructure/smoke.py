"""Smoke test of a deployed stage, through its public URL as a client uses it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping

from infrastructure.aws import Account, CannotDeploy

_TIMEOUT_S = 35
_EXPECTED_STATUSES = {"/health": 200, "/openapi.json": 200, "/user-profile": 401}


def public_url(account: Account, outputs: Mapping[str, str]) -> str:
    """Return the URL of the stage's API."""
    if account.emulator_url:
        return f"{account.emulator_url}/restapis/{outputs['RestAPIId']}/v1/_user_request_"
    return outputs["ApiUrl"]


def run(account: Account, stage: str, outputs: Mapping[str, str]) -> str:
    """Request routes that need no token, and run the hourly job once, which needs the database and the bucket.

    Returns:
        The result, for the operator.

    Raises:
        CannotDeploy: a route or the job does not behave as expected.
    """
    failures = [*_test_routes(public_url(account, outputs), stage), *_test_job(account, outputs)]
    if failures:
        raise CannotDeploy(
            "The stage is deployed but does not work:\n" + "\n".join(f"  {failure}" for failure in failures)
        )
    return f"{', '.join(_EXPECTED_STATUSES)} answer as expected, and the hourly job ran"


def _test_routes(url: str, stage: str) -> Iterator[str]:
    for path, expected in _EXPECTED_STATUSES.items():
        status, body = _get(f"{url}{path}")
        if status != expected:
            yield f"GET {path} answers {status} instead of {expected}"
        elif path == "/health" and json.loads(body)["stage"] != stage:
            yield f"GET /health reports stage {json.loads(body)['stage']} instead of {stage}"


def _get(url: str) -> tuple[int, bytes]:
    """Return status and body; status 0 if there is no connection."""
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as response:  # noqa: S310 (an output of our own stack)
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError:
        return 0, b""


def _test_job(account: Account, outputs: Mapping[str, str]) -> Iterator[str]:
    event = {"id": "smoke-test", "detail-type": "Scheduled Event", "source": "aws.events", "account": account.id}
    event |= {"time": "1970-01-01T00:00:00Z", "region": account.region, "version": "0"}
    payload = json.dumps(event | {"resources": [], "detail": {}}).encode()
    response = account.client("lambda").invoke(FunctionName=outputs["EraseExpiredName"], Payload=payload)
    if "FunctionError" in response:
        error_type = json.loads(response["Payload"].read()).get("errorType")
        yield f"{outputs['EraseExpiredName']} fails with {error_type}; see its log"
