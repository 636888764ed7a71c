"""OpenAPI 3.1, made from the routes as they are registered and the models behind them.

What code cannot say of an operation (its tag, sentences and examples) is in
``operations.json``, by the view function's name. Which operation can refuse
with which status is the table ``REFUSALS``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from chalicelib import errors
from chalicelib.api.endpoint import Operation
from chalicelib.api.problems import Problem, problem
from chalicelib.api.reply import PROBLEM_JSON
from chalicelib.api.request import JSON
from chalicelib.api.schemas.common import Id, Timezone
from chalicelib.api.schemas.conversations import MAX_RESPONSE_CHARACTERS, OfferedResponse
from chalicelib.settings import settings

Json = dict[str, Any]

LICENCE = {"name": "MIT", "identifier": "MIT"}
BEARER = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A Cognito ID token."}
REQUEST_ID = "0d8f3f3e-2f4c-4c0a-9a39-0a1f5a1c7b52"
ABOUT = (
    "Reads a KakaoTalk chat and offers three replies in the user's own voice.\n\n"
    "Unknown fields are ignored. Texts that hold NUL or a lone surrogate are refused with 422. "
    "A method that a path does not take is 405 with `Allow`; an unknown path is 404."
)


# Which operation can refuse with which status


@dataclass(frozen=True, slots=True)
class Refusal:
    """A way to refuse: an error as an example of it, when it is used, and of which operations."""

    name: str
    error: errors.LoveQError
    description: str
    applies: Callable[[Operation], bool]


def _every(_operation: Operation) -> bool:
    return True


def _writes(operation: Operation) -> bool:
    return operation.method != "GET"


def _names_something(operation: Operation) -> bool:
    return '"format": "uuid"' in json.dumps(_model_schema(operation.takes))


def _has_quota(operation: Operation) -> bool:
    return operation.quota is not None


REFUSALS = (
    Refusal("UnreadableBody", errors.UnreadableBody(), "The body is no JSON.", _writes),
    Refusal("Unauthenticated", errors.Unauthenticated("token_missing"), "No token, or a bad one.", _every),
    Refusal(
        "Forbidden",
        errors.Forbidden("consent_required", missing=["terms"]),
        "`user_mismatch`: the request names another user. `consent_required`: the consents in `missing` come first.",
        _every,
    ),
    Refusal("NotFound", errors.NotFound(), "There is no such thing, or it is another user's.", _names_something),
    Refusal(
        "Conflict",
        errors.Conflict(),
        "It was changed at the same time, or the Idempotency-Key was used with another body.",
        _writes,
    ),
    Refusal("TooLarge", errors.TooLarge(), "More was sent than this way of sending takes.", _writes),
    Refusal("UnsupportedMediaType", errors.UnsupportedMediaType(), "The body is not said to be JSON.", _writes),
    Refusal(
        "Invalid",
        errors.Invalid(errors.Fault("limit", "less_than_equal", {"le": 200})),
        "A value cannot be taken; `errors` names the fields.",
        _every,
    ),
    Refusal(
        "LimitReached",
        errors.LimitReached("credits_used_up", 3600),
        "Too often; come back after `Retry-After` seconds.",
        _has_quota,
    ),
    Refusal("Unavailable", errors.Unavailable(), "Something Love Q stands on is down.", _every),
)


class ProblemReply(BaseModel):
    """An error, as RFC 9457 has it. `code` is stable; `detail` is a sentence for the user."""

    model_config = ConfigDict(title="Problem", extra="allow")

    type: str
    title: str
    status: int
    detail: str
    error: str = Field(description="The same as `detail`, for older clients.")
    code: str = Field(pattern="^[a-z0-9_]+$")
    request_id: str
    errors: list[FieldFault] = Field(default=[], description="With 422.")
    missing: list[Literal["age_over_14", "terms", "overseas_transfer"]] = Field(
        default=[], description="With `consent_required`."
    )


class FieldFault(BaseModel):
    """What is wrong with a field, named by its dotted path."""

    field: str
    message: str


# The document


def document(operations: Sequence[Operation]) -> Json:
    """The OpenAPI document of ``operations``. It is made once; callers must not change it.

    Raises:
        KeyError: an operation has no entry in ``operations.json``.
    """
    return _document(tuple(operations))


@cache
def _document(operations: tuple[Operation, ...]) -> Json:
    refs, schemas = _schemas(operations)
    paths: dict[str, Json] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, refs)
        _require_one_of(operation, refs, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Love Q", "version": settings().version, "description": ABOUT, "license": LICENCE},
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(_entry(operation)["tag"] for operation in operations)],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {refusal.name: _refusal(refusal) for refusal in REFUSALS},
            "parameters": PARAMETERS,
            "headers": HEADERS,
            "securitySchemes": {"bearerAuth": BEARER},
        },
    }


@cache
def entries() -> dict[str, Json]:
    """What ``operations.json`` says, by operation id."""
    return _data("operations.json")


def _data(name: str) -> dict[str, Json]:
    found: dict[str, Json] = json.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))
    return found


def _entry(operation: Operation) -> Json:
    return entries()[operation.operation_id]


def _operation(operation: Operation, refs: Refs) -> Json:
    entry = _entry(operation)
    body = _request_body(operation, refs)
    return {
        "tags": [entry["tag"]],
        "operationId": operation.operation_id,
        "summary": entry["summary"],
        "description": entry["description"],
        # A public route knows its caller where a token is sent.
        "security": [{}, {"bearerAuth": []}] if operation.public else [{"bearerAuth": []}],
        "parameters": [*_fields_in_query(operation), *_common_parameters(operation)],
        **({"requestBody": body} if body else {}),
        "responses": _responses(operation, refs),
    }


# Schemas


Refs = Mapping[tuple[Any, JsonSchemaMode], JsonSchemaValue]


def _checked_by(annotation: Any) -> Callable[..., Any]:
    return next(check.func for check in annotation.__metadata__ if isinstance(check, AfterValidator))


# What a function checks, said in a schema's words.
CHECKED: dict[Callable[..., Any], Json] = {
    _checked_by(Id): {"format": "uuid"},
    _checked_by(Timezone): {"format": "timezone", "description": "An IANA time zone.", "examples": ["Asia/Seoul"]},
    _checked_by(OfferedResponse): {"description": f"At most {MAX_RESPONSE_CHARACTERS:,} characters of JSON."},
}


class _Schemas(GenerateJsonSchema):
    """Pydantic's schemas, without a title for every field and with what its own would leave out."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 (pydantic's signature)
        return False

    def function_after_schema(self, schema: core_schema.AfterValidatorFunctionSchema) -> JsonSchemaValue:
        return {**super().function_after_schema(schema), **CHECKED.get(schema["function"]["function"], {})}

    def generate_inner(self, schema: Any) -> JsonSchemaValue:
        # A time is written by a function of ours, which pydantic takes for any text.
        if self.mode == "serialization" and schema["type"] == "datetime":
            return self.datetime_schema(schema)
        return super().generate_inner(schema)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        # Replies say everything, and null by default is what leaving out means anyway.
        if self.mode == "serialization" or schema.get("default") is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def field_is_required(self, field: Any, total: bool) -> bool:
        if self.mode == "serialization":
            return field.get("serialization_exclude_if") is None
        return super().field_is_required(field, total)


