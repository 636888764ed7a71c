"""Chat rooms: create, read, change and erase them, and page through their messages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import Json

from chalicelib.domain import CHAT_RETENTION, Caller, File, Role, Room, RoomStatistics, StoredMessage, initiation_share
from chalicelib.errors import Conflict, Fault, Invalid, NotFound
from chalicelib.repositories import files, json_columns, messages, rooms
from chalicelib.repositories import partner_profiles as stored_profiles
from chalicelib.repositories.database import UserTransaction, database
from chalicelib.services import accounts, erasure, partner_profiles, stored_rooms
from chalicelib.services.ids import idempotent_id
from chalicelib.services.pagination import Page, PageRequest, make_page, parse_position, parse_time_and_id

_MAX_ATTEMPTS = 3
# A time at which nothing has expired: a read at this time returns the row as it is stored.
_BEFORE_ANY_EXPIRY = datetime(1970, 1, 1, tzinfo=UTC)
_ONE_TO_ONE = 2


@dataclass(frozen=True, slots=True)
class NewRoom:
    """The user's input for a new room."""

    partner_name: str
    partner_relationship: str
    name: str | None = None
    partner_profile_id: str | None = None


@dataclass(frozen=True, slots=True)
class RoomDetails:
    """A room with its statistics (None if nothing was imported) and its files, newest first."""

    room: Room
    statistics: RoomStatistics | None
    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class _WeekCounts:
    """The sessions of a week, by the name of the participant who began them."""

    initiations: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Counts:
    """The parts of a stored tally that a reader needs. ``shown`` are the statistics without current roles.

    Decoding only these parts is faster than decoding the whole tally.
    """

    shown: Json[RoomStatistics]
    weeks: dict[str, _WeekCounts]


def create(caller: Caller, new: NewRoom) -> Room:
    """Create a room without messages.

    Raises:
        NotFound: The caller has no such partner profile.
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
    """Return a room of the caller.

    Raises:
        NotFound: The caller has no such room.
    """
    room = database().read(caller.user_id, lambda tx: rooms.get(tx, room_id, caller.now))
    if room is None:
        raise NotFound
    return room


def details(caller: Caller, room_id: str) -> RoomDetails:
    """Return a room of the caller with its statistics and files.

    Raises:
        NotFound: The caller has no such room.
    """
    row = database().read(caller.user_id, lambda tx: rooms.with_files(tx, room_id, caller.now))
    if row is None:
        raise NotFound
    stored, room_files = row
    return RoomDetails(stored.room, _statistics(stored), tuple(file.visible_at(caller.now) for file in room_files))


def page(caller: Caller, request: PageRequest) -> Page[Room]:
    """Return a page of the caller's rooms, latest activity first.

    Raises:
        Invalid: The cursor does not belong to this list.
    """
    after = request.after(parse_time_and_id)
    rows = database().read(
        caller.user_id, lambda tx: rooms.page(tx, caller.now, request.limit + 1, after, request.offset)
    )
    return make_page(rows, request.limit, lambda room: [room.last_activity_at.isoformat(), room.room_id])


def update(caller: Caller, room_id: str, changes: dict[str, Any]) -> Room:
    """Change a room and return it.

    After an import, changes of ``last_message`` and ``message_count`` are ignored.

    Raises:
        NotFound: The caller has no such room, or no such partner profile.
        Invalid: ``my_name`` or ``partner_name`` is not a participant of the imported chat.
        Conflict: The room changed during every attempt.
    """
    for _ in range(_MAX_ATTEMPTS):
        room = accounts.write(caller, lambda tx: _update(tx, caller, room_id, changes))
        if room is not None:
            if changes.keys() & {"partner_profile_id", "my_name", "partner_name"}:
                partner_profiles.refresh(caller, room.partner_profile_id)
            return room
    raise Conflict


def erase(caller: Caller, room_id: str) -> None:
    """Erase a room with everything that belongs to it.

    Raises:
        NotFound: The caller has no such room.
    """
    room = get(caller, room_id)
    if not erasure.erase_room(caller, room_id):
        raise NotFound
    partner_profiles.refresh(caller, room.partner_profile_id)


def require(tx: UserTransaction, caller: Caller, room_id: str) -> None:
    """Raise ``NotFound`` unless the room belongs to the caller."""
    if rooms.get(tx, room_id, caller.now) is None:
        raise NotFound


def message_page(caller: Caller, room_id: str, request: PageRequest, order: str) -> Page[tuple[StoredMessage, Role]]:
    """Return a page of a room's stored messages with the role of each sender, newest first if ``order`` is ``desc``.

    Raises:
        NotFound: The caller has no such room.
        Invalid: The cursor does not belong to this list.
    """
    after = request.after(parse_position)
    query = messages.PageQuery(order == "desc", request.limit + 1, after, request.offset)
    rows = database().read(caller.user_id, lambda tx: messages.page(tx, room_id, caller.now, query))
    if rows is None:
        if request.offset == 0:
            raise NotFound
        # An offset beyond the last message is not an error, but a missing room is.
        get(caller, room_id)
    return make_page(rows or [], request.limit, lambda row: [row[0].position])


def _statistics(stored: rooms.StoredRoom) -> RoomStatistics | None:
    """Return the stored statistics with the current roles of the participants."""
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


def _update(tx: UserTransaction, caller: Caller, room_id: str, changes: dict[str, Any]) -> Room | None:
    """Change a room in one transaction. Return None if another transaction changed it first."""
    # Read expired values too, otherwise the update would erase them.
    stored = rooms.with_statistics(tx, room_id, _BEFORE_ANY_EXPIRY)
    if stored is None:
        raise NotFound
    _require_profile(tx, caller, changes.get("partner_profile_id"))
    tally = stored_rooms.tally_of(stored)
    if tally:
        changes = {name: value for name, value in changes.items() if name not in ("last_message", "message_count")}
        changes = _resolve_roles(changes, list(tally.people))
    if changes.get("last_message") is not None:
        changes = changes | {"messages_expire_at": caller.now + CHAT_RETENTION}
    room = replace(stored.room, **changes, updated_at=caller.now)
    if not rooms.update(tx, room, expected_version=stored.room.version):
        return None
    if tally and room.my_name and room.my_name != stored.room.my_name:
        counts = tally.speech_of(room.my_name)
        files.set_my_name(tx, room_id, room.my_name, counts.speech() if counts else None)
    return room.visible_at(caller.now)


def _require_profile(tx: UserTransaction, caller: Caller, profile_id: str | None) -> None:
    """Raise ``NotFound`` unless the partner profile belongs to the caller. Accept None."""
    if profile_id is not None and stored_profiles.get(tx, profile_id, caller.now) is None:
        raise NotFound


def _resolve_roles(changes: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Check the names in ``changes``. In a chat of two, one name also determines the other."""
    for name in ("my_name", "partner_name") if len(names) > 1 else ():
        if changes.get(name) is not None and changes[name] not in names:
            raise Invalid(Fault(name, "not_a_participant"))
    if len(names) != _ONE_TO_ONE:
        return changes
    if changes.get("my_name"):
        return changes | {"partner_name": _other(names, changes["my_name"])}
    if changes.get("partner_name"):
        return changes | {"my_name": _other(names, changes["partner_name"])}
    return changes


def _other(names: list[str], name: str) -> str:
    return next(other for other in names if other != name)
