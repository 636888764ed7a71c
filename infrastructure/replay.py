"""Replay the dead letters of a stage after their cause is fixed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from infrastructure.aws import Account

_BATCH_SIZE = 10
# Longer than any function runs, so that no message is received twice in one replay.
_VISIBILITY_TIMEOUT_S = 120


def replay(account: Account, queue_url: str) -> tuple[int, list[str]]:
    """Invoke the functions again with the events of the dead letters, and delete the letters that succeed.

    Returns:
        The number of successes, and one line for each failure with the function and its error. Failed letters stay in
        the queue.
    """
    queue, functions = account.client("sqs"), account.client("lambda")
    succeeded, failures = 0, []
    for message in _messages(queue, queue_url):
        letter = json.loads(message["Body"])
        function = letter["requestContext"]["functionArn"].removesuffix(":$LATEST")
        response = functions.invoke(FunctionName=function, Payload=json.dumps(letter["requestPayload"]).encode())
        if "FunctionError" in response:
            failures.append(f"{function.rpartition(':')[2]} fails with {_error_type(response)}")
            continue
        queue.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
        succeeded += 1
    return succeeded, failures


def _messages(queue: Any, queue_url: str) -> Iterator[dict[str, Any]]:
    """Receive every visible message once."""
    while True:
        batch = queue.receive_message(
            QueueUrl=queue_url,
            MaxNumberOfMessages=_BATCH_SIZE,
            VisibilityTimeout=_VISIBILITY_TIMEOUT_S,
            WaitTimeSeconds=1,
        ).get("Messages", [])
        if not batch:
            return
        yield from batch


def _error_type(response: dict[str, Any]) -> str:
    """Return only the type of a function's error: its message may repeat user data."""
    payload = json.loads(response["Payload"].read() or b"{}")
    return str(payload.get("errorType", response["FunctionError"]))
