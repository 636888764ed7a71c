"""Stored rooms with their documents: statistics and examples."""

from __future__ import annotations

from chalicelib.analysis import tally, tally_document
from chalicelib.domain import Caller
from chalicelib.errors import NotFound
from chalicelib.repositories import rooms
from chalicelib.repositories.database import database


def get(caller: Caller, room_id: str) -> rooms.StoredRoom:
    """Return a room of the caller with its documents.

    Raises:
        NotFound: The caller has no such room.
    """
    stored = database().read(caller.user_id, lambda tx: rooms.with_statistics(tx, room_id, caller.now))
    if stored is None:
        raise NotFound
    return stored


def tally_of(stored: rooms.StoredRoom) -> tally.Tally | None:
    """Return the running counts of a room. None if nothing was imported."""
    return tally_document.load(stored.statistics) if stored.statistics else None
