"""Pages of lists: where one goes on, told by an opaque cursor."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from chalicelib.errors import Fault, Invalid

# A position is a 32-bit integer.
MAX_OFFSET = 2**31
T = TypeVar("T")
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Part of a list, and the cursor that goes on behind it, None at the end."""

    items: Sequence[T]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which part of a list is asked for."""

    limit: int = 20
    cursor: str | None = None
    offset: int = 0

    def after(self, key: Callable[..., K]) -> K | None:
        """The sort key that the cursor goes on behind, None at the beginning.

        Raises:
            Invalid: the cursor is none of this list.
        """
        if self.cursor is None:
            return None
        try:
            values = json.loads(base64.urlsafe_b64decode(self.cursor + "=" * (-len(self.cursor) % 4)))
            return key(*values)
        except (ValueError, TypeError, OverflowError) as error:
            raise Invalid(Fault("cursor", "cursor_invalid")) from error


def make_page(found: Sequence[T], limit: int, key: Callable[[T], list[Any]]) -> Page[T]:
    """The page of ``found``, which was asked for one item more than ``limit``."""
    if len(found) <= limit:
        return Page(found, None)
    last = json.dumps(key(found[limit - 1])).encode()
    return Page(found[:limit], base64.urlsafe_b64encode(last).decode().rstrip("="))


def parse_time_and_id(at: str, identity: str) -> tuple[datetime, str]:
    """The sort key of lists that are ordered by a time and then by id."""
    return datetime.fromisoformat(at).astimezone(UTC), str(uuid.UUID(identity))


def parse_position(number: int) -> int:
    """The sort key of messages: their place in the room.

    Raises:
        ValueError: no room has such a place.
    """
    if not isinstance(number, int) or not 0 <= number < MAX_OFFSET:
        raise ValueError("no place in a room")
    return number
