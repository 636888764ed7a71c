"""Errors as RFC 9457 problem details, in the user's language.

``problems.json`` has a sentence for each error code, ``validation.json`` for each kind of invalid field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from chalicelib import errors
from chalicelib.data_files import Data, load

Language = Literal["ko", "en"]

STATUSES: dict[type[errors.LoveQError], int] = {
    errors.UnreadableBody: 400,
    errors.Unauthenticated: 401,
    errors.NoAccount: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.MethodNotAllowed: 405,
    errors.Conflict: 409,
    errors.ImportInProgress: 409,
    errors.TooLarge: 413,
    errors.UnsupportedMediaType: 415,
    errors.Invalid: 422,
    errors.UnreadableFile: 422,
    errors.LimitReached: 429,
    errors.Unavailable: 503,
}
# The names of RFC 9110. Those of Python's ``http`` module differ between versions.
TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


class Sentence(Data, frozen=True):
    """A sentence in both languages."""

    ko: str
    en: str

    def of(self, language: Language) -> str:
        """Return the sentence in one language."""
        return self.en if language == "en" else self.ko


@dataclass(frozen=True, slots=True)
class Problem:
    """An error reply: its status, its own headers and its body."""

    status: int
    headers: dict[str, str]
    body: dict[str, Any]


def to_problem(error: Exception, language: Language, request_id: str) -> Problem:
    """Return the reply to an error. An error that is not a ``LoveQError`` is a 500 without details."""
    if not isinstance(error, errors.LoveQError):
        error = errors.LoveQError()
    status = STATUSES.get(type(error), 500)
    detail = sentence(error.code, language)
    body = {
        "type": f"urn:love-q:problem:{error.code}",
        "title": TITLES[status],
        "status": status,
        "detail": detail,
        "error": detail,
        "code": error.code,
        "request_id": request_id,
        **error.facts,
    }
    if isinstance(error, errors.Invalid):
        body["errors"] = [{"field": fault.field, "message": _fault_sentence(fault, language)} for fault in error.errors]
    return Problem(status, _headers(error), body)


def _headers(error: errors.LoveQError) -> dict[str, str]:
    if isinstance(error, errors.LimitReached | errors.Unavailable):
        return {"Retry-After": str(error.retry_after)}
    if isinstance(error, errors.Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, errors.MethodNotAllowed):
        return {"Allow": ", ".join(error.allowed)}
    return {}


def error_codes() -> tuple[str, ...]:
    """Return every error code."""
    return tuple(_sentences("problems.json"))


def sentence(code: str, language: Language) -> str:
    """Return the sentence of an error code."""
    sentences = _sentences("problems.json")
    return sentences.get(code, sentences["internal_error"]).of(language)


def to_invalid(error: ValidationError) -> errors.Invalid:
    """Convert pydantic's error."""
    return errors.Invalid(*(_fault(details) for details in error.errors(include_url=False, include_input=False)))


def _fault(details: Mapping[str, Any]) -> errors.Fault:
    path = ".".join(str(part) for part in details["loc"])
    facts: dict[str, object] = {
        name: value for name, value in details.get("ctx", {}).items() if isinstance(value, int | float | str)
    }
    return errors.Fault(path, details["type"], facts)


def _fault_sentence(fault: errors.Fault, language: Language) -> str:
    """Return the sentence for an invalid field."""
    sentences = _sentences("validation.json")
    return sentences.get(fault.kind, sentences["other"]).of(language).format(**fault.facts)


@cache
def _sentences(name: str) -> dict[str, Sentence]:
    return load(Path(__file__).with_name(name), dict[str, Sentence])


def preferred_language(header: str | None) -> Language:
    """Return English if ``Accept-Language`` names it before Korean, otherwise Korean."""
    tags: Sequence[str] = [part.split(";")[0].strip().lower()[:2] for part in (header or "").split(",")]
    return "en" if next((tag for tag in tags if tag in ("ko", "en")), "ko") == "en" else "ko"
