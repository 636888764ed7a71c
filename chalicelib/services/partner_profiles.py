"""Profiles of other people, with an analysis of their description and of their chats."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.coaching import partner_analysis
from chalicelib.domain import CHAT_RETENTION, Caller, PartnerAnalysis, PartnerFacts, PartnerProfile, Role
from chalicelib.errors import NotFound
from chalicelib.masking import masker
from chalicelib.repositories import partner_profiles, rooms, users
from chalicelib.repositories.database import database
from chalicelib.services import accounts, recent_messages, speech_analysis, stored_rooms
from chalicelib.services.ids import idempotent_id
from chalicelib.services.pagination import Page, PageRequest, make_page, parse_time_and_id

# The fields that a profile and a coach's briefing share.
_FACT_FIELDS = ("name", "relationship", "age", "description", "communication_style", "personality")


@dataclass(frozen=True, slots=True)
class NewPartner:
    """The user's input for a new profile. ``fields`` are further fields of a profile, by name."""

    name: str
    relationship: str
    fields: dict[str, Any]


def create(caller: Caller, new: NewPartner) -> PartnerProfile:
    """Create a profile with an analysis of its description.

    Raises:
        LimitReached: ``too_many_requests``.
    """
    age = accounts.check_quota_and_consents(caller, needs_consents=False).age(caller.now)
    profile = PartnerProfile(idempotent_id(), new.name, new.relationship, caller.now, caller.now, **new.fields)
    profile = replace(profile, analysis=_analyse(caller, profile, None, age))
    # A new profile has no room, so its analysis has no quotes to mask.
    expires_at = caller.now + CHAT_RETENTION
    accounts.write(caller, lambda tx: partner_profiles.insert(tx, profile, expires_at), repeatable=True)
    return profile


def get(caller: Caller, profile_id: str) -> PartnerProfile:
    """Return a profile of the caller.

    Raises:
        NotFound: The caller has no such profile.
    """
    stored = database().read(caller.user_id, lambda tx: partner_profiles.get(tx, profile_id, caller.now))
    if stored is None:
        raise NotFound
    return _unmask_quotes(stored)


def page(caller: Caller, request: PageRequest) -> Page[PartnerProfile]:
    """Return a page of the caller's profiles, newest first.

    Raises:
        Invalid: The cursor does not belong to this list.
    """
    after = request.after(parse_time_and_id)
    rows = database().read(
        caller.user_id, lambda tx: partner_profiles.page(tx, caller.now, request.limit + 1, after, request.offset)
    )
    return make_page(
        list(map(_unmask_quotes, rows)),
        request.limit,
        lambda profile: [profile.created_at.isoformat(), profile.profile_id],
    )


def update(caller: Caller, profile_id: str, changes: dict[str, Any]) -> PartnerProfile:
    """Change a profile, analyse it again and return it.

    Raises:
        LimitReached: ``too_many_requests``.
        NotFound: The caller has no such profile.
    """
    age = accounts.check_quota_and_consents(caller, needs_consents=False).age(caller.now)
    return _analyse_and_save(caller, replace(get(caller, profile_id), **changes, updated_at=caller.now), age)


def refresh(caller: Caller, profile_id: str | None) -> None:
    """Analyse a partner profile again after its room changed. Do nothing if the profile no longer exists."""
    if profile_id is None:
        return
    user, stored = database().read(
        caller.user_id, lambda tx: (users.profile(tx, caller.now), partner_profiles.get(tx, profile_id, caller.now))
    )
    if user is not None and stored is not None:
        _analyse_and_save(caller, stored.profile, user.age(caller.now))


def erase(caller: Caller, profile_id: str) -> None:
    """Erase a profile, and the references to it in rooms.

    Raises:
        NotFound: The caller has no such profile.
    """
    if not accounts.write(caller, lambda tx: partner_profiles.erase(tx, profile_id)):
        raise NotFound


def quotes_expire_at(caller: Caller, stored: rooms.StoredRoom | None) -> datetime:
    """Return the time at which new quotes of a room expire. It is not later than the expiry of the room's messages."""
    messages_expire_at = stored.room.messages_expire_at if stored else None
    return min(messages_expire_at or caller.now + CHAT_RETENTION, caller.now + CHAT_RETENTION)


def facts_of(profile: PartnerProfile) -> PartnerFacts:
    """Return the part of a profile that a coach reads."""
    interests = profile.interests
    text = ", ".join(interests) if isinstance(interests, tuple) else interests
    return PartnerFacts(**{name: getattr(profile, name) for name in _FACT_FIELDS}, interests=text)


def _analyse_and_save(caller: Caller, profile: PartnerProfile, my_age: int | None) -> PartnerProfile:
    stored = database().read(caller.user_id, lambda tx: rooms.of_partner(tx, profile.profile_id, caller.now))
    profile = replace(profile, analysis=_analyse(caller, profile, stored, my_age))
    masked_profile, expires_at = _mask_quotes(profile, stored), quotes_expire_at(caller, stored)
    if not accounts.write(caller, lambda tx: partner_profiles.update(tx, masked_profile, expires_at)):
        raise NotFound
    return profile


def _analyse(
    caller: Caller, profile: PartnerProfile, stored: rooms.StoredRoom | None, my_age: int | None
) -> PartnerAnalysis:
    people = speech_analysis.speech_by_participant(stored) if stored else []
    return partner_analysis.analyse(
        facts_of(profile),
        recent_messages.latest_lines(caller, stored) if stored else (),
        speech_analysis.speech_of(people, Role.ME),
        speech_analysis.speech_of(people, Role.PARTNER),
        _top_words(stored),
        mbti=profile.mbti,
        my_age=my_age,
    )


def _top_words(stored: rooms.StoredRoom | None) -> tuple[str, ...]:
    """Return the partner's most frequent words."""
    tally = stored_rooms.tally_of(stored) if stored else None
    if stored is None or tally is None or stored.room.partner_name not in tally.people:
        return ()
    return tuple(word.text for word in tally.top_words_of(stored.room.partner_name))


def _mask_quotes(profile: PartnerProfile, stored: rooms.StoredRoom | None) -> PartnerProfile:
    """Return the profile with masked quotes, as it is stored."""
    if stored is None or profile.analysis is None or not profile.analysis.evidence:
        return profile
    names = recent_messages.participant_names(stored, (), (profile.name,))
    profile_masker = masker.Masker(profile.profile_id, names)
    return replace(profile, analysis=profile.analysis.with_quotes(profile_masker.mask))


def _unmask_quotes(stored: partner_profiles.StoredPartner) -> PartnerProfile:
    """Return the profile with the names of the user and the partner in its quotes, as it is shown."""
    profile = stored.profile
    if profile.analysis is None or not profile.analysis.evidence:
        return profile
    profile_masker = masker.Masker(profile.profile_id, stored.names)
    return replace(profile, analysis=profile.analysis.with_quotes(profile_masker.unmask_for_display))
