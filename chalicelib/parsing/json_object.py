"""A JSON object of any size, whose fields are read one by one, each in the shape that is asked for.

What a shape leaves out is passed over without being made, which takes less than
half of the time that all of it takes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import msgspec

# Exports come from programs that are no stricter than Python.
_TELEGRAM_HEX_ESCAPE = r"\x"  # Telegram escapes control characters in a way that JSON does not know.
_LONE_SURROGATES = re.compile("[\ud800-\udfff]")  # Half of a surrogate pair is no character.
REPLACEMENT_CHARACTER = "\ufffd"

# What a list may hold where it should hold objects.
NonObject = str | int | float | bool | list[Any] | None
_Fields = dict[str, msgspec.Raw]
_FIELDS = msgspec.json.Decoder(_Fields)
_OBJECTS = msgspec.json.Decoder(list[_Fields | NonObject])
_STRING = msgspec.json.Decoder(str)
T = TypeVar("T")


class JsonObject:
    """The fields of a JSON object. What is read of one is kept, since several formats ask."""

    def __init__(self, fields: _Fields) -> None:
        """Take the fields as they are written."""
        self._fields = fields
        self._values: dict[tuple[str, Hashable], Any] = {}

    def __contains__(self, name: str) -> bool:
        """Whether there is a field of this name."""
        return name in self._fields

    def read(self, name: str, shape: msgspec.json.Decoder[T]) -> T | None:
        """A field's value; None when there is none, or it is of another shape."""
        return self._once(name, shape, lambda: _decode(self._fields[name], shape)) if name in self._fields else None

    def string(self, name: str) -> str | None:
        """A field that is a string."""
        return self.read(name, _STRING)

    def object(self, name: str) -> JsonObject | None:
        """A field that is an object itself."""
        fields = self.read(name, _FIELDS)
        return None if fields is None else self._once(name, JsonObject, lambda: JsonObject(fields))

    def objects(self, name: str) -> list[JsonObject]:
        """The objects in a field that is a list."""
        found = self.read(name, _OBJECTS) or ()
        return self._once(name, list, lambda: [JsonObject(fields) for fields in found if isinstance(fields, dict)])

    def _once(self, name: str, shape: Hashable, make: Callable[[], T]) -> T:
        if (name, shape) not in self._values:
            self._values[name, shape] = make()
        value: T = self._values[name, shape]
        return value


def parse(text: str) -> JsonObject:
    """The object in a text; one without fields when it is none, or nested deeper than any export."""
    return JsonObject(_decode(text, _FIELDS) or _decode(_to_standard_json(text), _FIELDS) or {})


def _decode(text: str | msgspec.Raw, shape: msgspec.json.Decoder[T]) -> T | None:
    try:
        return shape.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None


def _to_standard_json(text: str) -> str:
    """The same JSON, written as the standard has it; nothing when it is none."""
    written = _rewrite(text)
    if not written and _TELEGRAM_HEX_ESCAPE in text:
        # No decoded text has a NUL: here it stands for an escaped backslash.
        written = _rewrite(text.replace(r"\\", "\0").replace(_TELEGRAM_HEX_ESCAPE, r"\u00").replace("\0", r"\\"))
    return written


def _rewrite(text: str) -> str:
    try:
        return _LONE_SURROGATES.sub(
            REPLACEMENT_CHARACTER, json.dumps(json.loads(text, parse_constant=str), ensure_ascii=False)
        )
    except (ValueError, RecursionError):
        return ""
