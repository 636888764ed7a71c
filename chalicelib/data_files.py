"""JSON data files of the packages, decoded into typed, frozen structures."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


class InvalidDataFile(Exception):
    """A data file does not match its type. The message contains the file and the path of the field."""


class Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of the structs that data files are decoded into. An unknown or missing field is an error."""


def load(path: Path, kind: type[T]) -> T:
    """Decode a JSON file into ``kind``.

    A class that msgspec does not support needs a class method ``from_data``, which decodes the JSON value.

    Args:
        path: The file.
        kind: A ``Data`` struct, or a container of structs such as ``dict[str, Rule]``.

    Raises:
        InvalidDataFile: The file is not JSON, or a field has the wrong type, is missing or is unknown.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind, dec_hook=_decode_custom)
    except (msgspec.MsgspecError, TypeError, ValueError) as error:
        raise InvalidDataFile(f"{path.parent.parent.name}/{path.parent.name}/{path.name}: {error}") from error


def _decode_custom(kind: Any, value: Any) -> Any:
    return kind.from_data(value)