def _schemas(operations: Sequence[Operation]) -> tuple[Refs, Json]:
    refs, found = models_json_schema(
        list(dict.fromkeys(_models(operations))),
        ref_template="#/components/schemas/{model}",
        schema_generator=_Schemas,
    )
    schemas = dict(sorted(found["$defs"].items()))
    schemas["ProblemReply"]["properties"]["code"]["examples"] = sorted(_data("problems.json"))
    return refs, schemas


def _models(operations: Sequence[Operation]) -> Iterator[tuple[type[BaseModel], JsonSchemaMode]]:
    yield ProblemReply, "validation"
    for operation in operations:
        if _takes_body(operation):
            yield operation.takes, "validation"
        yield from ((model, "serialization") for model in _alternatives(operation))


def _alternatives(operation: Operation) -> tuple[type[BaseModel], ...]:
    return get_args(operation.gives) or (operation.gives,)


def _takes_body(operation: Operation) -> bool:
    return _writes(operation) and bool(operation.takes.model_fields)


@cache
def _model_schema(model: type[BaseModel]) -> Json:
    return model.model_json_schema(ref_template="#/components/schemas/{model}", schema_generator=_Schemas)


def _require_one_of(operation: Operation, refs: Refs, schemas: Json) -> None:
    """Say which fields a model's own validator asks for: one of these groups, with a value."""
    groups = _entry(operation).get("one_of")
    if not groups:
        return
    name = refs[operation.takes, "validation"]["$ref"].rpartition("/")[2]
    fields = schemas[name]["properties"]
    choices = [
        {"type": "object", "required": group, "properties": {name: _without_null(fields[name]) for name in group}}
        for group in groups
    ]
    schemas[name] = {"allOf": [schemas[name], {"anyOf": choices}]}


def _without_null(schema: Json) -> Json:
    """A field's schema where the field has a value."""
    rest = {name: value for name, value in schema.items() if name not in ("anyOf", "default")}
    choices = [choice for choice in schema.get("anyOf", []) if choice != {"type": "null"}]
    if len(choices) == 1:
        return {**choices[0], **rest}
    return {"anyOf": choices, **rest} if choices else rest


# Requests


def _text(**limits: Any) -> Json:
    return {"type": "string", **limits}


def _parameter(name: str, where: str, description: str, schema: Json) -> Json:
    return {"name": name, "in": where, "description": description, "schema": schema}


