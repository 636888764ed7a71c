"""The user's account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.speech import Speech


@dataclass(frozen=True, slots=True)
class Consents:
    """The time at which each consent was given. None for a consent that was not given."""

    age_over_14: datetime | None = None
    terms: datetime | None = None
    overseas_transfer: datetime | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the names of the consents that were not given."""
        return tuple(name for name in ("age_over_14", "terms", "overseas_transfer") if getattr(self, name) is None)


@dataclass(frozen=True, slots=True)
class CoachingStats:
    """Figures about the user's coaching turns. Ratings are 1 to 5; ``success_rate`` is a share from 0.0 to 1.0."""

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
        """Return the age in years that the user reaches in the year of ``now``. None if the birth year is unknown."""
        return now.year - self.birth_year if self.birth_year else None


@dataclass(frozen=True, slots=True)
class Caller:
    """The user who sent the current request.

    ``now`` is the time of the request. ``quota`` names the counter that limits a costly route per minute.
    """

    user_id: str
    email: str | None
    now: datetime
    token_issued_at: datetime | None = None
    quota: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The receipt of an erased account. ``erased`` counts the erased rows by table, and the uploads."""

    receipt_id: str
    erased_at: datetime
    erased: dict[str, int]
