"""Route registration, and the one wrapper around every route.

The wrapper identifies the caller, validates the request, calls the view, writes the reply or the problem, and logs one
line.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import UnionType
from typing import Any, TypeVar

from chalice.app import Authorizer, Chalice, CORSConfig, Request, Response
from pydantic import BaseModel

from chalicelib import deadline, errors
from chalicelib.api import identity, reply
from chalicelib.api.request import (
    Limits,
    check_storable,
    json_body,
    language,
    query_of,
    raw_body,
    remaining_s,
    request_id,
    validate,
)
from chalicelib.domain import Caller
from chalicelib.observability import LogContext, log_context, log_failure, logger, user_hash
from chalicelib.services import idempotency

_MAX_KEY_LENGTH = 64
_DEFAULT_LIMITS = Limits()
View = Callable[[Any, Any], BaseModel]
V = TypeVar("V", bound=View)


@dataclass(frozen=True, slots=True)
class Operation:
    """A method of a path: its request and reply models, its view and its options.

    ``quota`` names the counter that limits a user's requests per minute. Operations with the same name share it. The
    name is stored in ``request_counts.route``, and users see it in their export.
    """

    method: str
    path: str
    view: View
    takes: type[BaseModel]
    gives: type[BaseModel] | UnionType
    status: int = 200
    public: bool = False
    limits: Limits = _DEFAULT_LIMITS
    name: str | None = None
    quota: str | None = None

    @property
    def operation_id(self) -> str:
        """The ``operationId`` of the OpenAPI document: ``name``, or the view function's name."""
        return self.name or self.view.__name__

    @property
    def reads(self) -> bool:
        """Return whether the operation reads: it takes its fields from the query, and its reply has an ETag."""
        return self.method == "GET"


class Endpoints:
    """Registers a Chalice app's routes, each behind the same wrapper.

    A view gets the caller (None on a public route without a token) and the validated request. It returns the reply's
    model.
    """

    def __init__(self, app: Chalice, cors: CORSConfig, authorizer: Authorizer | None) -> None:
        """Register the routes of ``app``. A stage without a gateway has no ``authorizer``."""
        self._app = app
        self._cors = cors
        self._authorizer = authorizer
        self.operations: list[Operation] = []

    def get(
        self, path: str, *, takes: type[BaseModel], gives: type[BaseModel], public: bool = False
    ) -> Callable[[V], V]:
        """Register a route that reads."""
        return lambda view: self._register(Operation("GET", path, view, takes, gives, public=public), view)

    def post(  # noqa: PLR0913 (a route's options, all by keyword)
        self,
        path: str,
        *,
        takes: type[BaseModel],
        gives: type[BaseModel] | UnionType,
        status: int = 200,
        limits: Limits = _DEFAULT_LIMITS,
        name: str | None = None,
        quota: str | None = None,
    ) -> Callable[[V], V]:
        """Register a route that creates or analyses."""
        return lambda view: self._register(
            Operation("POST", path, view, takes, gives, status, limits=limits, name=name, quota=quota), view
        )

    def put(
        self, path: str, *, takes: type[BaseModel], gives: type[BaseModel], quota: str | None = None
    ) -> Callable[[V], V]:
        """Register a route that changes."""
        return lambda view: self._register(Operation("PUT", path, view, takes, gives, quota=quota), view)

    def delete(self, path: str, *, takes: type[BaseModel], gives: type[BaseModel]) -> Callable[[V], V]:
        """Register a route that erases."""
        return lambda view: self._register(Operation("DELETE", path, view, takes, gives), view)

    def _register(self, operation: Operation, view: V) -> V:
        self.operations.append(operation)
        route = self._app.route(
            operation.path,
            methods=[operation.method],
            cors=self._cors,
            authorizer=None if operation.public else self._authorizer,
            content_types=[],  # checked in json_body, so that the reply is a problem
            name=f"{operation.method} {operation.path}",
        )
        route(lambda: _respond(operation, self._current_request()))
        return view

    def _current_request(self) -> Request:
        request = self._app.current_request
        if request is None:
            raise RuntimeError("a view was called outside a request")
        return request

    def handle_response(self, request: Request, handle: Callable[[Request], Response]) -> Response:
        """Chalice middleware: turn the framework's 405 into a problem, and add the security headers to every reply."""
        response = handle(request)
        if response.status_code == 405:  # noqa: PLR2004 (the only refusal that routes leave to Chalice)
            allowed = tuple(self._app.routes[request.path])
            response = reply.failure(errors.MethodNotAllowed(allowed), language(request), request_id(request))
            response.headers |= self._cors.get_access_control_headers()
        response.headers |= reply.SECURITY_HEADERS
        return response


