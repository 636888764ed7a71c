"""Erasing what a user stored, in batches the database allows."""

from __future__ import annotations

from collections.abc import Callable

from chalicelib.domain import Caller
from chalicelib.repositories import analyses, files, messages, objects, rooms
from chalicelib.repositories.database import ROWS_A_TRANSACTION, Transaction, database
from chalicelib.settings import settings


def erase_chats(caller: Caller) -> None:
    """Erase every message, file, analysis and statistic of a user; rooms and profiles stay.

    It may be interrupted and run again: rooms forget their imports first, so
    nothing half-erased can be read.
    """
    user_id = caller.user_id
    database().transaction(user_id, lambda tx: rooms.forget_imports(tx, caller.now))
    for file_id in database().read(user_id, files.ids):
        objects.erase(settings().upload_bucket, objects.UploadKey(user_id, file_id))
    for erase in (files.erase_all, analyses.erase_all, messages.erase_all):
        _until_empty(user_id, erase)


def erase_generation(user_id: str, room_id: str, generation: str) -> None:
    """Erase the messages of a generation that no room shows any more."""
    _until_empty(user_id, lambda tx, limit: messages.erase_generation(tx, room_id, generation, limit))


def _until_empty(user_id: str, erase: Callable[[Transaction, int], int]) -> None:
    while database().transaction(user_id, lambda tx: erase(tx, ROWS_A_TRANSACTION)) == ROWS_A_TRANSACTION:
        pass
