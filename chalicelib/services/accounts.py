"""The user's account: profile, consents and the day's credits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from chalicelib.domain import CHAT_RETENTION, Caller, Consents, Profile, Speech
from chalicelib.errors import Forbidden, LimitReached, NoAccount, Unauthenticated
from chalicelib.repositories import erasure as receipts
from chalicelib.repositories import request_counts, users
from chalicelib.repositories.database import UserTransaction, database
from chalicelib.services import erasure
from chalicelib.settings import settings

T = TypeVar("T")

DEFAULT_TIMEZONE = "Asia/Seoul"


@dataclass(frozen=True, slots=True)
class ProfileChanges:
    """The changes of a profile: other fields by name, and consents that are given (True) or withdrawn (False)."""

    fields: dict[str, Any]
    consents: dict[str, bool]
    speech: Speech | None = None


def get_or_create_profile(caller: Caller) -> Profile:
    """Return the caller's profile. Create the account if the user is new.

    Raises:
        Unauthenticated: ``account_erased`` if the token is older than the erasure of the account.
    """
    stored_profile = database().read(caller.user_id, lambda tx: users.profile(tx, caller.now))
    return stored_profile or write(caller, lambda tx: _require_profile(tx, caller))


def update(caller: Caller, changes: ProfileChanges) -> Profile:
    """Change the caller's profile and return it. Withdrawing a consent erases the data stored under it."""

    def steps(tx: UserTransaction) -> Profile:
        updated_profile = _apply_changes(_require_profile(tx, caller), changes, caller.now)
        users.update(tx, updated_profile, caller.now + CHAT_RETENTION if changes.speech else None)
        return updated_profile

    updated_profile = write(caller, steps)
    if False in changes.consents.values() and settings().require_consents:
        # Erase again if the consent was withdrawn before: that erasure may have been interrupted.
        erasure.erase_chats(caller)
        return get_or_create_profile(caller)
    return updated_profile


def write(caller: Caller, steps: Callable[[UserTransaction], T], *, repeatable: bool = False) -> T:
    """Run ``steps`` in one transaction that locks the user's account against erasure. Return the result.

    Create the account if the user is new. ``Database.transaction`` explains ``repeatable``.

    Raises:
        Unauthenticated: ``account_erased`` if the token is older than the erasure of the account.
    """

    def with_account(tx: UserTransaction) -> T:
        if not users.lock_account(tx):
            raise NoAccount
        return steps(tx)

    try:
        return database().transaction(caller.user_id, with_account, repeatable=repeatable)
    except NoAccount:
        _create(caller)
        return database().transaction(caller.user_id, with_account, repeatable=repeatable)


def check_quota_and_consents(caller: Caller, *, needs_consents: bool = True) -> Profile:
    """Count the request against the quota of its route, check the consents, and return the caller's profile.

    Raises:
        LimitReached: ``too_many_requests`` if the caller exceeded the limit per minute.
        Forbidden: ``consent_required`` with the ``missing`` consents.
        ValueError: The route has no quota.
    """
    quota, minute = caller.quota, caller.now.replace(second=0, microsecond=0)
    if quota is None:
        raise ValueError("the route has no quota")

    def steps(tx: UserTransaction) -> tuple[int, Profile]:
        return request_counts.increment(tx, quota, minute), _require_profile(tx, caller)

    requests, own_profile = write(caller, steps)
    if requests > settings().requests_a_minute:
        raise LimitReached("too_many_requests", retry_after=60 - caller.now.second)
    if needs_consents:
        _require_consents_in(own_profile.consents)
    return own_profile


def require_consents(caller: Caller) -> None:
    """Check that the caller has given every required consent.

    Raises:
        Forbidden: ``consent_required`` with the ``missing`` consents.
    """
    _require_consents_in(database().read(caller.user_id, users.consents))


def _require_consents_in(consents: Consents) -> None:
    if settings().require_consents and consents.missing:
        raise Forbidden("consent_required", missing=list(consents.missing))


def _create(caller: Caller) -> None:
    """Create the account, unless it was erased after the token was issued."""
    receipt = database().across_users(lambda tx: receipts.get_receipt(tx, caller.user_id))
    if receipt and (caller.token_issued_at is None or caller.token_issued_at <= receipt.erased_at):
        raise Unauthenticated("account_erased")
    database().transaction(caller.user_id, lambda tx: users.create(tx, caller.email, DEFAULT_TIMEZONE, caller.now))


def _require_profile(tx: UserTransaction, caller: Caller) -> Profile:
    own_profile = users.profile(tx, caller.now)
    if own_profile is None:
        raise NoAccount
    return own_profile


def _apply_changes(profile: Profile, changes: ProfileChanges, now: datetime) -> Profile:
    consents = _update_consents(profile.consents, changes.consents, now)
    updated_profile = replace(profile, updated_at=now, consents=consents, **changes.fields)
    if changes.speech is not None:
        updated_profile = replace(updated_profile, speech=changes.speech, last_analysis_at=now)
    return updated_profile


def _update_consents(consents: Consents, answers: dict[str, bool], now: datetime) -> Consents:
    """Set the time of a consent when it is first given, and clear it when it is withdrawn."""
    times = {name: (getattr(consents, name) or now) if given else None for name, given in answers.items()}
    return replace(consents, **times)
