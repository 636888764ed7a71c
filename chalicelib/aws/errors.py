"""Call AWS services with a hard timeout, and translate their errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, TypeVar

from chalicelib.errors import Unavailable

T = TypeVar("T")


class Failure(StrEnum):
    """The reason why a service returned no result."""

    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    REJECTED = "rejected"
    FORBIDDEN = "forbidden"
    RETIRED = "retired"
    EMPTY = "empty"


# Failures after which the same request may succeed a moment later.
RETRYABLE_FAILURES = frozenset((Failure.THROTTLED, Failure.UNAVAILABLE, Failure.TIMEOUT, Failure.EMPTY))
# The error codes of botocore's models of bedrock-runtime (2023-09-30) and comprehend (2017-11-27).
_FAILURE_BY_CODE = {
    "ThrottlingException": Failure.THROTTLED,
    "ModelNotReadyException": Failure.THROTTLED,
    "ServiceUnavailableException": Failure.UNAVAILABLE,
    "InternalServerException": Failure.UNAVAILABLE,
    "ModelErrorException": Failure.UNAVAILABLE,
    "ModelTimeoutException": Failure.TIMEOUT,
    "AccessDeniedException": Failure.FORBIDDEN,
    "ServiceQuotaExceededException": Failure.FORBIDDEN,
    "ResourceNotFoundException": Failure.RETIRED,
    "ValidationException": Failure.REJECTED,
}
# A model past its end of life causes a ResourceNotFoundException, or a ValidationException with this message.
_RETIRED_MESSAGE = "end of its life"
_MIN_SERVER_ERROR = 500


class AwsCallFailed(Exception):
    """A service returned no result. ``failure`` is the reason."""

    def __init__(self, failure: Failure) -> None:
        """Store the failure."""
        super().__init__(failure.value)
        self.failure = failure


def call_with_timeout(call: Callable[[], T], seconds: float) -> T:
    """Return the result of ``call``, which sends one boto3 request. Wait at most ``seconds``.

    Raises:
        AwsCallFailed: There is no result.
    """
    from botocore.exceptions import (  # noqa: PLC0415 (loaded with the client anyway)
        BotoCoreError,
        ClientError,
        ParamValidationError,
        ReadTimeoutError,
    )
    from botocore.parsers import ResponseParserError  # noqa: PLC0415 (loaded with the client anyway)

    try:
        return _run_in_thread(call, seconds)
    except (TimeoutError, ReadTimeoutError) as error:
        raise AwsCallFailed(Failure.TIMEOUT) from error
    except ClientError as error:
        raise AwsCallFailed(_failure_of(error.response)) from error
    except ParamValidationError:
        # The request is malformed and was not sent. That is a bug in our code, not a failure of the service.
        raise
    except (BotoCoreError, ResponseParserError, UnicodeDecodeError) as error:
        # botocore raises the last two errors for a body that is not a response of the service.
        raise AwsCallFailed(Failure.UNAVAILABLE) from error


@contextmanager
def aws_errors_as_unavailable() -> Iterator[None]:
    """Translate the errors of boto3 in the body of the ``with`` statement.

    Raises:
        Unavailable: The service refused or did not respond.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 (loaded with the client anyway)

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise Unavailable from error


def _run_in_thread(call: Callable[[], T], seconds: float) -> T:
    """Run ``call`` in a thread and return its result. Raise ``TimeoutError`` after ``seconds``.

    A read timeout is not enough: it applies to each read, and a body can arrive byte by byte.
    """
    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(call).result(seconds)
    finally:
        pool.shutdown(wait=False)


def _failure_of(response: Mapping[str, Any]) -> Failure:
    error = response.get("Error", {})
    if _RETIRED_MESSAGE in error.get("Message", ""):
        return Failure.RETIRED
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", _MIN_SERVER_ERROR)
    default = Failure.UNAVAILABLE if status >= _MIN_SERVER_ERROR else Failure.REJECTED
    return _FAILURE_BY_CODE.get(error.get("Code", ""), default)
