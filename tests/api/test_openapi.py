"""The OpenAPI document is valid, complete, consistent with routes and models, and committed."""

from __future__ import annotations

import json
from copy import deepcopy
from http import HTTPStatus

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import TypeAdapter, ValidationError

from chalicelib.api.openapi.document import ERRORS, build, operation_texts
from chalicelib.api.problems import STATUSES
from local import openapi as program
from local.chalice_stage import PROJECT


@pytest.fixture(scope="session")
def operations(app):
    import app as project

    return project.api.operations


@pytest.fixture(scope="session")
def document(operations):
    return build(operations)


@pytest.fixture(scope="session")
def texts(operations):
    """The operations with their texts."""
    return [(operation, operation_texts()[operation.operation_id]) for operation in operations]


@pytest.fixture(scope="session")
def described(document):
    """Every operation of the document, by method and path."""
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def validator(document, schema):
    """Return a validator for a schema of the document."""
    return Draft202012Validator({**schema, "components": document["components"]}, format_checker=FormatChecker())


def test_operations_json_has_an_entry_for_each_operation_and_no_other(operations):
    names = [operation.operation_id for operation in operations]
    assert set(operation_texts()) == set(names)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", ["openapi.json", "docs/api.md"])
def test_the_committed_file_is_up_to_date(app, name):
    content = program.files()[PROJECT / name]
    assert (PROJECT / name).read_text(encoding="utf-8") == content, f"{name} is outdated: run `make openapi`"


def test_the_document_is_valid_openapi_3_1(document):
    assert document["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(deepcopy(document)).validate()


def test_the_document_has_every_route_of_the_app_and_no_other(app, described):
    routes = {(method, path) for path, methods in app.routes.items() for method in methods}
    assert set(described) == routes


def test_every_operation_has_texts(described, texts):
    for operation in described.values():
        assert operation["summary"]
        assert not operation["summary"].endswith(".")
        assert operation["description"].endswith(".")
        assert operation["tags"]
    for operation, text in texts:
        assert bool(operation.takes.model_fields) or text.request_example is None


def test_all_but_public_operations_need_a_token(operations, described):
    for operation in operations:
        needed = described[operation.method, operation.path]["security"]
        assert ({} in needed) == operation.public
        assert {"bearerAuth": []} in needed


def test_every_error_reply_is_a_problem_with_an_example(document, described):
    for operation in described.values():
        errors = {status: reply for status, reply in operation["responses"].items() if status >= "400"}
        assert {"401", "403", "422", "503"} <= set(errors)
        for status, reply in errors.items():
            response = document["components"]["responses"][reply["$ref"].rpartition("/")[2]]
            content = response["content"]["application/problem+json"]
            assert content["example"]["status"] == int(status)
            validator(document, content["schema"]).validate(content["example"])


def test_every_status_of_an_error_is_documented(document):
    """Except 405, which OpenAPI cannot express, and 500, which is a bug."""
    documented = {error.example.status for error in ERRORS}
    assert documented == set(STATUSES.values()) - {HTTPStatus.METHOD_NOT_ALLOWED}


def test_reads_have_an_etag_and_posts_an_idempotency_key(document, described):
    for (method, _), operation in described.items():
        success = next(iter(operation["responses"].values()))
        names = {parameter["$ref"].rpartition("/")[2] for parameter in operation["parameters"] if "$ref" in parameter}
        assert ("ETag" in success["headers"]) == ("304" in operation["responses"]) == (method == "GET")
        assert ("IdempotencyKey" in names) == (method == "POST")
        assert "X-Request-Id" in success["headers"]


def test_request_examples_are_valid(document, described, texts):
    for operation, text in texts:
        strict = operation.method != "GET"
        operation.takes.model_validate(text.request_example or {}, strict=strict)
        documented = described[operation.method, operation.path]
        if "requestBody" in documented:
            content = documented["requestBody"]["content"]["application/json"]
            validator(document, content["schema"]).validate(content["example"])


def test_response_examples_match_the_models(document, described, texts):
    """An example has every field of the model and no other."""
    for operation, text in texts:
        adapter = TypeAdapter(operation.gives)
        example = adapter.validate_json(json.dumps(text.response_example))
        assert contains(json.loads(adapter.dump_json(example, by_alias=True)), text.response_example)
        documented = described[operation.method, operation.path]["responses"][str(operation.status)]
        validator(document, documented["content"]["application/json"]["schema"]).validate(text.response_example)


def contains(whole, part):
    """Return whether the whole contains the part. Pydantic may read an example as the longer form of a union."""
    if isinstance(part, dict):
        return all(name in whole and contains(whole[name], value) for name, value in part.items())
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(contains, whole, part))
    return whole == part


def test_one_of_states_the_rules_of_the_models_validators(texts):
    for operation, text in texts:
        groups = text.one_of
        assert bool(groups) == bool(operation.takes.__pydantic_decorators__.model_validators), operation.path
        named = {name for group in groups for name in group}
        assert named <= set(operation.takes.model_fields)
        if groups:
            with pytest.raises(ValidationError):
                operation.takes.model_validate(
                    {name: value for name, value in text.request_example.items() if name not in named}
                )


def test_texts_lists_and_numbers_of_requests_have_limits(document, described):
    """Every limit of a request is in `openapi.json`."""
    schemas = document["components"]["schemas"]
    unlimited = []
    for operation in described.values():
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        if "schema" in content:
            unlimited += _unlimited(content["schema"], schemas, operation["operationId"])
        for parameter in operation["parameters"]:
            unlimited += _unlimited(parameter.get("schema", {}), schemas, parameter.get("name", ""))
    assert sorted(set(unlimited)) == []


def _unlimited(schema, schemas, where):
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _unlimited(schemas[name], schemas, name)
    if {"enum", "const", "pattern"} & set(schema):
        return []
    needed = {"string": {"maxLength"}, "array": {"maxItems"}, "integer": {"minimum", "maximum"}}
    needed["number"] = needed["integer"]
    places = [] if needed.get(schema.get("type"), set()) <= set(schema) else [where]
    for name, part in schema.get("properties", {}).items():
        places += _unlimited(part, schemas, f"{where}.{name}")
    for part in [*schema.get("anyOf", []), *schema.get("allOf", []), *([schema["items"]] if "items" in schema else [])]:
        places += _unlimited(part, schemas, where)
    return places
