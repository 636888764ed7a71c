"""What several requests and replies share."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer
from pydantic_core import PydanticCustomError

from chalicelib.domain import LONGEST_NAME
from chalicelib.errors import NotFound
from chalicelib.services import pagination


def _known_id(value: str) -> str:
    try:
        return str(uuid.UUID(value))
    except ValueError as error:
        raise NotFound from error  # no such thing has such an id


def _known_timezone(value: str) -> str:
    if value not in _timezones():
        raise PydanticCustomError("unknown_timezone", "unknown time zone")
    return value


@cache
def _timezones() -> frozenset[str]:
    # These two are no zones: what they mean differs from machine to machine.
    return frozenset(available_timezones() - {"localtime", "Factory"})


# The times of one page repeat: messages expire together, and exports tell the minute.
@lru_cache(maxsize=64)
def _in_utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


Id = Annotated[str, Field(max_length=64), AfterValidator(_known_id)]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
# Times go out in one zone, whatever zone they were made or stored in.
Moment = Annotated[datetime, PlainSerializer(_in_utc, return_type=str)]
Timezone = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_known_timezone)]


class RequestModel(BaseModel):
    """A request: unknown fields are ignored."""

    # A Lambda that starts needs one or two of all the models.
    model_config = ConfigDict(extra="ignore", defer_build=True)


class Nothing(RequestModel):
    """A request that says nothing."""


class ReplyModel(BaseModel):
    """A reply."""

    model_config = ConfigDict(from_attributes=True, defer_build=True)


class ListQuery(RequestModel):
    """Which part of a list is asked for."""

    limit: int = Field(default=20, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=512)
    offset: int = Field(default=0, ge=0, le=1_000_000)

    @property
    def position(self) -> pagination.PageRequest:
        """The same, for a service."""
        return pagination.PageRequest(self.limit, self.cursor, self.offset)
