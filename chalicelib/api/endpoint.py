"""The one way from an HTTP request to a service and back.

Every route goes through ``Endpoints``: who asks, what is asked (validated by a
pydantic model), what is answered, and what a log line says of it.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import UnionType
from typing import Any, NoReturn, TypeVar

from chalice.app import Authorizer, Chalice, CORSConfig, Request, Response
from pydantic import BaseModel, ValidationError

from chalicelib import deadline, errors
from chalicelib.api import identity
from chalicelib.api.problems import Language, invalid, preferred_language, problem
from chalicelib.domain import Caller
from chalicelib.observability import LogContext, log_context, log_failure, logger, user_hash
from chalicelib.services import idempotency

JSON = "application/json"
MAX_BODY = 1024 * 1024
MAX_KEY = 64
# What comes from here is data: nobody may run, frame or guess the type of it, or ask for it unencrypted.
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}
# Deeper than any request needs, and far from what a stack holds.
MAX_DEPTH = 32
MS = 1000
# Floats hold every integer below this one.
EXACT_INTEGERS = 2**53
View = Callable[[Any, Any], BaseModel]
V = TypeVar("V", bound=View)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a body may weigh in bytes, and the code a client gets for more."""

    max_body: int = MAX_BODY
    too_large: str = "too_large"


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Operation:
    """A route and a method: what it takes and gives, and the code behind it."""

    method: str
    path: str
    view: View
    takes: type[BaseModel]
    gives: type[BaseModel] | UnionType
    status: int = 200
    public: bool = False
    limits: Limits = DEFAULT_LIMITS
    name: str | None = None

    @property
    def operation_id(self) -> str:
        """The ``operationId`` of the OpenAPI document: ``name``, or the view function's name."""
        return self.name or self.view.__name__


class Endpoints:
    """Registers a Chalice app's routes, each behind the same wrapper.

    A view is called with the caller (None on a public route without a token)
    and the validated request, and returns a model of the reply.
    """

    def __init__(self, app: Chalice, cors: CORSConfig, authorizer: Authorizer | None) -> None:
        """Serve ``app``'s routes behind ``authorizer``, where the stage has one."""
        self._app = app
        self._cors = cors
        self._authorizer = authorizer
        self.operations: list[Operation] = []

    def get(
        self, path: str, *, takes: type[BaseModel], gives: type[BaseModel], public: bool = False
    ) -> Callable[[V], V]:
        """Register a reading route."""
        return lambda view: self._register(Operation("GET", path, view, takes, gives, public=public), view)

    def post(  # noqa: PLR0913 (a route's options, all by keyword)
        self,
        path: str,
        *,
        takes: type[BaseModel],
        gives: type[BaseModel] | UnionType,
        status: int = 200,
        limits: Limits = DEFAULT_LIMITS,
        name: str | None = None,
    ) -> Callable[[V], V]:
        """Register a route that makes or analyses something."""
        return lambda view: self._register(
            Operation("POST", path, view, takes, gives, status, limits=limits, name=name), view
        )

    def put(self, path: str, *, takes: type[BaseModel], gives: type[BaseModel]) -> Callable[[V], V]:
        """Register a changing route."""
        return lambda view: self._register(Operation("PUT", path, view, takes, gives), view)

    def delete(self, path: str, *, takes: type[BaseModel], gives: type[BaseModel]) -> Callable[[V], V]:
        """Register an erasing route."""
        return lambda view: self._register(Operation("DELETE", path, view, takes, gives), view)

    def _register(self, operation: Operation, view: V) -> V:
        self.operations.append(operation)
        route = self._app.route(
            operation.path,
            methods=[operation.method],
            cors=self._cors,
            authorizer=None if operation.public else self._authorizer,
            content_types=[],  # checked below, so that the answer is a problem
            name=f"{operation.method} {operation.path}",
        )
        route(lambda: self._answer(operation, self._request()))
        return view

    def _request(self) -> Request:
        request = self._app.current_request
        if request is None:
            raise RuntimeError("a view was called outside a request")
        return request

    def reshape(self, request: Request, handle: Callable[[Request], Response]) -> Response:
        """Chalice middleware: turns the framework's own refusals into problems, and gives every reply its headers."""
        response = self._reshaped(request, handle(request))
        response.headers |= SECURITY_HEADERS
        return response

    def _reshaped(self, request: Request, response: Response) -> Response:
        if response.status_code == 405:  # noqa: PLR2004 (the one refusal a route leaves to Chalice)
            allowed = tuple(self._app.routes[request.path])
            refused = _problem(errors.MethodNotAllowed(allowed), _language(request), _request_id(request))
            refused.headers |= self._cors.get_access_control_headers()
            return refused
        return response

    def _answer(self, operation: Operation, request: Request) -> Response:
        started = time.perf_counter()
        request_id = _request_id(request)
        done = LogContext()
        token = log_context.set(done)
        waits = deadline.start(_remaining_s(request))
        caller: Caller | None = None
        try:
            caller = _caller(operation, request)
            validated = _validated(operation, request, caller)
            response = _reply(operation, request, _answered(operation, request, caller, validated))
        except Exception as error:  # noqa: BLE001 (the edge: whatever happens, the client gets a problem)
            response = _problem(error, _language(request), request_id)
            _log_failure(error, request_id)
        finally:
            log_context.reset(token)
            deadline.reset(waits)
        response.headers["X-Request-Id"] = request_id
        logger().info(
            "request",
            request_id=request_id,
            user=user_hash(caller.user_id) if caller else None,
            method=operation.method,
            route=operation.path,
            status=response.status_code,
            duration_ms=round((time.perf_counter() - started) * 1000, 1),
            **done.line(),
        )
        return response


