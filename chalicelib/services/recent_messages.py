"""The end of a room's conversation, as coaches read it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chalicelib.domain import Caller, ChatLine
from chalicelib.repositories import messages, rooms
from chalicelib.repositories.database import database

MAX_LINES = 200


def participant_names(
    stored: rooms.StoredRoom | None, turns: Sequence[ChatLine], others: Iterable[str | None]
) -> tuple[str, ...]:
    """Everybody in a room, and ``others``. Statistics of a large group know only those who wrote most."""
    room = stored.room if stored else None
    names = (*others, room and room.my_name, room and room.partner_name, *(turn.sender for turn in turns))
    return tuple(dict.fromkeys(name for name in names if name))


def latest_lines(caller: Caller, stored: rooms.StoredRoom) -> tuple[ChatLine, ...]:
    """The room's latest messages, oldest first; empty once they have expired."""
    room = stored.room
    if room.generation is None:
        return ()
    return database().read(caller.user_id, lambda tx: messages.latest(tx, room, caller.now, MAX_LINES))
