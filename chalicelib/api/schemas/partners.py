"""Partner profiles."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field

from chalicelib.api.schemas.common import Id, ListQuery, Moment, Name, ReplyModel, RequestModel
from chalicelib.domain import PartnerAnalysis, PartnerProfile
from chalicelib.services import pagination, partner_profiles

Prose = Annotated[str, Field(max_length=2_000)]
Interests = Prose | Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=50)]


class PartnerFields(RequestModel):
    """What may be said of a person."""

    age: int | None = Field(default=None, ge=0, le=150)
    description: Prose | None = None
    interests: Interests | None = None
    communication_style: Prose | None = None
    personality: Prose | None = None
    mbti: str | None = Field(default=None, pattern="^[EIei][NSns][FTft][JPjp]$")

    def _fields(self, names: set[str]) -> dict[str, Any]:
        fields = {name: getattr(self, name) for name in names}
        if isinstance(fields.get("interests"), list):
            fields["interests"] = tuple(fields["interests"])
        return fields


class CreatePartner(PartnerFields):
    """A new profile."""

    name: Name
    relationship: Name

    def to_domain(self) -> partner_profiles.NewPartner:
        """The same, for the service."""
        return partner_profiles.NewPartner(self.name, self.relationship, self._fields(set(PartnerFields.model_fields)))


class ChangePartner(PartnerFields):
    """What a user may change of a profile; what is left out stays."""

    profile_id: Id
    name: Name | None = None
    relationship: Name | None = None

    def changes(self) -> dict[str, Any]:
        """The fields that were given; name and relationship cannot be taken away."""
        changes = self._fields(self.model_fields_set - {"profile_id"})
        return {
            name: value for name, value in changes.items() if value is not None or name not in ("name", "relationship")
        }


class PartnerId(RequestModel):
    """Which profile."""

    profile_id: Id


class PartnersQuery(ListQuery):
    """Which profiles, or which one."""

    profile_id: Id | None = None


class PartnerProfileReply(ReplyModel):
    """A profile with its analysis."""

    id: str
    profile_id: str
    name: str
    relationship: str
    age: int | None
    description: str | None
    interests: str | list[str] | None
    communication_style: str | None
    personality: str | None
    mbti: str | None
    analysis: PartnerAnalysis | None
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, profile: PartnerProfile) -> Self:
        """The wire form of a profile."""
        names = set(cls.model_fields) - {"id", "analysis", "interests"}
        interests = profile.interests
        return cls(
            **{name: getattr(profile, name) for name in names},
            id=profile.profile_id,
            interests=list(interests) if isinstance(interests, tuple) else interests,
            analysis=profile.analysis,
        )


class PartnerMessage(ReplyModel):
    """A profile that was made or changed, with its analysis."""

    profile_id: str
    profile: PartnerProfileReply
    analysis: PartnerAnalysis | None
    message: str

    @classmethod
    def of(cls, profile: PartnerProfile, message: str) -> Self:
        """The wire form."""
        reply = PartnerProfileReply.of(profile)
        return cls(profile_id=profile.profile_id, profile=reply, analysis=reply.analysis, message=message)

    @classmethod
    def created(cls, profile: PartnerProfile) -> Self:
        """The reply to making a profile."""
        return cls.of(profile, "상대 프로필을 만들었어요.")

    @classmethod
    def changed(cls, profile: PartnerProfile) -> Self:
        """The reply to changing a profile."""
        return cls.of(profile, "상대 프로필을 고쳤어요.")


class PartnerList(ReplyModel):
    """Profiles, newest first."""

    profiles: list[PartnerProfileReply]
    next_cursor: str | None

    @classmethod
    def of(cls, page: pagination.Page[PartnerProfile]) -> Self:
        """The wire form of a page."""
        return cls(profiles=[PartnerProfileReply.of(profile) for profile in page.items], next_cursor=page.next_cursor)

    @classmethod
    def of_one(cls, profile: PartnerProfile) -> Self:
        """The wire form of the one profile that was asked for."""
        return cls(profiles=[PartnerProfileReply.of(profile)], next_cursor=None)
