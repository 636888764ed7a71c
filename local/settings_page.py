"""Write `docs/settings.md` from `chalicelib/settings.py`: `python -m local.settings_page`.

The descriptions are the strings below the fields. Python discards them when it compiles the module, so they cost
nothing in a cold start.
"""

from __future__ import annotations

import ast
import itertools
import json
import re
import textwrap
from pathlib import Path
from typing import Any, get_args

from annotated_types import Ge
from pydantic.fields import FieldInfo

from chalicelib import settings
from infrastructure import yaml_files
from local.chalice_stage import PROJECT

PATH = PROJECT / "docs" / "settings.md"
LOCAL_STACK = (PROJECT / "local" / "stack.py", PROJECT / "local" / "resources.py")
PARAMETERS = yaml_files.INFRASTRUCTURE / "template" / "parameters.yaml"
FUNCTIONS = yaml_files.INFRASTRUCTURE / "template" / "functions.yaml"
CHALICE_CONFIG = PROJECT / ".chalice" / "config.json"
TYPES = {str: "text", bool: "true or false", int: "whole number", float: "number"}

HEADING = """# Settings

`make docs` writes this page from `chalicelib/settings.py`.

A setting is an environment variable. An empty variable counts as unset. `ENVIRONMENT_FILE` names a JSON file with
further variables, which take precedence; stage `local` uses it for the addresses of the local stack.

The last column names the places that set a variable:

- **parameter**: a parameter of the CloudFormation template. Set it in `infrastructure/stages/<stage>.yaml` or once with
  `./deploy-backend.sh <stage> --set NAME=VALUE`.
- **template**: the CloudFormation template computes the value.
- **stage**: `environment_variables` of the stage in `.chalice/config.json`.
- **default**: nothing sets it, because the default suits every stage. Add it to `.chalice/config.json` to change it.

| variable | type | default | purpose | set by |
|---|---|---|---|---|
"""


def page() -> str:
    """Return the page."""
    descriptions, sources = _descriptions(), _sources()
    rows = [
        f"| `{name.upper()}` | {_type(field)} | {_default(field)} | {descriptions[name]} | {sources[name]} |\n"
        for name, field in settings.Settings.model_fields.items()
    ]
    return HEADING + "".join(rows)


def _descriptions() -> dict[str, str]:
    """Return the string below each field of the class, by the field's name.

    Raises:
        KeyError: a field has no description.
    """
    module = ast.parse(Path(settings.__file__).read_text(encoding="utf-8"))
    (body,) = [node.body for node in module.body if isinstance(node, ast.ClassDef) and node.name == "Settings"]
    texts = {}
    for field, text in itertools.pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            if not (isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)):
                raise KeyError(f"{field.target.id} has no description below it in {settings.__file__}")
            texts[field.target.id] = " ".join(textwrap.dedent(str(text.value.value)).split())
    return texts


def _type(field: FieldInfo) -> str:
    choices = get_args(field.annotation)
    if choices and all(isinstance(choice, str) for choice in choices):
        return ", ".join(f"`{choice}`" for choice in choices)
    name = next(TYPES[kind] for kind in (choices or (field.annotation,)) if kind in TYPES)
    minimum = next((item.ge for item in field.metadata if isinstance(item, Ge)), None)
    return name if minimum is None else f"{name} ≥ {minimum}"


def _default(field: FieldInfo) -> str:
    default = field.default
    if default is None:
        return "none"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _sources() -> dict[str, str]:
    """Return the places that set each setting."""
    variables = yaml_files.read(FUNCTIONS)["Globals"]["Function"]["Environment"]["Variables"]
    stages = _chalice_variables()
    local = {name for path in LOCAL_STACK for name in re.findall(r'"([A-Z_]+)":', path.read_text(encoding="utf-8"))}
    sources = {}
    for field in settings.Settings.model_fields:
        name = field.upper()
        places = [_template_source(variables[name])] if name in variables else []
        places += ["stage"] if name in stages else []
        # Lambda itself sets AWS_REGION; only tests replace the endpoints of the models.
        places += ["Lambda"] if name == "AWS_REGION" else []
        places += ["local stack"] if name in local else []
        places += ["tests"] if name.endswith("_ENDPOINT_URL") else []
        sources[field] = ", ".join(places) or "default"
    return sources


def _template_source(value: Any) -> str:
    """Return the parameter that a variable of the template refers to."""
    match value:
        case {"Ref": parameter} if parameter in yaml_files.read(PARAMETERS)["Parameters"]:
            return f"parameter `{parameter}`"
        case {"Fn::If": [_, {"Ref": parameter}, _]}:
            return f"parameter `{parameter}`, template"
        case _:
            return "template"


def _chalice_variables() -> set[str]:
    config = json.loads(CHALICE_CONFIG.read_text(encoding="utf-8"))
    return {name for stage in config["stages"].values() for name in stage["environment_variables"]}


def main() -> None:
    """Write the page."""
    PATH.write_text(page(), encoding="utf-8")
    print(f"{PATH.relative_to(PROJECT)} is up to date")


if __name__ == "__main__":
    main()
