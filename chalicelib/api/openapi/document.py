"""Build the OpenAPI document from the routes.

``operations.json`` has the texts and examples of each operation, ``components.json`` the shared parameters and headers
and the texts of errors. ``ERRORS`` says which operations can reply with which error.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import get_args

from pydantic import BaseModel

from chalicelib import errors
from chalicelib.api.endpoint import Operation
from chalicelib.api.openapi.json_schemas import Json, Refs, require_one_of, schema_of, schemas_of, without_null
from chalicelib.api.problems import Problem, error_codes, to_problem
from chalicelib.api.reply import PROBLEM_JSON
from chalicelib.api.request import JSON
from chalicelib.data_files import Data, load
from chalicelib.settings import settings

_REQUEST_ID = "0d8f3f3e-2f4c-4c0a-9a39-0a1f5a1c7b52"


class OperationTexts(Data, frozen=True):
    """The texts and examples of one operation.

    ``one_of`` lists groups of fields that the request model's validator asks for: at least one group must be complete.
    """

    tag: str
    summary: str
    description: str
    request_example: Json | None
    response_example: Json
    one_of: tuple[tuple[str, ...], ...] = ()


class Header(Data, frozen=True):
    """A header of replies. The same ``name`` can have several descriptions, such as ``Cache-Control``."""

    name: str
    description: str
    schema: Json


class Components(Data, frozen=True):
    """The parts of the document that operations share. ``errors`` has descriptions by the names of ``ERRORS``."""

    info: Json
    security_schemes: Json
    parameters: dict[str, Json]
    headers: dict[str, Header]
    errors: dict[str, str]


@cache
def operation_texts() -> dict[str, OperationTexts]:
    """Return the texts of every operation by ``operationId``."""
    return load(Path(__file__).with_name("operations.json"), dict[str, OperationTexts])


@cache
def _components() -> Components:
    return load(Path(__file__).with_name("components.json"), Components)


# Errors


@dataclass(frozen=True, slots=True)
class ErrorReply:
    """An error reply: an example of the error, and the operations that can reply with it."""

    name: str
    error: errors.LoveQError
    applies: Callable[[Operation], bool]

    @property
    def example(self) -> Problem:
        """The reply in Korean."""
        return to_problem(self.error, "ko", _REQUEST_ID)


def _any(_operation: Operation) -> bool:
    return True


def _writes(operation: Operation) -> bool:
    return not operation.reads


def _takes_id(operation: Operation) -> bool:
    return '"format": "uuid"' in json.dumps(schema_of(operation.takes))


def _has_quota(operation: Operation) -> bool:
    return operation.quota is not None


ERRORS = (
    ErrorReply("UnreadableBody", errors.UnreadableBody(), _writes),
    ErrorReply("Unauthenticated", errors.Unauthenticated("token_missing"), _any),
    ErrorReply("Forbidden", errors.Forbidden("consent_required", missing=["terms"]), _any),
    ErrorReply("NotFound", errors.NotFound(), _takes_id),
    ErrorReply("Conflict", errors.Conflict(), _writes),
    ErrorReply("TooLarge", errors.TooLarge(), _writes),
    ErrorReply("UnsupportedMediaType", errors.UnsupportedMediaType(), _writes),
    ErrorReply("Invalid", errors.Invalid(errors.Fault("limit", "less_than_equal", {"le": 200})), _any),
    ErrorReply("LimitReached", errors.LimitReached("credits_used_up", 3600), _has_quota),
    ErrorReply("Unavailable", errors.Unavailable(), _any),
)


# The document


def build(operations: Sequence[Operation]) -> Json:
    """Return the OpenAPI document of ``operations``. It is built once: callers must not change it.

    Raises:
        KeyError: An operation is missing in ``operations.json``.
    """
    return _build(tuple(operations))


@cache
def _build(operations: tuple[Operation, ...]) -> Json:
    refs, schemas = schemas_of(
        (operation.takes for operation in operations if _takes_body(operation)),
        (model for operation in operations for model in _reply_models(operation)),
        error_codes(),
    )
    paths: dict[str, Json] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, refs)
        if groups := _texts(operation).one_of:
            require_one_of(schemas, _name(refs[operation.takes, "validation"]), groups)
    components = _components()
    return {
        "openapi": "3.1.0",
        "info": components.info | {"version": settings().version},
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(_texts(operation).tag for operation in operations)],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {error.name: _error_response(error) for error in ERRORS},
            "parameters": components.parameters,
            "headers": {
                name: {"description": header.description, "required": True, "schema": header.schema}
                for name, header in components.headers.items()
            },
            "securitySchemes": components.security_schemes,
        },
    }


def _name(reference: Json) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _texts(operation: Operation) -> OperationTexts:
    return operation_texts()[operation.operation_id]


def _takes_body(operation: Operation) -> bool:
    return not operation.reads and bool(operation.takes.model_fields)


def _reply_models(operation: Operation) -> tuple[type[BaseModel], ...]:
    return get_args(operation.gives) or (operation.gives,)


def _operation(operation: Operation, refs: Refs) -> Json:
    texts = _texts(operation)
    body = _request_body(operation, refs)
    return {
        "tags": [texts.tag],
        "operationId": operation.operation_id,
        "summary": texts.summary,
        "description": texts.description,
        # The token is optional on a public route.
        "security": [{}, {"bearerAuth": []}] if operation.public else [{"bearerAuth": []}],
        "parameters": [*_query_parameters(operation), *_common_parameters(operation)],
        **({"requestBody": body} if body else {}),
        "responses": _responses(operation, refs),
    }


# Requests


def _common_parameters(operation: Operation) -> list[Json]:
    names = ["AcceptLanguage"]
    if not operation.public:
        names.append("UserId")
    if operation.method == "POST":
        names.append("IdempotencyKey")
    if operation.reads:
        names.append("IfNoneMatch")
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _query_parameters(operation: Operation) -> list[Json]:
    schema = schema_of(operation.takes)
    fields = schema.get("properties", {})
    if operation.reads:
        required = schema.get("required", [])
        examples = _texts(operation).request_example or {}
        return [_query_parameter(name, fields[name], required, examples) for name in fields]
    if operation.method == "POST":
        return []
    return [
        {
            "name": name,
            "in": "query",
            "description": "Can be sent here instead of in the body.",
            "schema": without_null(field),
        }
        for name, field in fields.items()
        if field.get("format") == "uuid"
    ]


def _query_parameter(name: str, field: Json, required: Sequence[str], examples: Json) -> Json:
    schema = without_null(field)
    if (default := field.get("default")) is not None:
        schema["default"] = default
    parameter: Json = {"name": name, "in": "query", "required": name in required, "schema": schema}
    if "description" in schema:
        parameter["description"] = schema.pop("description")
    return parameter | ({"example": examples[name]} if name in examples else {})


def _request_body(operation: Operation, refs: Refs) -> Json | None:
    if not _takes_body(operation):
        return None
    return {
        "description": f"At most {operation.limits.max_body:,} bytes.",
        # Some proxies drop a DELETE's body, so its ids may be in the query.
        "required": operation.method != "DELETE",
        "content": {
            JSON: {
                "schema": refs[operation.takes, "validation"],
                "example": _texts(operation).request_example,
            }
        },
    }


# Replies


def _responses(operation: Operation, refs: Refs) -> Json:
    headers = _headers("ETag", "NoCache", "RequestId") if operation.reads else _headers("NoStore", "RequestId")
    responses: Json = {str(operation.status): _success(operation, refs, headers)}
    if operation.reads:
        responses["304"] = {"description": "The reply has not changed.", "headers": headers}
    for error in ERRORS:
        if error.applies(operation):
            responses[str(error.example.status)] = {"$ref": f"#/components/responses/{error.name}"}
    return responses


def _success(operation: Operation, refs: Refs, headers: Json) -> Json:
    models = _reply_models(operation)
    choices = [refs[model, "serialization"] for model in models]
    return {
        "description": " Or: ".join((model.__doc__ or model.__name__).splitlines()[0] for model in models),
        "headers": headers,
        "content": {
            JSON: {
                "schema": choices[0] if len(choices) == 1 else {"anyOf": choices},
                "example": _texts(operation).response_example,
            }
        },
    }


def _error_response(error: ErrorReply) -> Json:
    example = error.example
    own = [name for name, header in _components().headers.items() if header.name in example.headers]
    return {
        "description": _components().errors[error.name],
        "headers": _headers("NoStore", "ContentLanguage", "RequestId", *own),
        "content": {
            PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/ProblemReply"}, "example": example.body},
        },
    }


def _headers(*names: str) -> Json:
    headers = _components().headers
    return {headers[name].name: {"$ref": f"#/components/headers/{name}"} for name in names}
