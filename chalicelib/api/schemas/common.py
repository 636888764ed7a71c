"""Field types and base classes of several requests and replies."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer
from pydantic_core import PydanticCustomError

from chalicelib.domain import MAX_NAME_LENGTH
from chalicelib.errors import NotFound
from chalicelib.services import pagination


def _uuid(value: str) -> str:
    try:
        return str(uuid.UUID(value))
    except ValueError as error:
        raise NotFound from error  # no resource has such an id


def _timezone(value: str) -> str:
    if value not in _timezones():
        raise PydanticCustomError("unknown_timezone", "unknown time zone")
    return value


@cache
def _timezones() -> frozenset[str]:
    # The meaning of these two depends on the machine.
    return frozenset(available_timezones() - {"localtime", "Factory"})


# The times on one page repeat: messages of one import expire together, and exports give times to the minute.
@lru_cache(maxsize=64)
def _in_utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


Id = Annotated[str, Field(max_length=64), AfterValidator(_uuid)]
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME_LENGTH)]
# Replies have all times in UTC.
Moment = Annotated[datetime, PlainSerializer(_in_utc, return_type=str)]
Timezone = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_timezone)]


class RequestModel(BaseModel):
    """Base of requests. Unknown fields are ignored."""

    # Build validators lazily: a cold Lambda uses only one or two of these models.
    model_config = ConfigDict(extra="ignore", defer_build=True)


class Nothing(RequestModel):
    """A request without fields."""


class ReplyModel(BaseModel):
    """Base of replies."""

    model_config = ConfigDict(from_attributes=True, defer_build=True)


class ListQuery(RequestModel):
    """The part of a list that the client requests."""

    limit: int = Field(default=20, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=512)
    offset: int = Field(default=0, ge=0, le=1_000_000)

    @property
    def page_request(self) -> pagination.PageRequest:
        """Return the input of the service."""
        return pagination.PageRequest(self.limit, self.cursor, self.offset)
