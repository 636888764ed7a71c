"""The end of a room's conversation, as coaches read it."""

from __future__ import annotations

from chalicelib.domain import Caller, Turn
from chalicelib.repositories import messages, rooms
from chalicelib.repositories.database import database

TURNS_READ = 200


def latest_turns(caller: Caller, stored: rooms.StoredRoom) -> tuple[Turn, ...]:
    """The room's latest messages, oldest first; empty once they have expired."""
    room = stored.room
    if room.generation is None:
        return ()
    return database().read(caller.user_id, lambda tx: messages.latest(tx, room, caller.now, TURNS_READ))
