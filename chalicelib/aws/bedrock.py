"""Claude on Bedrock, through Converse: one call."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.aws import clients
from chalicelib.aws.errors import AwsCallFailed, Failure, call_with_timeout


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered: content blocks as Converse has them, why it stopped, tokens, and seconds."""

    content: tuple[dict[str, Any], ...]
    stop_reason: str
    input_tokens: int
    output_tokens: int
    seconds: float


def converse(request: Mapping[str, Any], seconds: float) -> Reply:
    """Ask a model once, for at most so many seconds. Nothing is tried again here: each try may cost.

    Raises:
        AskingFailed: no answer came.
    """
    started = time.monotonic()
    answered = call_with_timeout(lambda: clients.bedrock().converse(**request), seconds)
    return _reply(answered, time.monotonic() - started)


def _reply(answered: Mapping[str, Any], seconds: float) -> Reply:
    # botocore takes a body that breaks off for an empty success.
    content = answered.get("output", {}).get("message", {}).get("content")
    if not content:
        raise AwsCallFailed(Failure.EMPTY)
    usage = answered.get("usage", {})
    return Reply(
        tuple(content),
        str(answered.get("stopReason", "")),
        int(usage.get("inputTokens", 0)),
        int(usage.get("outputTokens", 0)),
        seconds,
    )