PARAMETERS = {
    "AcceptLanguage": _parameter(
        "Accept-Language",
        "header",
        "English where it is named before Korean, else Korean.",
        _text(examples=["ko"]),
    ),
    "IdempotencyKey": _parameter(
        "Idempotency-Key",
        "header",
        "Kept a day: the same key and body give the first reply again, the same key with another body 409.",
        _text(minLength=1, maxLength=64),
    ),
    "IfNoneMatch": _parameter("If-None-Match", "header", "ETags already seen; 304 if one is still true.", _text()),
    "UserId": _parameter(
        "user_id", "query", "The caller's own id, as older clients send it; another's is 403.", _text(maxLength=128)
    ),
}


def _common_parameters(operation: Operation) -> list[Json]:
    names = ["AcceptLanguage"]
    if not operation.public:
        names.append("UserId")
    if operation.method == "POST":
        names.append("IdempotencyKey")
    if operation.method == "GET":
        names.append("IfNoneMatch")
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _fields_in_query(operation: Operation) -> list[Json]:
    schema = _model_schema(operation.takes)
    fields = schema.get("properties", {})
    if operation.method == "GET":
        required = schema.get("required", [])
        examples = _entry(operation).get("request_example") or {}
        return [_query_field(name, fields[name], required, examples) for name in fields]
    if operation.method == "POST":
        return []
    return [
        _parameter(name, "query", "May stand here instead of in the body.", _without_null(field))
        for name, field in fields.items()
        if field.get("format") == "uuid"
    ]


def _query_field(name: str, field: Json, required: Sequence[str], examples: Json) -> Json:
    schema = _without_null(field)
    if (default := field.get("default")) is not None:
        schema["default"] = default
    found: Json = {"name": name, "in": "query", "required": name in required, "schema": schema}
    if "description" in schema:
        found["description"] = schema.pop("description")
    return found | ({"example": examples[name]} if name in examples else {})


def _request_body(operation: Operation, refs: Refs) -> Json | None:
    if not _takes_body(operation):
        return None
    return {
        "description": f"At most {operation.limits.max_body:,} bytes.",
        # Some proxies drop a DELETE's body; its ids may come in the query.
        "required": operation.method != "DELETE",
        "content": {
            JSON: {
                "schema": refs[operation.takes, "validation"],
                "example": _entry(operation)["request_example"],
            }
        },
    }


# Replies


def _header(description: str, schema: Json) -> Json:
    return {"description": description, "required": True, "schema": schema}


HEADERS = {
    "ETag": _header("What `If-None-Match` takes.", _text()),
    "NoCache": _header("Kept by the client, and asked for again.", _text(const="private, no-cache")),
    "NoStore": _header("Never kept.", _text(const="no-store")),
    "ContentLanguage": _header("The language of `detail`.", _text(enum=["ko", "en"])),
    "RequestId": _header("Names the request in the log.", _text()),
    "RetryAfter": _header("Seconds.", {"type": "integer", "minimum": 0}),
    "Challenge": _header("How to sign in.", _text(const="Bearer")),
}
WIRE_NAMES = {
    "NoCache": "Cache-Control",
    "NoStore": "Cache-Control",
    "ContentLanguage": "Content-Language",
    "RequestId": "X-Request-Id",
    "RetryAfter": "Retry-After",
    "Challenge": "WWW-Authenticate",
}
OWN_HEADERS = {"Retry-After": "RetryAfter", "WWW-Authenticate": "Challenge"}


def _headers(*names: str) -> Json:
    return {WIRE_NAMES.get(name, name): {"$ref": f"#/components/headers/{name}"} for name in names}


def _responses(operation: Operation, refs: Refs) -> Json:
    reads = operation.method == "GET"
    headers = _headers("ETag", "NoCache", "RequestId") if reads else _headers("NoStore", "RequestId")
    replies: Json = {str(operation.status): _success(operation, refs, headers)}
    if reads:
        replies["304"] = {"description": "It has not changed.", "headers": headers}
    for refusal in REFUSALS:
        if refusal.applies(operation):
            replies[str(_example(refusal).status)] = {"$ref": f"#/components/responses/{refusal.name}"}
    return replies


def _success(operation: Operation, refs: Refs, headers: Json) -> Json:
    models = _alternatives(operation)
    choices = [refs[model, "serialization"] for model in models]
    return {
        "description": " Or: ".join((model.__doc__ or model.__name__).splitlines()[0] for model in models),
        "headers": headers,
        "content": {
            JSON: {
                "schema": choices[0] if len(choices) == 1 else {"anyOf": choices},
                "example": _entry(operation)["response_example"],
            }
        },
    }


def _refusal(refusal: Refusal) -> Json:
    example = _example(refusal)
    own = [OWN_HEADERS[name] for name in example.headers]
    return {
        "description": refusal.description,
        "headers": _headers("NoStore", "ContentLanguage", "RequestId", *own),
        "content": {
            PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/ProblemReply"}, "example": example.body},
        },
    }


def _example(refusal: Refusal) -> Problem:
    return problem(refusal.error, "ko", REQUEST_ID)
