"""Errors as clients see them: RFC 9457 problem details, in the user's language.

The sentences are in ``problems.json`` by code, those about fields in
``validation.json`` by the kind of fault.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from chalicelib import errors

Language = Literal["ko", "en"]

STATUSES: dict[type[errors.LoveQError], HTTPStatus] = {
    errors.UnreadableBody: HTTPStatus.BAD_REQUEST,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.MethodNotAllowed: HTTPStatus.METHOD_NOT_ALLOWED,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.ImportInProgress: HTTPStatus.CONFLICT,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.UnreadableFile: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.LimitReached: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


@dataclass(frozen=True, slots=True)
class Problem:
    """An error reply: its status, its own headers and its body."""

    status: int
    headers: dict[str, str]
    body: dict[str, Any]


def problem(error: Exception, language: Language, request_id: str) -> Problem:
    """What a client is told of an error; one that is not ours is a 500 without detail."""
    if not isinstance(error, errors.LoveQError):
        error = errors.LoveQError()
    status = STATUSES.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR)
    detail = sentence(error.code, language)
    body = {
        "type": f"urn:love-q:problem:{error.code}",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "error": detail,
        "code": error.code,
        "request_id": request_id,
        **error.facts,
    }
    if isinstance(error, errors.Invalid):
        body["errors"] = [{"field": fault.field, "message": fault_sentence(fault, language)} for fault in error.errors]
    return Problem(status.value, _headers(error), body)


def _headers(error: errors.LoveQError) -> dict[str, str]:
    if isinstance(error, errors.LimitReached | errors.Unavailable):
        return {"Retry-After": str(error.retry_after)}
    if isinstance(error, errors.Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, errors.MethodNotAllowed):
        return {"Allow": ", ".join(error.allowed)}
    return {}


def sentence(code: str, language: Language) -> str:
    """The sentence of a code."""
    sentences = _table("problems.json")
    return sentences.get(code, sentences["internal_error"])[language]


def invalid(error: ValidationError) -> errors.Invalid:
    """Pydantic's findings as the domain's."""
    return errors.Invalid(*(_fault(found) for found in error.errors(include_url=False, include_input=False)))


def _fault(found: Mapping[str, Any]) -> errors.Fault:
    path = ".".join(str(part) for part in found["loc"])
    context: dict[str, object] = {
        name: value for name, value in found.get("ctx", {}).items() if isinstance(value, int | float | str)
    }
    return errors.Fault(path, found["type"], context)


def fault_sentence(fault: errors.Fault, language: Language) -> str:
    """What is wrong with a field."""
    sentences = _table("validation.json")
    return sentences.get(fault.kind, sentences["other"])[language].format(**fault.facts)


@cache
def _table(name: str) -> dict[str, dict[str, str]]:
    table: dict[str, dict[str, str]] = json.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))
    return table


def preferred_language(header: str | None) -> Language:
    """English where ``Accept-Language`` names it before Korean, else Korean."""
    tags: Sequence[str] = [part.split(";")[0].strip().lower()[:2] for part in (header or "").split(",")]
    return "en" if next((tag for tag in tags if tag in ("ko", "en")), "ko") == "en" else "ko"
