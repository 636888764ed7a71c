"""What was given up lies in a queue; this has it done again, once its cause is mended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from infrastructure.aws import Account

_AT_ONCE = 10
# While a message is being done again nobody else sees it; longer than any function runs.
_HIDDEN_S = 120


def replay(account: Account, queue_url: str) -> tuple[int, list[str]]:
    """Invoke the functions of a stage's dead letters with their events again, and delete what succeeds.

    Returns:
        how many succeeded, and of the others which function fails with what; these stay in the queue.
    """
    queue, functions = account.client("sqs"), account.client("lambda")
    done, faults = 0, []
    for message in _messages(queue, queue_url):
        letter = json.loads(message["Body"])
        function = letter["requestContext"]["functionArn"].removesuffix(":$LATEST")
        answer = functions.invoke(FunctionName=function, Payload=json.dumps(letter["requestPayload"]).encode())
        if "FunctionError" in answer:
            faults.append(f"{function.rpartition(':')[2]} fails with {_error(answer)}")
            continue
        queue.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
        done += 1
    return done, faults


def _messages(queue: Any, queue_url: str) -> Iterator[dict[str, Any]]:
    """Every message that can be seen, each once."""
    while True:
        found = queue.receive_message(
            QueueUrl=queue_url, MaxNumberOfMessages=_AT_ONCE, VisibilityTimeout=_HIDDEN_S, WaitTimeSeconds=1
        ).get("Messages", [])
        if not found:
            return
        yield from found


def _error(answer: dict[str, Any]) -> str:
    """The type of a function's error. Its message may hold what was sent."""
    payload = json.loads(answer["Payload"].read() or b"{}")
    return str(payload.get("errorType", answer["FunctionError"]))
