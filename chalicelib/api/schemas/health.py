"""``/health``."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

from chalicelib.api.schemas.common import ReplyModel, RequestModel
from chalicelib.services import health


class HealthQuery(RequestModel):
    """``deep`` also checks the dependencies, and needs a token."""

    deep: bool = False


class CheckReply(ReplyModel):
    """The state of one dependency. ``off``: this stage does not use it."""

    status: Literal["ok", "down", "off"]
    latency_ms: int | None


class ChecksReply(ReplyModel):
    """The state of each dependency."""

    database: CheckReply
    bucket: CheckReply
    bedrock: CheckReply
    comprehend: CheckReply


class Health(ReplyModel):
    """The state, the stage and the version of the API."""

    status: Literal["ok", "degraded", "down"]
    stage: str
    version: str
    checks: ChecksReply | None = None

    @classmethod
    def of(cls, state: health.Health) -> Self:
        """Return the wire form of the state."""
        checks = ChecksReply.model_validate(state.checks) if state.checks else None
        return cls(status=state.status, stage=state.stage, version=state.version, checks=checks)  # type: ignore[arg-type]


class Document(BaseModel):
    """The OpenAPI document."""

    model_config = ConfigDict(extra="allow")
