"""The user's account: profile, consents and the day's credits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from chalicelib.domain import KEPT_FOR, Caller, Consents, Profile, Speech
from chalicelib.errors import Forbidden, LimitReached, NoAccount, Unauthenticated
from chalicelib.repositories import erasure as receipts
from chalicelib.repositories import limits, users
from chalicelib.repositories.database import UserTransaction, database
from chalicelib.services import erasure
from chalicelib.settings import settings

T = TypeVar("T")

DEFAULT_TIMEZONE = "Asia/Seoul"


@dataclass(frozen=True, slots=True)
class ProfileChanges:
    """What a user changes. ``fields`` holds the plain fields by name, ``consents`` the answers given."""

    fields: dict[str, Any]
    consents: dict[str, bool]
    speech: Speech | None = None


def profile(caller: Caller) -> Profile:
    """The caller's profile; their rows are made when they are first seen.

    Raises:
        Unauthenticated: ``account_erased``: the token is older than the account's erasure.
    """
    found = database().read(caller.user_id, lambda tx: users.profile(tx, caller.now))
    return found or write(caller, lambda tx: _own_profile(tx, caller))


def update(caller: Caller, changes: ProfileChanges) -> Profile:
    """Change the caller's profile. Withdrawing a consent erases what was stored under it."""

    def steps(tx: UserTransaction) -> Profile:
        changed = _changed(_own_profile(tx, caller), changes, caller.now)
        users.update(tx, changed, caller.now + KEPT_FOR if changes.speech else None)
        return changed

    changed = write(caller, steps)
    if False in changes.consents.values() and settings().require_consents:
        # Again, too, where an earlier withdrawal was interrupted.
        erasure.erase_chats(caller)
        return profile(caller)
    return changed


def write(caller: Caller, steps: Callable[[UserTransaction], T], *, repeatable: bool = False) -> T:
    """Run ``steps`` as one transaction of a user whose account is there, and stays there until it is done.

    The account is made when the user is first seen. What is ``repeatable`` is said at ``Database.transaction``.

    Raises:
        Unauthenticated: ``account_erased``: the token is older than the account's erasure.
    """

    def with_account(tx: UserTransaction) -> T:
        if not users.hold(tx):
            raise NoAccount
        return steps(tx)

    try:
        return database().transaction(caller.user_id, with_account, repeatable=repeatable)
    except NoAccount:
        _create(caller)
        return database().transaction(caller.user_id, with_account, repeatable=repeatable)


def check_quota_and_consents(caller: Caller, *, needs_consents: bool = True) -> Profile:
    """Count the request in the quota of the caller's route, check their consents, and return their profile.

    Raises:
        LimitReached: ``too_many_requests`` in this minute.
        Forbidden: ``consent_required`` with the ``missing`` consents.
        ValueError: The route has no quota.
    """
    quota, minute = caller.quota, caller.now.replace(second=0, microsecond=0)
    if quota is None:
        raise ValueError("the route has no quota")

    def steps(tx: UserTransaction) -> tuple[int, Profile]:
        return limits.count_request(tx, quota, minute), _own_profile(tx, caller)

    requests, found = write(caller, steps)
    if requests > settings().requests_a_minute:
        raise LimitReached("too_many_requests", retry_after=60 - caller.now.second)
    if needs_consents:
        require_consents_of(found.consents)
    return found


def require_consents(caller: Caller) -> None:
    """Let nobody store or analyse a chat who has not given all consents.

    Raises:
        Forbidden: ``consent_required`` with the ``missing`` ones.
    """
    require_consents_of(database().read(caller.user_id, users.consents))


def require_consents_of(consents: Consents) -> None:
    """The same, of consents that are known.

    Raises:
        Forbidden: ``consent_required`` with the ``missing`` ones.
    """
    if settings().require_consents and consents.missing:
        raise Forbidden("consent_required", missing=list(consents.missing))


def _create(caller: Caller) -> None:
    receipt = database().across_users(lambda tx: receipts.receipt(tx, caller.user_id))
    if receipt and (caller.token_issued_at is None or caller.token_issued_at <= receipt.erased_at):
        raise Unauthenticated("account_erased")
    database().transaction(caller.user_id, lambda tx: users.create(tx, caller.email, DEFAULT_TIMEZONE, caller.now))


def _own_profile(tx: UserTransaction, caller: Caller) -> Profile:
    found = users.profile(tx, caller.now)
    if found is None:
        raise NoAccount
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
