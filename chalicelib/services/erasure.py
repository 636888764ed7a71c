"""Erasing what a user stored, in batches the database allows. Every one may be interrupted and run again."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial

from chalicelib.aws import cognito, uploads
from chalicelib.domain import Caller, Receipt
from chalicelib.repositories import erasure, files, messages, rooms
from chalicelib.repositories.database import MAX_ROWS_PER_TRANSACTION, UserTransaction, database
from chalicelib.repositories.erasure import PRIMARY_KEYS, ROOM_TABLES
from chalicelib.settings import settings


def erase_account(caller: Caller) -> Receipt:
    """Erase a user: their rows in every table, their uploads and their Cognito user.

    The account goes first, so that nothing new is written while the rest goes.
    A repeat goes on where the first was interrupted, and answers with the same receipt.
    """
    user_id = caller.user_id
    known = database().across_users(lambda tx: erasure.get_receipt(tx, user_id))
    erased = dict(known.erased) if known else dict.fromkeys(PRIMARY_KEYS, 0) | {"objects": 0, "cognito_user": 0}
    receipt = Receipt(known.receipt_id if known else str(uuid.uuid4()), caller.now, erased)
    database().across_users(lambda tx: erasure.write_receipt(tx, user_id, receipt))
    for table in ("users", "user_profiles", *PRIMARY_KEYS):
        erased[table] += _until_empty(user_id, partial(erasure.erase, table=table, limit=MAX_ROWS_PER_TRANSACTION))
    erased["objects"] += uploads.erase_all(settings().upload_bucket, user_id)
    erased["cognito_user"] += cognito.erase(user_id)
    database().across_users(lambda tx: erasure.write_receipt(tx, user_id, receipt))
    return receipt


def erase_room(caller: Caller, room_id: str) -> bool:
    """Erase a room with its messages, files, analyses and coaching turns; say whether it was there.

    The room goes last: until then it can be erased again.
    """
    user_id = caller.user_id
    for file_id in database().read(user_id, lambda tx: files.ids_of_room(tx, room_id)):
        uploads.erase(settings().upload_bucket, uploads.UploadKey(user_id, file_id))
    for table in ROOM_TABLES:
        _until_empty(
            user_id, partial(erasure.erase_room_rows, table=table, room_id=room_id, limit=MAX_ROWS_PER_TRANSACTION)
        )
    # Replies that are kept for repeats may quote the chat, and do not say which.
    # What was found out about texts does not say which either.
    for table in ("idempotency_keys", "comprehend_results"):
        _until_empty(user_id, partial(erasure.erase, table=table, limit=MAX_ROWS_PER_TRANSACTION))
    return database().transaction(user_id, lambda tx: rooms.erase(tx, room_id))


def erase_chats(caller: Caller) -> None:
    """Erase every message, file, analysis and statistic of a user; rooms and profiles stay.

    Rooms forget their imports first, so nothing half-erased can be read.
    """
    user_id = caller.user_id
    database().transaction(user_id, lambda tx: rooms.clear_imports(tx, caller.now))
    uploads.erase_all(settings().upload_bucket, user_id)
    for table in ("messages", "files", "analyses", "idempotency_keys", "comprehend_results"):
        _until_empty(user_id, partial(erasure.erase, table=table, limit=MAX_ROWS_PER_TRANSACTION))
    # Once more: an import may have switched its room in between.
    database().transaction(user_id, lambda tx: rooms.clear_imports(tx, caller.now))
    database().transaction(user_id, erasure.erase_quotes)


def erase_generation(user_id: str, room_id: str, generation: str) -> None:
    """Erase the messages of a generation that no room shows any more."""
    _until_empty(
        user_id,
        partial(messages.erase_generation, room_id=room_id, generation=generation, limit=MAX_ROWS_PER_TRANSACTION),
    )


def _until_empty(user_id: str, erase: Callable[[UserTransaction], int]) -> int:
    total, erased = 0, MAX_ROWS_PER_TRANSACTION
    while erased == MAX_ROWS_PER_TRANSACTION:
        erased = database().transaction(user_id, erase)
        total += erased
    return total
