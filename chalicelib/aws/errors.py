"""Asking a service of AWS that reads text, for so long and no longer, and what went wrong in words of our own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from enum import StrEnum
from typing import Any, TypeVar

T = TypeVar("T")


class Failure(StrEnum):
    """Why a service did not answer."""

    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    REJECTED = "rejected"
    FORBIDDEN = "forbidden"
    GONE = "gone"
    EMPTY = "empty"


# What the same request may not meet again a moment later.
RETRYABLE = frozenset((Failure.THROTTLED, Failure.UNAVAILABLE, Failure.TIMEOUT, Failure.EMPTY))
# By the error codes of botocore's models of bedrock-runtime (2023-09-30) and comprehend (2017-11-27). A model past its
# end of life is a 404, or a ValidationException that says so.
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


class AwsCallFailed(Exception):
    """No answer came. ``failure`` says why."""

    def __init__(self, failure: Failure) -> None:
        """Keep why."""
        super().__init__(failure.value)
        self.failure = failure


def call_with_timeout(call: Callable[[], T], seconds: float) -> T:
    """What ``call`` returns, which asks a service by boto3, within so many seconds.

    Raises:
        AskingFailed: no answer came.
    """
    from botocore.exceptions import (  # noqa: PLC0415 (they come with the client)
        BotoCoreError,
        ClientError,
        ParamValidationError,
        ReadTimeoutError,
    )
    from botocore.parsers import ResponseParserError  # noqa: PLC0415

    try:
        return _within(seconds, call)
    except (TooLate, ReadTimeoutError) as error:
        raise AwsCallFailed(Failure.TIMEOUT) from error
    except ClientError as error:
        raise AwsCallFailed(_failure(error.response)) from error
    except ParamValidationError:
        # What was asked is no request at all: nothing was sent, and nobody but us is at fault.
        raise
    except (BotoCoreError, ResponseParserError, UnicodeDecodeError) as error:
        # The last two are what botocore makes of a body that is none of the service's.
        raise AwsCallFailed(Failure.UNAVAILABLE) from error


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
