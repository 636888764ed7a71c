"""Profiles of other people, and what their description and their chats tell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.coaching import partner_analysis
from chalicelib.domain import KEPT_FOR, Caller, PartnerAnalysis, PartnerFacts, PartnerProfile, Role
from chalicelib.errors import NotFound
from chalicelib.masking import masker as masking
from chalicelib.repositories import partner_profiles, rooms, users
from chalicelib.repositories.database import database
from chalicelib.services import accounts
from chalicelib.services.ids import idempotent_id
from chalicelib.services.pagination import Page, PageRequest, make_page, parse_time_and_id
from chalicelib.services.recent_messages import latest_lines, names_in
from chalicelib.services.speech_analysis import speech_by_participant, speech_of, tally_of

FACTS = ("name", "relationship", "age", "description", "communication_style", "personality")


@dataclass(frozen=True, slots=True)
class NewPartner:
    """A person as the user describes them; ``fields`` are a profile's, by name."""

    name: str
    relationship: str
    fields: dict[str, Any]


def create(caller: Caller, new: NewPartner) -> PartnerProfile:
    """Make a profile, with an analysis of the description.

    Raises:
        LimitReached: ``too_many_requests``.
    """
    age = accounts.check_quota_and_consents(caller, needs_consents=False).age(caller.now)
    profile = PartnerProfile(idempotent_id(), new.name, new.relationship, caller.now, caller.now, **new.fields)
    profile = replace(profile, analysis=_analysis(caller, profile, None, age))
    # No room is told yet, so there is nothing to quote.
    accounts.write(caller, lambda tx: partner_profiles.insert(tx, profile, caller.now + KEPT_FOR), repeatable=True)
    return profile


def get(caller: Caller, profile_id: str) -> PartnerProfile:
    """A profile of the caller.

    Raises:
        NotFound: there is none.
    """
    stored = database().read(caller.user_id, lambda tx: partner_profiles.get(tx, profile_id, caller.now))
    if stored is None:
        raise NotFound
    return _shown(stored)


def page(caller: Caller, position: PageRequest) -> Page[PartnerProfile]:
    """The caller's profiles, newest first.

    Raises:
        Invalid: the cursor is none of this list.
    """
    after = position.after(parse_time_and_id)
    found = database().read(
        caller.user_id, lambda tx: partner_profiles.page(tx, caller.now, position.limit + 1, after, position.offset)
    )
    return make_page(
        list(map(_shown, found)),
        position.limit,
        lambda profile: [profile.created_at.isoformat(), profile.profile_id],
    )


def update(caller: Caller, profile_id: str, changes: dict[str, Any]) -> PartnerProfile:
    """Change a profile and analyse it anew.

    Raises:
        LimitReached: ``too_many_requests``.
        NotFound: there is no such profile.
    """
    age = accounts.check_quota_and_consents(caller, needs_consents=False).age(caller.now)
    return _analysed(caller, replace(get(caller, profile_id), **changes, updated_at=caller.now), age)


def refresh(caller: Caller, profile_id: str | None) -> None:
    """Analyse a profile anew, after a chat with that person came in; one that is gone is left alone."""
    if profile_id is None:
        return
    user, stored = database().read(
        caller.user_id, lambda tx: (users.profile(tx, caller.now), partner_profiles.get(tx, profile_id, caller.now))
    )
    if user is not None and stored is not None:
        _analysed(caller, stored.profile, user.age(caller.now))


def erase(caller: Caller, profile_id: str) -> None:
    """Erase a profile; rooms that name it go on without.

    Raises:
        NotFound: there is no such profile.
    """
    if not accounts.write(caller, lambda tx: partner_profiles.erase(tx, profile_id)):
        raise NotFound


def _analysed(caller: Caller, profile: PartnerProfile, my_age: int | None) -> PartnerProfile:
    stored = database().read(caller.user_id, lambda tx: rooms.of_partner(tx, profile.profile_id, caller.now))
    profile = replace(profile, analysis=_analysis(caller, profile, stored, my_age))
    kept, expires_at = _kept(profile, stored), quotes_expire_at(caller, stored)
    if not accounts.write(caller, lambda tx: partner_profiles.update(tx, kept, expires_at)):
        raise NotFound
    return profile


def _kept(profile: PartnerProfile, stored: rooms.StoredRoom | None) -> PartnerProfile:
    """A profile with its quotes masked."""
    if stored is None or profile.analysis is None or not profile.analysis.evidence:
        return profile
    masker = masking.Masker(profile.profile_id, names_in(stored, (), (profile.name,)))
    return replace(profile, analysis=profile.analysis.with_quotes(masker.mask))


def _shown(stored: partner_profiles.StoredPartner) -> PartnerProfile:
    """A profile with the names in its quotes put back."""
    profile = stored.profile
    if profile.analysis is None or not profile.analysis.evidence:
        return profile
    masker = masking.Masker(profile.profile_id, stored.called)
    return replace(profile, analysis=profile.analysis.with_quotes(masker.unmask_for_display))


def _analysis(
    caller: Caller, profile: PartnerProfile, stored: rooms.StoredRoom | None, my_age: int | None
) -> PartnerAnalysis:
    people = speech_by_participant(stored) if stored else []
    return partner_analysis.analyse(
        facts_of(profile),
        latest_lines(caller, stored) if stored else (),
        speech_of(people, Role.ME),
        speech_of(people, Role.PARTNER),
        _top_words(stored),
        mbti=profile.mbti,
        my_age=my_age,
    )


def quotes_expire_at(caller: Caller, stored: rooms.StoredRoom | None) -> datetime:
    """When what quotes a room expires: with its messages."""
    known = stored.room.messages_expire_at if stored else None
    return min(known or caller.now + KEPT_FOR, caller.now + KEPT_FOR)


def _top_words(stored: rooms.StoredRoom | None) -> tuple[str, ...]:
    """What the partner talks about most."""
    tally = tally_of(stored) if stored else None
    if stored is None or tally is None or stored.room.partner_name not in tally.people:
        return ()
    return tuple(word.text for word in tally.top_words_of(stored.room.partner_name))


def facts_of(profile: PartnerProfile) -> PartnerFacts:
    """What a profile says, for a coach."""
    interests = profile.interests
    text = ", ".join(interests) if isinstance(interests, tuple) else interests
    return PartnerFacts(**{name: getattr(profile, name) for name in FACTS}, interests=text)