def _respond(operation: Operation, request: Request) -> Response:
    started = time.perf_counter()
    id_ = request_id(request)
    context = LogContext()
    context_token = log_context.set(context)
    deadline_token = deadline.start(remaining_s(request))
    caller: Caller | None = None
    try:
        caller = _identify_caller(operation, request)
        response = _run_view(operation, request, caller)
    except Exception as error:  # noqa: BLE001 (the outermost handler: every failure becomes a problem reply)
        response = reply.failure(error, language(request), id_)
        _log_failure(error, id_)
    finally:
        log_context.reset(context_token)
        deadline.reset(deadline_token)
    response.headers["X-Request-Id"] = id_
    logger().info(
        "request",
        request_id=id_,
        user=user_hash(caller.user_id) if caller else None,
        method=operation.method,
        route=operation.path,
        status=response.status_code,
        duration_ms=round((time.perf_counter() - started) * 1000, 1),
        **context.line(),
    )
    return response


def _identify_caller(operation: Operation, request: Request) -> Caller | None:
    header = request.headers.get("authorization")
    if operation.public and not header:
        return None
    if operation.public:  # the gateway has no authorizer here, so a token is verified by this code
        user = identity.verify(identity.bearer_token(header))
    else:
        user = identity.identify(request.headers, request.context)
    return Caller(user.user_id, user.email, datetime.now(UTC), user.issued_at, operation.quota)


def _run_view(operation: Operation, request: Request, caller: Caller | None) -> Response:
    body = _answer_body(operation, request, caller, _validate_request(operation, request, caller))
    if operation.reads:
        return reply.cacheable(body, operation.status, request.headers.get("if-none-match", ""))
    return reply.success(body, operation.status)


def _validate_request(operation: Operation, request: Request, caller: Caller | None) -> BaseModel:
    fields = query_of(request)
    if not operation.reads:
        fields |= json_body(request, operation.limits)
    if caller and fields.get("user_id", caller.user_id) != caller.user_id:
        raise errors.Forbidden("user_mismatch")
    check_storable(fields)
    return validate(operation.takes, fields, strict=not operation.reads)


def _answer_body(operation: Operation, request: Request, caller: Caller | None, validated: BaseModel) -> str:
    """Return the reply's body: the view's, or the stored one of an earlier request with the same Idempotency-Key."""

    def call_view() -> str:
        return operation.view(caller, validated).model_dump_json(by_alias=True)

    key = request.headers.get("idempotency-key") if operation.method == "POST" else None
    if key is None or caller is None:
        return call_view()
    if not 0 < len(key) <= _MAX_KEY_LENGTH:
        raise errors.Invalid(errors.Fault("Idempotency-Key", "string_too_long", {"max_length": _MAX_KEY_LENGTH}))
    check_storable({"Idempotency-Key": key})
    request_line = f"{operation.method} {operation.path}\n".encode()
    return idempotency.answer_once(caller, key, request_line + raw_body(request), call_view)


def _log_failure(error: Exception, request_id: str) -> None:
    """Log a refusal with its code, and any other error with its type and place."""
    if isinstance(error, errors.LoveQError):
        logger().info("refused", request_id=request_id, code=error.code)
    else:
        log_failure(error, request_id=request_id)
