"""The user's account: profile, consents and the day's credits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.domain import KEPT_FOR, Caller, Consents, Profile, Speech
from chalicelib.errors import Forbidden
from chalicelib.repositories import users
from chalicelib.repositories.database import Transaction, database
from chalicelib.services import erasure
from chalicelib.settings import settings

DEFAULT_TIMEZONE = "Asia/Seoul"


@dataclass(frozen=True, slots=True)
class ProfileChanges:
    """What a user changes. ``fields`` holds the plain fields by name, ``consents`` the answers given."""

    fields: dict[str, Any]
    consents: dict[str, bool]
    speech: Speech | None = None


def profile(caller: Caller) -> Profile:
    """The caller's profile; their rows are made when they are first seen."""
    found = database().read(caller.user_id, lambda tx: _load(tx, caller))
    return found or database().transaction(caller.user_id, lambda tx: _load_or_create(tx, caller))


def update(caller: Caller, changes: ProfileChanges) -> Profile:
    """Change the caller's profile. Withdrawing a consent erases what was stored under it."""

    def steps(tx: Transaction) -> tuple[Profile, Profile]:
        before = _load_or_create(tx, caller)
        after = _changed(before, changes, caller.now)
        users.update(tx, after, caller.now + KEPT_FOR)
        return before, after

    before, after = database().transaction(caller.user_id, steps)
    if after.consents.missing and not before.consents.missing and settings().require_consents:
        erasure.erase_chats(caller)
    return after


def require_consents(caller: Caller) -> None:
    """Let nobody store or analyse a chat who has not given all consents.

    Raises:
        Forbidden: ``consent_required`` with the ``missing`` ones.
    """
    if not settings().require_consents:
        return
    missing = database().read(caller.user_id, users.consents).missing
    if missing:
        raise Forbidden("consent_required", missing=list(missing))


def zone(caller: Caller, requested: str | None = None) -> ZoneInfo:
    """The time zone to read an export in: the request's, else the profile's, else Seoul's."""
    name = requested or database().read(caller.user_id, users.timezone) or DEFAULT_TIMEZONE
    return ZoneInfo(name)


def _load(tx: Transaction, caller: Caller) -> Profile | None:
    return users.profile(tx, caller.now)


def _load_or_create(tx: Transaction, caller: Caller) -> Profile:
    users.create(tx, caller.email, DEFAULT_TIMEZONE, caller.now)
    found = _load(tx, caller)
    if found is None:
        raise RuntimeError("a profile that was just made is not there")
    return found


def _changed(profile: Profile, changes: ProfileChanges, now: datetime) -> Profile:
    changed = replace(profile, updated_at=now, consents=_answered(profile.consents, changes.consents, now))
    changed = replace(changed, **changes.fields)
    if changes.speech is not None:
        changed = replace(changed, speech=changes.speech, last_analysis_at=now)
    return changed


def _answered(consents: Consents, answers: dict[str, bool], now: datetime) -> Consents:
    times = {name: (getattr(consents, name) or now) if given else None for name, given in answers.items()}
    return replace(consents, **times)
