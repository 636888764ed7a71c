"""The latest messages of a room, as input of a coach."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chalicelib.domain import Caller, ChatLine
from chalicelib.repositories import messages, rooms
from chalicelib.repositories.database import database

MAX_LINES = 200


def latest_lines(caller: Caller, stored: rooms.StoredRoom) -> tuple[ChatLine, ...]:
    """Return the latest messages of a room, oldest first. Empty if they have expired."""
    room = stored.room
    if room.generation is None:
        return ()
    return database().read(caller.user_id, lambda tx: messages.latest(tx, room, caller.now, MAX_LINES))


def participant_names(
    stored: rooms.StoredRoom | None, lines: Sequence[ChatLine], others: Iterable[str | None]
) -> tuple[str, ...]:
    """Return the names of a room's participants and ``others``, without duplicates.

    The senders of ``lines`` are included because the statistics of a large group keep only the most active members.
    """
    room = stored.room if stored else None
    names = (*others, room and room.my_name, room and room.partner_name, *(line.sender for line in lines))
    return tuple(dict.fromkeys(name for name in names if name))
