"""Chat rooms: made by hand or by an upload, and who is who in them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import Json

from chalicelib.domain import KEPT_FOR, Caller, File, KeptMessage, Role, Room, RoomStatistics, initiation_share
from chalicelib.errors import Conflict, Fault, Invalid, NotFound
from chalicelib.repositories import files, json_columns, messages, rooms
from chalicelib.repositories import partner_profiles as stored_profiles
from chalicelib.repositories.database import UserTransaction, database
from chalicelib.services import accounts, erasure, partner_profiles
from chalicelib.services.files import as_shown
from chalicelib.services.ids import idempotent_id
from chalicelib.services.pagination import Page, PageRequest, make_page, parse_position, parse_time_and_id
from chalicelib.services.speech_analysis import tally_of

TRIES = 3
BEFORE_ANYTHING_EXPIRES = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RoomDetails:
    """One room with its statistics (None while nothing was imported) and its files, newest first."""

    room: Room
    statistics: RoomStatistics | None
    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class _WeekCounts:
    """Who began how many of a week's sessions."""

    initiations: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Counts:
    """What is shown of a room's statistics, in their document, and what needs to know who the user is."""

    shown: Json[RoomStatistics]
    weeks: dict[str, _WeekCounts]


@dataclass(frozen=True, slots=True)
class NewRoom:
    """A room as the user makes it."""

    partner_name: str
    partner_relationship: str
    name: str | None = None
    partner_profile_id: str | None = None


def create(caller: Caller, new: NewRoom) -> Room:
    """Make a room.

    Raises:
        NotFound: it names a partner profile that is not the caller's.
    """
    room = Room(
        room_id=idempotent_id(),
        name=new.name or new.partner_name,
        partner_name=new.partner_name,
        partner_relationship=new.partner_relationship,
        partner_profile_id=new.partner_profile_id,
        created_at=caller.now,
        updated_at=caller.now,
        last_activity_at=caller.now,
    )

    def steps(tx: UserTransaction) -> None:
        _require_profile(tx, caller, new.partner_profile_id)
        rooms.insert(tx, room)

    accounts.write(caller, steps, repeatable=True)
    return room


def get(caller: Caller, room_id: str) -> Room:
    """A room of the caller.

    Raises:
        NotFound: there is none.
    """
    room = database().read(caller.user_id, lambda tx: rooms.get(tx, room_id, caller.now))
    if room is None:
        raise NotFound
    return room


def details(caller: Caller, room_id: str) -> RoomDetails:
    """A room of the caller with everything known of it.

    Raises:
        NotFound: there is none.
    """
    found = database().read(caller.user_id, lambda tx: rooms.with_files(tx, room_id, caller.now))
    if found is None:
        raise NotFound
    stored, room_files = found
    return RoomDetails(stored.room, _statistics(stored), tuple(as_shown(file, caller.now) for file in room_files))


def _statistics(stored: rooms.StoredRoom) -> RoomStatistics | None:
    """What was shown when it was counted, with who everybody is now."""
    counts = json_columns.load(_Counts, stored.statistics)
    if counts is None:
        return None
    people = tuple(replace(person, role=stored.room.role_of(person.name)) for person in counts.shown.participants)
    me = next((person.name for person in people if person.role is Role.ME), None)
    weekly = tuple(
        replace(week, initiation_share=initiation_share(counts.weeks[week.week].initiations, me))
        for week in counts.shown.weekly
    )
    return replace(counts.shown, participants=people, weekly=weekly)


def page(caller: Caller, position: PageRequest) -> Page[Room]:
    """The caller's rooms, latest activity first.

    Raises:
        Invalid: the cursor is none of this list.
    """
    after = position.after(parse_time_and_id)
    found = database().read(
        caller.user_id, lambda tx: rooms.page(tx, caller.now, position.limit + 1, after, position.offset)
    )
    return make_page(found, position.limit, lambda room: [room.last_activity_at.isoformat(), room.room_id])


