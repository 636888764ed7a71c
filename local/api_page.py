"""The API for people: Markdown made from the OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

HEAD = """\
# The HTTP API

Generated from the routes by `make openapi`; `openapi.json` says the same to programs.

{about}

Every request but those marked *no token* carries `Authorization: Bearer <Cognito ID token>`. Bodies are JSON in
UTF-8. Times are ISO 8601 with an offset. In the tables, *null* beside a type means that the field may be null.
"""
LIMITS = {
    "minLength": "{} characters or more",
    "maxLength": "up to {} characters",
    "minimum": "from {}",
    "maximum": "to {}",
    "minItems": "{} items or more",
    "maxItems": "up to {} items",
    "format": "{}",
    "default": "default `{}`",
}


def page(document: Json) -> str:
    """`docs/api.md` for an OpenAPI document as `chalicelib.api.openapi` makes it."""
    return "\n".join(_lines(document)).rstrip() + "\n"


def _lines(document: Json) -> Iterator[str]:
    yield HEAD.format(about=document["info"]["description"])
    operations = list(_operations(document))
    for tag in document["tags"]:
        yield from _routes(tag["name"], [found for found in operations if tag["name"] in found["tags"]])
    yield from _errors(document)
    for operation in operations:
        yield from _operation(operation, document)
    yield from _shapes(document["components"]["schemas"])


def _operations(document: Json) -> Iterator[Json]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield operation | {"route": f"{method.upper()} {path}"}


def _routes(tag: str, operations: list[Json]) -> Iterator[str]:
    yield f"## {tag}\n"
    rows = [[f"[`{found['route']}`](#{_anchor(found['route'])})", _summary(found)] for found in operations]
    yield from _table(["route", "what it does"], rows)


def _summary(operation: Json) -> str:
    mark = " (*no token*)" if {} in operation["security"] else ""
    return f"{operation['summary']}{mark}"


def _errors(document: Json) -> Iterator[str]:
    yield "## Errors\n"
    yield "RFC 9457 problem details, `application/problem+json`: [ProblemReply](#problemreply).\n"
    responses = document["components"]["responses"].values()
    rows = [[str(_problem(found)["status"]), found["description"]] for found in responses]
    yield from _table(["status", "when"], rows)
    codes = document["components"]["schemas"]["ProblemReply"]["properties"]["code"]["examples"]
    yield f"`code` is one of {', '.join(f'`{code}`' for code in codes)}; more may come.\n"
    yield from _example("For example:", next(_problem(found) for found in responses if "errors" in _problem(found)))


def _problem(response: Json) -> Json:
    example: Json = response["content"]["application/problem+json"]["example"]
    return example


def _operation(operation: Json, document: Json) -> Iterator[str]:
    yield f"## {operation['route']}\n"
    yield f"{_summary(operation)}.\n"
    yield f"{operation['description']}\n"
    yield from _takes(operation, document)
    yield from _gives(operation)


def _takes(operation: Json, document: Json) -> Iterator[str]:
    parameters = [_resolved(found, document) for found in operation["parameters"]]
    yield "Takes:\n"
    rows = [
        [f"`{found['name']}`", found["in"], *_described(found["schema"], found.get("description"), found)]
        for found in parameters
    ]
    yield from _table(["name", "in", "type", "limits and meaning"], rows)
    if body := operation.get("requestBody"):
        content = body["content"]["application/json"]
        yield f"and in the body {_type(content['schema'])}. {body['description']}\n"
        yield from _example("Example:", content["example"])


def _resolved(parameter: Json, document: Json) -> Json:
    if "$ref" not in parameter:
        return parameter
    found: Json = document["components"]["parameters"][_name(parameter)]
    return found


def _gives(operation: Json) -> Iterator[str]:
    success, *others = operation["responses"]
    content = operation["responses"][success]["content"]["application/json"]
    others = [status for status in others if status != "304"]
    yield f"Gives {success} with {_type(content['schema'])}. Refuses with {', '.join(others)}.\n"
    yield from _example("Example:", content["example"])


def _shapes(schemas: Json) -> Iterator[str]:
    yield "# Shapes\n"
    for name, schema in schemas.items():
        yield f"## {name}\n"
        fields, *choices = schema.get("allOf", [schema])
        yield f"{fields.get('description', '')}\n"
        yield from _shape(fields)
        yield from _choices(choices)


def _shape(schema: Json) -> Iterator[str]:
    if "properties" not in schema:
        yield f"{_type(schema)}\n"
        return
    required = schema.get("required", [])
    rows = [
        [f"`{name}`", *_described(field, field.get("description"), {"required": name in required})]
        for name, field in schema["properties"].items()
    ]
    yield from _table(["field", "type", "limits and meaning"], rows)


def _choices(choices: list[Json]) -> Iterator[str]:
    for choice in choices:
        groups = [" with ".join(f"`{name}`" for name in group["required"]) for group in choice["anyOf"]]
        yield f"At least {', or '.join(groups)}.\n"


def _described(schema: Json, meaning: str | None, said: Json) -> tuple[str, str]:
    parts = ["required"] if said.get("required") else []
    parts += [_limit(key, found[key]) for found in _present(schema) for key in LIMITS if key in found]
    return _type(schema), ". ".join(filter(None, ["; ".join(parts), meaning]))


def _limit(key: str, value: Any) -> str:
    if key in ("minLength", "minItems") and value == 1:
        return "not empty"
    return LIMITS[key].format(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _present(schema: Json) -> list[Json]:
    """A schema and what it may be but null."""
    return [schema, *(choice for choice in schema.get("anyOf", []) if choice != {"type": "null"})]


def _type(schema: Json) -> str:
    if "$ref" in schema:
        return f"[{_name(schema)}](#{_anchor(_name(schema))})"
    if "anyOf" in schema:
        return " or ".join(_type(choice) for choice in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "items" in schema:
        return f"list of {_type(schema['items'])}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_type(schema['additionalProperties'])}"
    return str(schema.get("type", "anything"))


def _name(reference: Json) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _anchor(heading: str) -> str:
    """How GitHub names a heading."""
    return "".join(c for c in heading.lower().replace(" ", "-") if c.isalnum() or c in "-_")


def _table(head: list[str], rows: list[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|---" * len(head) + "|"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '&#124;').replace(chr(10), ' ') for cell in row)} |"
    yield ""


def _example(label: str, value: Any) -> Iterator[str]:
    yield f"{label}\n\n```json\n{json.dumps(value, ensure_ascii=False, indent=2)}\n```\n"
