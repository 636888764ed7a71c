"""Claude on Bedrock, through Converse: one call, and what went wrong in words of our own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from chalicelib.repositories import aws

T = TypeVar("T")


class Failure(StrEnum):
    """Why a model did not answer."""

    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    REJECTED = "rejected"
    FORBIDDEN = "forbidden"
    GONE = "gone"
    EMPTY = "empty"


# What the same request may not meet again a moment later.
PASSING = frozenset((Failure.THROTTLED, Failure.UNAVAILABLE, Failure.TIMEOUT, Failure.EMPTY))
# By the error codes of botocore's model of bedrock-runtime (2023-09-30). A model past its end of life is a 404, or a
# ValidationException that says so.
FAILURES = {
    "ThrottlingException": Failure.THROTTLED,
    "ModelNotReadyException": Failure.THROTTLED,
    "ServiceUnavailableException": Failure.UNAVAILABLE,
    "InternalServerException": Failure.UNAVAILABLE,
    "ModelErrorException": Failure.UNAVAILABLE,
    "ModelTimeoutException": Failure.TIMEOUT,
    "AccessDeniedException": Failure.FORBIDDEN,
    "ServiceQuotaExceededException": Failure.FORBIDDEN,
    "ResourceNotFoundException": Failure.GONE,
    "ValidationException": Failure.REJECTED,
}
END_OF_LIFE = "end of its life"
SERVER_ERRORS = 500


class ModelFailed(Exception):
    """No answer came. ``failure`` says why."""

    def __init__(self, failure: Failure) -> None:
        """Keep why."""
        super().__init__(failure.value)
        self.failure = failure


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
        ModelFailed: no answer came.
    """
    from botocore.exceptions import (  # noqa: PLC0415 (they come with the client)
        BotoCoreError,
        ClientError,
        ParamValidationError,
        ReadTimeoutError,
    )

    started = time.monotonic()
    try:
        answered = _within(seconds, lambda: aws.bedrock().converse(**request))
    except (TooLate, ReadTimeoutError) as error:
        raise ModelFailed(Failure.TIMEOUT) from error
    except ClientError as error:
        raise ModelFailed(_failure(error.response)) from error
    except ParamValidationError:
        # What was asked is no request at all: nothing was sent, and nobody but us is at fault.
        raise
    except BotoCoreError as error:
        raise ModelFailed(Failure.UNAVAILABLE) from error
    return _reply(answered, time.monotonic() - started)


def _within(seconds: float, call: Callable[[], T]) -> T:
    """What ``call`` returns. A body that drips keeps a socket busy for longer than any read of it may take."""
    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(call).result(seconds)
    finally:
        pool.shutdown(wait=False)


def _failure(response: Mapping[str, Any]) -> Failure:
    error = response.get("Error", {})
    if END_OF_LIFE in error.get("Message", ""):
        return Failure.GONE
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", SERVER_ERRORS)
    other = Failure.UNAVAILABLE if status >= SERVER_ERRORS else Failure.REJECTED
    return FAILURES.get(error.get("Code", ""), other)


def _reply(answered: Mapping[str, Any], seconds: float) -> Reply:
    # botocore takes a body that breaks off for an empty success.
    content = answered.get("output", {}).get("message", {}).get("content")
    if not content:
        raise ModelFailed(Failure.EMPTY)
    usage = answered.get("usage", {})
    return Reply(
        tuple(content),
        str(answered.get("stopReason", "")),
        int(usage.get("inputTokens", 0)),
        int(usage.get("outputTokens", 0)),
        seconds,
    )