def _caller(operation: Operation, request: Request) -> Caller | None:
    header = request.headers.get("authorization")
    if operation.public and not header:
        return None
    if operation.public:  # the gateway asks nobody there, so a token that comes along is verified here
        who = identity.verify(identity.bearer_token(header))
    else:
        who = identity.of_request(request.headers, request.context)
    return Caller(who.user_id, who.email, datetime.now(UTC), who.issued_at)


def _validated(operation: Operation, request: Request, caller: Caller | None) -> BaseModel:
    query = dict(request.query_params or {})
    given: dict[str, Any] = query if operation.method == "GET" else query | _body(operation, request)
    if caller and given.get("user_id", caller.user_id) != caller.user_id:
        raise errors.Forbidden("user_mismatch")
    _refuse_unstorable(given)
    try:
        return operation.takes.model_validate(given, strict=operation.method != "GET")
    except ValidationError as error:
        raise invalid(error) from error


def _body(operation: Operation, request: Request) -> dict[str, Any]:
    raw = _raw(request)
    if len(raw) > operation.limits.max_body:
        raise errors.TooLarge(operation.limits.too_large)
    if not raw and operation.method == "DELETE":
        return {}
    media_type = request.headers.get("content-type", JSON).split(";")[0].strip().lower()
    if media_type != JSON:
        raise errors.UnsupportedMediaType
    try:
        body = json.loads(raw, parse_float=_number, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise errors.UnreadableBody from error
    if not isinstance(body, dict):
        raise errors.Invalid(errors.Fault("", "dict_type"))
    return body


def _number(text: str) -> float:
    """A JSON number with a point or an exponent; 36.0 is the integer 36, as JSON Schema has it."""
    number = float(text)
    if math.isinf(number):
        _no_number(text)
    return int(number) if number.is_integer() and abs(number) < EXACT_INTEGERS else number


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"no JSON number: {len(text)} characters")


def _raw(request: Request) -> bytes:
    raw = request.raw_body or b""
    return raw if isinstance(raw, bytes) else raw.encode()


def _refuse_unstorable(given: Mapping[str, Any]) -> None:
    for name, value in given.items():
        try:
            storable = all(map(_storable, _strings(value, MAX_DEPTH)))
        except RecursionError as error:
            raise errors.Invalid(errors.Fault(name, "too_deep", {"depth": MAX_DEPTH})) from error
        if not storable:
            raise errors.Invalid(errors.Fault(name, "unstorable_text"))


def _strings(value: Any, depth: int) -> Iterator[str]:
    """Every text in a JSON value.

    Raises:
        RecursionError: it is nested deeper than ``depth``.
    """
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        if depth == 0:
            raise RecursionError
        for item in (*value, *value.values()) if isinstance(value, Mapping) else value:
            yield from _strings(item, depth - 1)


def _storable(text: str) -> bool:
    """Whether PostgreSQL stores a text as it is; refusing beats changing what was said."""
    try:
        return "\0" not in text and bool(text.encode() or True)
    except UnicodeEncodeError:
        return False


def _answered(operation: Operation, request: Request, caller: Caller | None, validated: BaseModel) -> str:
    """The body of the answer: the view's, or the first one given to a request with the same Idempotency-Key."""

    def answer() -> str:
        return operation.view(caller, validated).model_dump_json(by_alias=True)

    key = request.headers.get("idempotency-key") if operation.method == "POST" else None
    if key is None or caller is None:
        return answer()
    if not 0 < len(key) <= MAX_KEY:
        raise errors.Invalid(errors.Fault("Idempotency-Key", "string_too_long", {"max_length": MAX_KEY}))
    _refuse_unstorable({"Idempotency-Key": key})
    request_line = f"{operation.method} {operation.path}\n".encode()
    return idempotency.answer_once(caller, key, request_line + _raw(request), answer)


def _reply(operation: Operation, request: Request, body: str) -> Response:
    if operation.method != "GET":
        return Response(body, {"Content-Type": JSON, "Cache-Control": "no-store"}, operation.status)
    etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    headers: dict[str, Any] = {"ETag": etag, "Cache-Control": "private, no-cache"}
    seen = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if etag in seen:
        return Response("", headers, 304)
    return Response(body, headers | {"Content-Type": JSON}, operation.status)


def _problem(error: Exception, language: Language, request_id: str) -> Response:
    found = problem(error, language, request_id)
    headers: dict[str, Any] = {
        "Content-Type": "application/problem+json",
        "Content-Language": language,
        "Cache-Control": "no-store",
        **found.headers,
    }
    return Response(json.dumps(found.body, ensure_ascii=False), headers, found.status)


def _log_failure(error: Exception, request_id: str) -> None:
    """Log a refusal by its code, and any other error by its type and place."""
    if isinstance(error, errors.LoveQError):
        logger().info("refused", request_id=request_id, code=error.code)
        return
    log_failure(error, request_id=request_id)


def _language(request: Request) -> Language:
    return preferred_language(request.headers.get("accept-language"))


def _remaining_s(request: Request) -> float:
    """How long the Lambda may still run."""
    context: Any = request.lambda_context
    return float(context.get_remaining_time_in_millis()) / MS


def _request_id(request: Request) -> str:
    return str(request.context.get("requestId") or uuid.uuid4())
