"""The user's profile."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field

from chalicelib.api.schemas.common import Moment, Name, ReplyModel, RequestModel, Timezone
from chalicelib.api.schemas.speech import SpeechAnalysis
from chalicelib.domain import Consents, Profile
from chalicelib.services import accounts
from chalicelib.settings import settings

SpeechStyle = Literal["formal", "semi_formal", "casual"]


class ConsentTimes(ReplyModel):
    """The time at which each consent was given. Null if it was not given."""

    age_over_14: Moment | None
    terms: Moment | None
    overseas_transfer: Moment | None


class ConsentAnswers(RequestModel):
    """Consents to give (true) or to withdraw (false). Omitted consents stay."""

    age_over_14: bool | None = None
    terms: bool | None = None
    overseas_transfer: bool | None = None


class ChangeProfile(RequestModel):
    """Changes of the profile. Omitted fields keep their value."""

    username: Name | None = None
    birth_year: int | None = Field(default=None, ge=1900, le=2100)
    preferred_speech_level: SpeechStyle | None = None
    timezone: Timezone | None = None
    consents: ConsentAnswers | None = None
    speech_analysis: SpeechAnalysis | None = None

    def to_domain(self) -> accounts.ProfileChanges:
        """Return the input of the service."""
        names = self.model_fields_set - {"consents", "speech_analysis"}
        fields = {name: getattr(self, name) for name in names}
        if fields.get("timezone", "") is None:
            del fields["timezone"]
        answers = self.consents.model_dump(exclude_none=True) if self.consents else {}
        return accounts.ProfileChanges(
            fields, answers, self.speech_analysis.to_domain() if self.speech_analysis else None
        )


class UserProfile(ReplyModel):
    """The user's profile."""

    id: str
    user_id: str
    email: str | None
    username: str | None
    birth_year: int | None
    preferred_speech_level: SpeechStyle | None
    timezone: str
    consents: ConsentTimes
    total_messages: int
    formal_ratio: float | None
    emoji_ratio: float | None
    avg_length: float | None
    tone: str | None
    speech_style: str | None
    personality_traits: list[str]
    response_examples: list[str]
    last_analysis_at: Moment | None
    credits_remaining: int
    credits_used: int
    total_conversations: int
    today_conversations: int
    avg_response_rating: float | None
    overall_success_rate: float | None
    favorite_response_type: str | None
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, profile: Profile) -> Self:
        """Return the wire form of a profile."""
        speech = SpeechAnalysis.of(profile.speech) if profile.speech else None
        return cls(
            id=profile.user_id,
            user_id=profile.user_id,
            email=profile.email,
            username=profile.username,
            birth_year=profile.birth_year,
            preferred_speech_level=profile.preferred_speech_level,  # type: ignore[arg-type]
            timezone=profile.timezone,
            consents=_times(profile.consents),
            total_messages=speech.total_messages if speech else 0,
            formal_ratio=speech.formal_ratio if speech else None,
            emoji_ratio=speech.emoji_ratio if speech else None,
            avg_length=speech.avg_length if speech else None,
            tone=speech.tone if speech else None,
            speech_style=speech.speech_style if speech else None,
            personality_traits=speech.personality_traits if speech else [],
            response_examples=speech.response_examples if speech else [],
            last_analysis_at=profile.last_analysis_at,
            credits_remaining=max(settings().daily_credits - profile.credits_used, 0),
            credits_used=profile.credits_used,
            total_conversations=profile.coaching_stats.total,
            today_conversations=profile.coaching_stats.today,
            avg_response_rating=profile.coaching_stats.average_rating,
            overall_success_rate=profile.coaching_stats.success_rate,
            favorite_response_type=profile.coaching_stats.favourite_type,
            created_at=profile.created_at,
            updated_at=profile.updated_at,
        )


def _times(consents: Consents) -> ConsentTimes:
    return ConsentTimes.model_validate(consents)
