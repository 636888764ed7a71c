"""JSON objects whose fields are decoded one by one, each into the type that the reader requests.

Values outside the type are skipped, which takes less than half the time of decoding the whole object.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import msgspec

# Telegram escapes control characters as ``\x0c``, which is not JSON.
_TELEGRAM_HEX_ESCAPE = r"\x"
# Half of a surrogate pair is not a character.
_LONE_SURROGATES = re.compile("[\ud800-\udfff]")
REPLACEMENT_CHARACTER = "\ufffd"

# The other values in a list that should contain only objects.
NonObject = str | int | float | bool | list[Any] | None
_Fields = dict[str, msgspec.Raw]
_FIELDS = msgspec.json.Decoder(_Fields)
_OBJECTS = msgspec.json.Decoder(list[_Fields | NonObject])
_STRING = msgspec.json.Decoder(str)
T = TypeVar("T")


class JsonObject:
    """The fields of a JSON object. Decoded values are cached, since several formats inspect the same fields."""

    def __init__(self, fields: _Fields) -> None:
        """Store the fields, whose values are raw JSON."""
        self._fields = fields
        self._values: dict[tuple[str, Hashable], Any] = {}

    def __contains__(self, name: str) -> bool:
        """Return whether there is a field of this name."""
        return name in self._fields

    def read(self, name: str, decoder: msgspec.json.Decoder[T]) -> T | None:
        """Return a field's value, or None if the field is missing or has another type."""
        if name not in self._fields:
            return None
        return self._get_or_make(name, decoder, lambda: _decode(self._fields[name], decoder))

    def string(self, name: str) -> str | None:
        """Return the value of a field that is a string, otherwise None."""
        return self.read(name, _STRING)

    def object(self, name: str) -> JsonObject | None:
        """Return the value of a field that is an object, otherwise None."""
        fields = self.read(name, _FIELDS)
        return None if fields is None else self._get_or_make(name, JsonObject, lambda: JsonObject(fields))

    def objects(self, name: str) -> list[JsonObject]:
        """Return the objects in a field that is a list. Empty for any other field."""
        items = self.read(name, _OBJECTS) or ()
        return self._get_or_make(
            name, list, lambda: [JsonObject(fields) for fields in items if isinstance(fields, dict)]
        )

    def _get_or_make(self, name: str, key: Hashable, make: Callable[[], T]) -> T:
        if (name, key) not in self._values:
            self._values[name, key] = make()
        value: T = self._values[name, key]
        return value


def parse(text: str) -> JsonObject:
    """Return the object in a text. It has no fields if the text is not an object or is nested too deeply."""
    return JsonObject(_decode(text, _FIELDS) or _decode(_to_standard_json(text), _FIELDS) or {})


def _decode(text: str | msgspec.Raw, decoder: msgspec.json.Decoder[T]) -> T | None:
    try:
        return decoder.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None


def _to_standard_json(text: str) -> str:
    """Rewrite the JSON of Python or Telegram as standard JSON. Return an empty string if that fails."""
    standard = _rewrite(text)
    if not standard and _TELEGRAM_HEX_ESCAPE in text:
        # Decoded text contains no NUL, so NUL can stand for an escaped backslash here.
        standard = _rewrite(text.replace(r"\\", "\0").replace(_TELEGRAM_HEX_ESCAPE, r"\u00").replace("\0", r"\\"))
    return standard


def _rewrite(text: str) -> str:
    try:
        value = json.loads(text, parse_constant=str)
        return _LONE_SURROGATES.sub(REPLACEMENT_CHARACTER, json.dumps(value, ensure_ascii=False))
    except (ValueError, RecursionError):
        return ""
