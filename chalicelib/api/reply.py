"""Write replies: JSON with an ETag, problem responses, and the headers of every reply."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from chalice.app import Response

from chalicelib.api import problems
from chalicelib.api.request import JSON

PROBLEM_JSON = "application/problem+json"
# Replies are data: a browser must not run them, frame them, guess their type or request them unencrypted.
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}


def success(body: str, status: int) -> Response:
    """Return a reply that no cache stores."""
    return Response(body, {"Content-Type": JSON, "Cache-Control": "no-store"}, status)


def cacheable(body: str, status: int, if_none_match: str) -> Response:
    """Return a reply with its ETag; 304 without a body if ``if_none_match`` contains that ETag."""
    etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    headers: dict[str, Any] = {"ETag": etag, "Cache-Control": "private, no-cache"}
    client_etags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    if etag in client_etags:
        return Response("", headers, 304)
    return Response(body, headers | {"Content-Type": JSON}, status)


def failure(error: Exception, language: problems.Language, request_id: str) -> Response:
    """Return an error as problem details."""
    problem = problems.to_problem(error, language, request_id)
    headers: dict[str, Any] = {
        "Content-Type": PROBLEM_JSON,
        "Content-Language": language,
        "Cache-Control": "no-store",
        **problem.headers,
    }
    return Response(json.dumps(problem.body, ensure_ascii=False), headers, problem.status)