def update(caller: Caller, room_id: str, changes: dict[str, Any]) -> Room:
    """Change what the user may change of a room.

    ``last_message`` and ``message_count`` are kept only while nothing was imported.

    Raises:
        NotFound: there is no such room, or no such partner profile.
        Invalid: ``my_name`` or ``partner_name`` is nobody in the imported chat.
        Conflict: the room kept changing.
    """
    for _ in range(TRIES):
        changed = accounts.write(caller, lambda tx: _update(tx, caller, room_id, changes))
        if changed is not None:
            if changes.keys() & {"partner_profile_id", "my_name", "partner_name"}:
                partner_profiles.refresh(caller, changed.partner_profile_id)
            return changed
    raise Conflict


def erase(caller: Caller, room_id: str) -> None:
    """Erase a room with all that belongs to it.

    Raises:
        NotFound: there is no such room.
    """
    room = get(caller, room_id)
    if not erasure.erase_room(caller, room_id):
        raise NotFound
    partner_profiles.refresh(caller, room.partner_profile_id)


def require(tx: UserTransaction, caller: Caller, room_id: str) -> None:
    """Let nobody refer to a room that is not theirs.

    Raises:
        NotFound: it is not the caller's.
    """
    if rooms.get(tx, room_id, caller.now) is None:
        raise NotFound


def _update(tx: UserTransaction, caller: Caller, room_id: str, changes: dict[str, Any]) -> Room | None:
    # As it stands in the table: what has expired is the sweep's to take away.
    stored = rooms.with_statistics(tx, room_id, BEFORE_ANYTHING_EXPIRES)
    if stored is None:
        raise NotFound
    _require_profile(tx, caller, changes.get("partner_profile_id"))
    tally = tally_of(stored)
    if tally:
        changes = {name: value for name, value in changes.items() if name not in ("last_message", "message_count")}
        changes = _who_is_who(changes, list(tally.people))
    if changes.get("last_message") is not None:
        changes = changes | {"messages_expire_at": caller.now + KEPT_FOR}
    room = replace(stored.room, **changes, updated_at=caller.now)
    if not rooms.update(tx, room, seen=stored.room.version):
        return None
    if tally and room.my_name and room.my_name != stored.room.my_name:
        counts = tally.speech_of(room.my_name)
        files.settle(tx, room_id, room.my_name, counts.speech() if counts else None)
    return rooms.as_shown(room, caller.now)


def _require_profile(tx: UserTransaction, caller: Caller, profile_id: str | None) -> None:
    if profile_id is not None and stored_profiles.get(tx, profile_id, caller.now) is None:
        raise NotFound


def _who_is_who(changes: dict[str, Any], names: list[str]) -> dict[str, Any]:
    for name in ("my_name", "partner_name") if len(names) > 1 else ():
        if changes.get(name) is not None and changes[name] not in names:
            raise Invalid(Fault(name, "not_a_participant"))
    if len(names) != 2:  # noqa: PLR2004 (one to one: each is whom the other is not)
        return changes
    if changes.get("my_name"):
        return changes | {"partner_name": _other(names, changes["my_name"])}
    if changes.get("partner_name"):
        return changes | {"my_name": _other(names, changes["partner_name"])}
    return changes


def _other(names: list[str], known: str) -> str:
    return next(name for name in names if name != known)


def message_page(caller: Caller, room_id: str, position: PageRequest, order: str) -> Page[tuple[KeptMessage, Role]]:
    """A room's kept messages with who said each, newest (``desc``) or oldest (``asc``) first.

    Raises:
        NotFound: there is no such room.
        Invalid: the cursor is none of this list.
    """
    after = position.after(parse_position)
    wanted = messages.PageWanted(order == "desc", position.limit + 1, after, position.offset)
    found = database().read(caller.user_id, lambda tx: messages.page(tx, room_id, caller.now, wanted))
    if found is None:
        if position.offset == 0:
            raise NotFound
        get(caller, room_id)  # an offset beyond the end is no error
    return make_page(found or [], position.limit, lambda said: [said[0].position])
