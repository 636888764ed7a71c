"""``/health``."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

from chalicelib.api.schemas.common import ReplyModel, RequestModel
from chalicelib.services import health


class HealthQuery(RequestModel):
    """Whether to ask what stands behind, which needs a token."""

    deep: bool = False


class CheckReply(ReplyModel):
    """What one part answered."""

    status: Literal["ok", "down", "off"]
    latency_ms: int | None


class ChecksReply(ReplyModel):
    """What each part answered; ``off`` where the stage does without."""

    database: CheckReply
    bucket: CheckReply
    bedrock: CheckReply
    comprehend: CheckReply


class Health(ReplyModel):
    """Whether the API answers, and which one it is."""

    status: Literal["ok", "degraded", "down"]
    stage: str
    version: str
    checks: ChecksReply | None = None

    @classmethod
    def of(cls, found: health.Health) -> Self:
        """The wire form."""
        checks = ChecksReply.model_validate(found.checks) if found.checks else None
        return cls(status=found.status, stage=found.stage, version=found.version, checks=checks)  # type: ignore[arg-type]


class Document(BaseModel):
    """The OpenAPI document."""

    model_config = ConfigDict(extra="allow")
