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
    """Base of the requests that describe a person."""

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
    """A new partner profile."""

    name: Name
    relationship: Name

    def to_domain(self) -> partner_profiles.NewPartner:
        """Return the input of the service."""
        return partner_profiles.NewPartner(self.name, self.relationship, self._fields(set(PartnerFields.model_fields)))


class ChangePartner(PartnerFields):
    """Changes of a profile. Omitted fields keep their value."""

    profile_id: Id
    name: Name | None = None
    relationship: Name | None = None

    def changes(self) -> dict[str, Any]:
        """Return the fields that were sent. Name and relationship cannot be removed."""
        changes = self._fields(self.model_fields_set - {"profile_id"})
        return {
            name: value for name, value in changes.items() if value is not None or name not in ("name", "relationship")
        }


class PartnerId(RequestModel):
    """The profile to erase."""

    profile_id: Id


class PartnersQuery(ListQuery):
    """A page of profiles, or one profile."""

    profile_id: Id | None = None


class PartnerProfileReply(ReplyModel):
    """A partner profile with its analysis."""

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
        """Return the wire form of a profile."""
        names = set(cls.model_fields) - {"id", "analysis", "interests"}
        interests = profile.interests
        return cls(
            **{name: getattr(profile, name) for name in names},
            id=profile.profile_id,
            interests=list(interests) if isinstance(interests, tuple) else interests,
            analysis=profile.analysis,
        )


class PartnerMessage(ReplyModel):
    """A new or changed profile, with its analysis."""

    profile_id: str
    profile: PartnerProfileReply
    analysis: PartnerAnalysis | None
    message: str

    @classmethod
    def of(cls, profile: PartnerProfile, message: str) -> Self:
        """Return the reply with a message for the user."""
        reply = PartnerProfileReply.of(profile)
        return cls(profile_id=profile.profile_id, profile=reply, analysis=reply.analysis, message=message)

    @classmethod
    def created(cls, profile: PartnerProfile) -> Self:
        """Return the reply to a new profile."""
        return cls.of(profile, "상대 프로필을 만들었어요.")

    @classmethod
    def changed(cls, profile: PartnerProfile) -> Self:
        """Return the reply to a changed profile."""
        return cls.of(profile, "상대 프로필을 고쳤어요.")


class PartnerList(ReplyModel):
    """Partner profiles, newest first."""

    profiles: list[PartnerProfileReply]
    next_cursor: str | None

    @classmethod
    def of(cls, page: pagination.Page[PartnerProfile]) -> Self:
        """Return the wire form of a page."""
        return cls(profiles=[PartnerProfileReply.of(profile) for profile in page.items], next_cursor=page.next_cursor)

    @classmethod
    def of_one(cls, profile: PartnerProfile) -> Self:
        """Return the wire form of one profile."""
        return cls(profiles=[PartnerProfileReply.of(profile)], next_cursor=None)
