"""The user."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.speech import Speech


@dataclass(frozen=True, slots=True)
class Consents:
    """When each consent was given; None while it is not."""

    age_over_14: datetime | None = None
    terms: datetime | None = None
    overseas_transfer: datetime | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of those not given."""
        return tuple(name for name in ("age_over_14", "terms", "overseas_transfer") if getattr(self, name) is None)


@dataclass(frozen=True, slots=True)
class CoachingStats:
    """What the user made of the coaching turns. Ratings are 1 to 5."""

    total: int = 0
    today: int = 0
    average_rating: float | None = None
    success_rate: float | None = None
    favourite_type: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """The user's account and profile."""

    user_id: str
    timezone: str
    consents: Consents
    created_at: datetime
    updated_at: datetime
    email: str | None = None
    username: str | None = None
    birth_year: int | None = None
    preferred_speech_level: str | None = None
    speech: Speech | None = None
    last_analysis_at: datetime | None = None
    credits_used: int = 0
    coaching_stats: CoachingStats = CoachingStats()

    def age(self, now: datetime) -> int | None:
        """The age reached in the year of ``now``; None while it is not known."""
        return now.year - self.birth_year if self.birth_year else None


@dataclass(frozen=True, slots=True)
class Caller:
    """The user of a request: who they are, when the request came and when their token was issued.

    ``quota`` names the counter that limits the requests of the route per minute. Only costly routes have one.
    """

    user_id: str
    email: str | None
    now: datetime
    token_issued_at: datetime | None = None
    quota: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is left of an erased account: when, and how many of what went."""

    receipt_id: str
    erased_at: datetime
    erased: dict[str, int]
