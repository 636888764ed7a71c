"""Cursor-based pagination."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from chalicelib.errors import Fault, Invalid

# A position is a 32-bit integer in the database.
_POSITION_LIMIT = 2**31
T = TypeVar("T")
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list. ``next_cursor`` requests the next part. It is None at the end of the list."""

    items: Sequence[T]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class PageRequest:
    """The requested part of a list: at most ``limit`` items after the cursor, or after ``offset`` items."""

    limit: int = 20
    cursor: str | None = None
    offset: int = 0

    def after(self, parse: Callable[..., K]) -> K | None:
        """Return the sort key in the cursor, parsed by ``parse``. None without a cursor.

        Raises:
            Invalid: The cursor does not belong to this list.
        """
        if self.cursor is None:
            return None
        try:
            values = json.loads(base64.urlsafe_b64decode(self.cursor + "=" * (-len(self.cursor) % 4)))
            return parse(*values)
        except (ValueError, TypeError, OverflowError) as error:
            raise Invalid(Fault("cursor", "cursor_invalid")) from error


def make_page(rows: Sequence[T], limit: int, sort_key: Callable[[T], list[Any]]) -> Page[T]:
    """Return a page of at most ``limit`` rows. ``rows`` must be the result of a query for ``limit + 1`` rows."""
    if len(rows) <= limit:
        return Page(rows, None)
    cursor = json.dumps(sort_key(rows[limit - 1])).encode()
    return Page(rows[:limit], base64.urlsafe_b64encode(cursor).decode().rstrip("="))


def parse_time_and_id(time: str, identity: str) -> tuple[datetime, str]:
    """Return the sort key of a list that is ordered by time and id."""
    return datetime.fromisoformat(time).astimezone(UTC), str(uuid.UUID(identity))


def parse_position(position: int) -> int:
    """Return the sort key of messages: their position in the room.

    Raises:
        ValueError: The position is out of range.
    """
    if not isinstance(position, int) or not 0 <= position < _POSITION_LIMIT:
        raise ValueError("position out of range")
    return position
