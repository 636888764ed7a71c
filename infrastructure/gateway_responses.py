"""What API Gateway answers by itself, in the shape of every other problem; in Korean, since it knows one language."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.api.problems import TITLES, sentence
from infrastructure.yaml_files import INFRASTRUCTURE

# What a client is told where API Gateway alone knows the status.
_UNKNOWN = {"DEFAULT_4XX": 400, "DEFAULT_5XX": 503}


def responses(allow_origin: str) -> dict[str, Any]:
    """A SAM `GatewayResponses` of every kind there is, for pages of this origin."""
    table = json.loads((INFRASTRUCTURE / "gateway_responses.json").read_text(encoding="utf-8"))
    return {kind: _response(kind, written, allow_origin) for kind, written in table.items()}


def _response(kind: str, written: dict[str, Any], allow_origin: str) -> dict[str, Any]:
    status = written["status"] if "status" in written else _UNKNOWN[kind]
    response: dict[str, Any] = {
        "ResponseTemplates": {"application/json": _body(status, written["code"])},
        "ResponseParameters": {"Headers": _headers(written, allow_origin)},
    }
    # A status at DEFAULT_4XX would become that of every 4xx that the gateway or the application answers.
    return response | ({"StatusCode": written["status"]} if "status" in written else {})


def _body(status: int, code: str) -> str:
    detail = sentence(code, "ko")
    body = {
        "type": f"urn:love-q:problem:{code}",
        "title": _title(status),
        "status": status,
        "detail": detail,
        "error": detail,
        "code": code,
        "request_id": "$context.requestId",
    }
    return json.dumps(body, ensure_ascii=False)


def _title(status: int) -> str:
    return TITLES.get(status, "Gateway Timeout")


def _headers(written: dict[str, Any], allow_origin: str) -> dict[str, str]:
    headers = {
        "Content-Type": "'application/problem+json'",
        "Content-Language": "'ko'",
        "Cache-Control": "'no-store'",
        "Access-Control-Allow-Origin": f"'{allow_origin}'",
        "Access-Control-Expose-Headers": "'ETag, Retry-After, X-Request-Id'",
        "X-Request-Id": "context.requestId",
    }
    if "retry_after" in written:
        headers["Retry-After"] = f"'{written['retry_after']}'"
    if written.get("status") == 401:  # noqa: PLR2004
        headers["WWW-Authenticate"] = "'Bearer'"
    return headers
