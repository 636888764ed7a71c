"""API Gateway's own responses as problem details. They are in Korean: the gateway cannot negotiate a language."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.api.problems import TITLES, sentence
from infrastructure.yaml_files import INFRASTRUCTURE

# The status in the body of the default responses, for which only the gateway knows the actual status.
_DEFAULT_STATUSES = {"DEFAULT_4XX": 400, "DEFAULT_5XX": 503}
_UNAUTHORIZED = 401


def responses(allow_origin: str) -> dict[str, Any]:
    """Return SAM's `GatewayResponses` with every type of response, for pages of this origin."""
    table = json.loads((INFRASTRUCTURE / "gateway_responses.json").read_text(encoding="utf-8"))
    return {response_type: _response(response_type, entry, allow_origin) for response_type, entry in table.items()}


def _response(response_type: str, entry: dict[str, Any], allow_origin: str) -> dict[str, Any]:
    status = entry["status"] if "status" in entry else _DEFAULT_STATUSES[response_type]
    response: dict[str, Any] = {
        "ResponseTemplates": {"application/json": _body(status, entry["code"])},
        "ResponseParameters": {"Headers": _headers(entry, allow_origin)},
    }
    # A status on DEFAULT_4XX would replace every 4xx status of the gateway and of the application.
    return response | ({"StatusCode": entry["status"]} if "status" in entry else {})


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


def _headers(entry: dict[str, Any], allow_origin: str) -> dict[str, str]:
    headers = {
        "Content-Type": "'application/problem+json'",
        "Content-Language": "'ko'",
        "Cache-Control": "'no-store'",
        "Access-Control-Allow-Origin": f"'{allow_origin}'",
        "Access-Control-Expose-Headers": "'ETag, Retry-After, X-Request-Id'",
        "X-Request-Id": "context.requestId",
    }
    if "retry_after" in entry:
        headers["Retry-After"] = f"'{entry['retry_after']}'"
    if entry.get("status") == _UNAUTHORIZED:
        headers["WWW-Authenticate"] = "'Bearer'"
    return headers
