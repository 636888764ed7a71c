"""Reading the YAML of this folder, with CloudFormation's short forms (`!Ref`, `!Sub`, `!GetAtt`, …)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

INFRASTRUCTURE = Path(__file__).parent
PROJECT = INFRASTRUCTURE.parent

YamlMapping = dict[str, Any]

# Written in full they are `Fn::…`, but for these.
_PLAIN = frozenset(("Ref", "Condition"))


class _Loader(yaml.SafeLoader):
    """YAML's safe loader, knowing CloudFormation's tags and `!Shared`."""


class ConflictingValues(Exception):
    """Two files say different things in the same place."""


def read(path: Path) -> YamlMapping:
    """A file's document, with the values of `shared.yaml` where it says `!Shared name`."""
    return _parse(path) or {}


def shared() -> YamlMapping:
    """What more than one file needs to say."""
    return _parse(INFRASTRUCTURE / "template" / "shared.yaml")


def merge(*documents: YamlMapping, place: str = "") -> YamlMapping:
    """Documents as one: their maps joined, level by level.

    Raises:
        ConflictingValues: two of them give the same key.
    """
    whole: YamlMapping = {}
    for document in documents:
        for key, value in document.items():
            if isinstance(whole.get(key), dict) and isinstance(value, dict):
                whole[key] = merge(whole[key], value, place=f"{place}{key}.")
            elif key in whole:
                raise ConflictingValues(f"{place}{key}")
            else:
                whole[key] = value
    return whole


def _parse(path: Path) -> YamlMapping:
    # The loader is a SafeLoader.
    document: YamlMapping = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506
    return document


def _intrinsic(loader: _Loader, tag: str, node: yaml.Node) -> Any:
    value = _value(loader, node)
    if tag == "Shared":
        return shared()[value]
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in _PLAIN else f"Fn::{tag}": value}


def _value(loader: _Loader, node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    return node.value


_Loader.add_multi_constructor("!", _intrinsic)
