"""Read the YAML files of this folder, including CloudFormation's short forms (`!Ref`, `!Sub`, `!GetAtt`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

INFRASTRUCTURE = Path(__file__).parent
PROJECT = INFRASTRUCTURE.parent

YamlMapping = dict[str, Any]

# The only short forms whose full form has no `Fn::` prefix.
_WITHOUT_PREFIX = frozenset(("Ref", "Condition"))


class _Loader(yaml.SafeLoader):
    """YAML's safe loader with CloudFormation's tags and our tag `!Shared`."""


class ConflictingValues(Exception):
    """Two files give different values for the same key."""


def read(path: Path) -> YamlMapping:
    """Return the content of a file; `!Shared name` is replaced by the value from `shared.yaml`."""
    return _parse(path) or {}


def read_shared() -> YamlMapping:
    """Return the values that several files use."""
    return _parse(INFRASTRUCTURE / "template" / "shared.yaml")


def merge(*mappings: YamlMapping, prefix: str = "") -> YamlMapping:
    """Merge mappings recursively.

    Raises:
        ConflictingValues: two of them give the same key.
    """
    merged: YamlMapping = {}
    for mapping in mappings:
        for key, value in mapping.items():
            if isinstance(merged.get(key), dict) and isinstance(value, dict):
                merged[key] = merge(merged[key], value, prefix=f"{prefix}{key}.")
            elif key in merged:
                raise ConflictingValues(f"{prefix}{key}")
            else:
                merged[key] = value
    return merged


def _parse(path: Path) -> YamlMapping:
    mapping: YamlMapping = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 (a SafeLoader)
    return mapping


def _construct_tag(loader: _Loader, tag: str, node: yaml.Node) -> Any:
    value = _construct_value(loader, node)
    if tag == "Shared":
        return read_shared()[value]
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in _WITHOUT_PREFIX else f"Fn::{tag}": value}


def _construct_value(loader: _Loader, node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    return node.value


_Loader.add_multi_constructor("!", _construct_tag)
