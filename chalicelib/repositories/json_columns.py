"""Convert domain data to and from JSON text, for columns that hold whole documents."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")

_adapters: dict[Any, TypeAdapter[Any]] = {}


def dump(value: object, kind: Any = None) -> str | None:
    """Return ``value`` as JSON, None for None. ``kind`` is the type to encode, by default the class of ``value``."""
    if value is None:
        return None
    return _adapter(kind or type(value)).dump_json(value).decode()


def load(kind: type[T], document: str | None) -> T | None:
    """Return the value of type ``kind`` that ``document`` contains, None for None."""
    if document is None:
        return None
    value: T = _adapter(kind).validate_json(document)
    return value


def _adapter(kind: Any) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]
