"""Read requests: query, JSON body, headers, and the validation of their fields."""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from chalice.app import Request
from pydantic import BaseModel, ValidationError

from chalicelib import errors
from chalicelib.api import problems

JSON = "application/json"
MAX_BODY_BYTES = 1024 * 1024
# Deeper than any request needs, and far below Python's recursion limit.
_MAX_DEPTH = 32
# A float holds every integer below this one.
_EXACT_INTEGERS = 2**53

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Limits:
    """The size limit of a body in bytes, and the error code of a larger one."""

    max_body: int = MAX_BODY_BYTES
    too_large: str = "too_large"


def request_id(request: Request) -> str:
    """Return the gateway's id of the request, or a new id without a gateway."""
    return str(request.context.get("requestId") or uuid.uuid4())


def language(request: Request) -> problems.Language:
    """Return the language in which errors are written."""
    return problems.preferred_language(request.headers.get("accept-language"))


def remaining_s(request: Request) -> float:
    """Return the seconds until Lambda ends this invocation."""
    context: Any = request.lambda_context
    return float(context.get_remaining_time_in_millis()) / 1000


def query_of(request: Request) -> dict[str, Any]:
    """Return the query parameters."""
    return dict(request.query_params or {})


def raw_body(request: Request) -> bytes:
    """Return the body as bytes."""
    raw = request.raw_body or b""
    return raw if isinstance(raw, bytes) else raw.encode()


def json_body(request: Request, limits: Limits) -> dict[str, Any]:
    """Return the fields of a JSON body. A DELETE may omit its body.

    Raises:
        TooLarge: The body exceeds ``limits``.
        UnsupportedMediaType: The content type is not JSON.
        UnreadableBody: The body is not JSON.
        Invalid: The body is not an object.
    """
    raw = raw_body(request)
    if len(raw) > limits.max_body:
        raise errors.TooLarge(limits.too_large)
    if not raw and request.method == "DELETE":
        return {}
    media_type = request.headers.get("content-type", JSON).split(";")[0].strip().lower()
    if media_type != JSON:
        raise errors.UnsupportedMediaType
    try:
        body = json.loads(raw, parse_float=_number, parse_constant=_refuse_number)
    except (ValueError, RecursionError) as error:
        raise errors.UnreadableBody from error
    if not isinstance(body, dict):
        raise errors.Invalid(errors.Fault("", "dict_type"))
    return body


def _number(text: str) -> float:
    """Convert a JSON number that has a point or an exponent. 36.0 is the integer 36, as in JSON Schema."""
    number = float(text)
    if math.isinf(number):
        _refuse_number(text)
    return int(number) if number.is_integer() and abs(number) < _EXACT_INTEGERS else number


def _refuse_number(text: str) -> NoReturn:
    raise ValueError(f"not a JSON number: {len(text)} characters")


def validate(model: type[M], fields: Mapping[str, Any], *, strict: bool) -> M:
    """Return the fields as a model. ``strict`` refuses text in place of numbers, which a query cannot avoid.

    Raises:
        Invalid: A field is invalid.
    """
    try:
        return model.model_validate(fields, strict=strict)
    except ValidationError as error:
        raise problems.to_invalid(error) from error


def check_storable(fields: Mapping[str, Any]) -> None:
    """Refuse texts that PostgreSQL cannot store, and values that are nested too deep.

    A text is refused rather than changed, because it would no longer be what the user wrote.

    Raises:
        Invalid: A field has such a value.
    """
    for name, value in fields.items():
        try:
            storable = all(map(_is_storable, _texts(value, _MAX_DEPTH)))
        except RecursionError as error:
            raise errors.Invalid(errors.Fault(name, "too_deep", {"depth": _MAX_DEPTH})) from error
        if not storable:
            raise errors.Invalid(errors.Fault(name, "unstorable_text"))


def _texts(value: Any, depth: int) -> Iterator[str]:
    """Yield every text in a JSON value.

    Raises:
        RecursionError: The value is nested deeper than ``depth``.
    """
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        if depth == 0:
            raise RecursionError
        for item in (*value, *value.values()) if isinstance(value, Mapping) else value:
            yield from _texts(item, depth - 1)


def _is_storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return False
    return "\0" not in text
