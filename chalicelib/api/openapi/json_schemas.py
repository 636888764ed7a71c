"""JSON schemas of the request and reply models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.json_schema import (
    CoreRef,
    DefsRef,
    GenerateJsonSchema,
    JsonSchemaMode,
    JsonSchemaValue,
    models_json_schema,
)
from pydantic_core import core_schema

from chalicelib import domain
from chalicelib.api.schemas.common import Id, Timezone
from chalicelib.api.schemas.conversations import MAX_RESPONSE_CHARACTERS, OfferedResponse

Json = dict[str, Any]
Refs = Mapping[tuple[Any, JsonSchemaMode], JsonSchemaValue]

_REF_TEMPLATE = "#/components/schemas/{model}"


class ProblemReply(BaseModel):
    """An error as RFC 9457 problem details. `code` is stable; `detail` is a sentence for the user."""

    model_config = ConfigDict(title="Problem", extra="allow")

    type: str
    title: str
    status: int
    detail: str
    error: str = Field(description="Same as `detail`, for older clients.")
    code: str = Field(pattern="^[a-z0-9_]+$")
    request_id: str
    errors: list[FieldFault] = Field(default=[], description="Only with 422.")
    missing: list[Literal["age_over_14", "terms", "overseas_transfer"]] = Field(
        default=[], description="Only with `consent_required`."
    )


class FieldFault(BaseModel):
    """An invalid field, named by its dotted path, and the reason."""

    field: str
    message: str


def _path(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


# Schema names of domain types that are replies as they are. A client's code depends on these names.
_SCHEMA_NAMES = {
    _path(cls): name
    for cls, name in (
        (domain.Entity, "EntityReply"),
        (domain.Evidence, "EvidenceReply"),
        (domain.Interest, "InterestReply"),
        (domain.LineReport, "Report"),
        (domain.Participant, "ParticipantCount"),
        (domain.PartnerAnalysis, "PartnerAnalysisReply"),
        (domain.Recommendation, "RecommendationReply"),
        (domain.SuggestedReply, "ResponseReply"),
        (domain.ReplyType, "ResponseType"),
        (domain.Signal, "SignalReply"),
        (domain.Trait, "TraitReply"),
        (domain.TraitEvidence, "Evidence"),
    )
}


def _validator_of(annotation: Any) -> Callable[..., Any]:
    return next(check.func for check in annotation.__metadata__ if isinstance(check, AfterValidator))


# JSON schema of the types that a function validates. Pydantic's own schema does not know what the function checks.
_VALIDATED_TYPES: dict[Callable[..., Any], Json] = {
    _validator_of(Id): {"format": "uuid"},
    _validator_of(Timezone): {"format": "timezone", "description": "An IANA time zone.", "examples": ["Asia/Seoul"]},
    _validator_of(OfferedResponse): {"description": f"At most {MAX_RESPONSE_CHARACTERS:,} characters of JSON."},
}


class _Generator(GenerateJsonSchema):
    """Pydantic's generator, without a title for every field, and with the limits and formats that pydantic omits."""

    def get_defs_ref(self, core_mode_ref: tuple[CoreRef, JsonSchemaMode]) -> DefsRef:
        core_ref, mode = core_mode_ref
        path, _, object_id = core_ref.partition(":")
        return super().get_defs_ref((CoreRef(f"{_SCHEMA_NAMES.get(path, path)}:{object_id}"), mode))

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        cls = schema["cls"]
        return super().dataclass_schema(schema) | {"title": _SCHEMA_NAMES.get(_path(cls), cls.__name__)}

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 (pydantic's signature)
        return False

    def function_after_schema(self, schema: core_schema.AfterValidatorFunctionSchema) -> JsonSchemaValue:
        return {**super().function_after_schema(schema), **_VALIDATED_TYPES.get(schema["function"]["function"], {})}

    def generate_inner(self, schema: Any) -> JsonSchemaValue:
        # A function of ours serializes times, so pydantic would describe them as any string.
        if self.mode == "serialization" and schema["type"] == "datetime":
            return self.datetime_schema(schema)
        return super().generate_inner(schema)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        # A reply has every field. In a request, null as the default is the same as no field.
        if self.mode == "serialization" or schema.get("default") is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def field_is_required(self, field: Any, total: bool) -> bool:  # noqa: FBT001 (pydantic's signature)
        if self.mode == "serialization":
            return field.get("serialization_exclude_if") is None
        return super().field_is_required(field, total)


def schemas_of(
    requests: Iterable[type[BaseModel]], replies: Iterable[type[BaseModel]], error_codes: Iterable[str]
) -> tuple[Refs, Json]:
    """Return the references to the models, and ``components/schemas`` in alphabetical order."""
    models: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        (ProblemReply, "validation"),
        *((model, "validation") for model in requests),
        *((model, "serialization") for model in replies),
    ]
    refs, definitions = models_json_schema(
        list(dict.fromkeys(models)), ref_template=_REF_TEMPLATE, schema_generator=_Generator
    )
    schemas = dict(sorted(definitions["$defs"].items()))
    schemas["ResponseType"]["title"] = "ResponseType"  # pydantic writes the name of the class
    schemas["ProblemReply"]["properties"]["code"]["examples"] = sorted(error_codes)
    return refs, schemas


@cache
def schema_of(model: type[BaseModel]) -> Json:
    """Return the schema of one request model."""
    return model.model_json_schema(ref_template=_REF_TEMPLATE, schema_generator=_Generator)


def require_one_of(schemas: Json, name: str, groups: Iterable[Sequence[str]]) -> None:
    """Add to the schema ``name`` that all fields of at least one group must have a value."""
    fields = schemas[name]["properties"]
    choices = [
        {"type": "object", "required": [*group], "properties": {name: without_null(fields[name]) for name in group}}
        for group in groups
    ]
    schemas[name] = {"allOf": [schemas[name], {"anyOf": choices}]}


def without_null(schema: Json) -> Json:
    """Return the schema of a field that has a value."""
    rest = {name: value for name, value in schema.items() if name not in ("anyOf", "default")}
    choices = [choice for choice in schema.get("anyOf", []) if choice != {"type": "null"}]
    if len(choices) == 1:
        return {**choices[0], **rest}
    return {"anyOf": choices, **rest} if choices else rest
