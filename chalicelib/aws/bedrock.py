"""Call Claude on Amazon Bedrock through the Converse API."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.aws import clients
from chalicelib.aws.errors import AwsCallFailed, Failure, call_with_timeout


@dataclass(frozen=True, slots=True)
class ModelOutput:
    """The output of a model: Converse content blocks, the stop reason, token counts, and the duration in seconds."""

    content: tuple[dict[str, Any], ...]
    stop_reason: str
    input_tokens: int
    output_tokens: int
    seconds: float


def converse(request: Mapping[str, Any], seconds: float) -> ModelOutput:
    """Send one request to a model and wait at most ``seconds``. Do not retry, because each attempt may be billed.

    Raises:
        AwsCallFailed: There is no reply.
    """
    started = time.monotonic()
    response = call_with_timeout(lambda: clients.bedrock().converse(**request), seconds)
    return _model_output(response, time.monotonic() - started)


def _model_output(response: Mapping[str, Any], seconds: float) -> ModelOutput:
    # botocore parses a truncated body as an empty success.
    content = response.get("output", {}).get("message", {}).get("content")
    if not content:
        raise AwsCallFailed(Failure.EMPTY)
    usage = response.get("usage", {})
    return ModelOutput(
        tuple(content),
        str(response.get("stopReason", "")),
        int(usage.get("inputTokens", 0)),
        int(usage.get("outputTokens", 0)),
        seconds,
    )
