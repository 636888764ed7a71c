"""``/health``."""

from __future__ import annotations

from typing import Literal, Self

from chalicelib.api.schemas.common import ReplyModel
from chalicelib.services import health


class Health(ReplyModel):
    """Whether the API answers, and which one it is."""

    status: Literal["ok", "degraded", "down"]
    stage: str
    version: str

    @classmethod
    def of(cls, found: health.Health) -> Self:
        """The wire form."""
        return cls.model_validate(found)
