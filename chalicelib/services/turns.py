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
    kept = database().read(
        caller.user_id, lambda tx: messages.latest(tx, room.room_id, room.generation or "", caller.now, TURNS_READ)
    )
    return tuple(
        Turn(
            role=room.role_of(entry.message.sender),
            sender=entry.message.sender or "",
            kind=entry.message.kind,
            text=entry.message.text,
            sent_at=entry.message.sent_at,
            message_id=entry.message_id,
        )
        for entry in reversed(kept)
    )
