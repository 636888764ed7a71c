"""Erasure of a user's data, in transactions of the allowed size. Every step can be interrupted and repeated."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from chalicelib.aws import cognito, uploads
from chalicelib.domain import Caller, Receipt
from chalicelib.repositories import erasure, files, messages, rooms
from chalicelib.repositories.database import MAX_ROWS_PER_TRANSACTION, database
from chalicelib.repositories.erasure import PRIMARY_KEYS, ROOM_TABLES
from chalicelib.settings import settings


def erase_account(caller: Caller) -> Receipt:
    """Erase a user: the rows in every table, the uploads and the Cognito user. Return the receipt.

    The account is erased first, so that no request writes new data during the erasure. A second call continues an
    interrupted erasure under the same receipt.
    """
    user_id = caller.user_id
    previous_receipt = database().across_users(lambda tx: erasure.get_receipt(tx, user_id))
    receipt = replace(previous_receipt, erased_at=caller.now) if previous_receipt else _new_receipt(caller.now)
    database().across_users(lambda tx: erasure.write_receipt(tx, user_id, receipt))
    for table in ("users", "user_profiles", *PRIMARY_KEYS):
        receipt.erased[table] += _erase_in_batches(user_id, partial(erasure.erase, table=table))
    receipt.erased["objects"] += uploads.erase_all(settings().upload_bucket, user_id)
    receipt.erased["cognito_user"] += cognito.erase(user_id)
    database().across_users(lambda tx: erasure.write_receipt(tx, user_id, receipt))
    return receipt


def erase_room(caller: Caller, room_id: str) -> bool:
    """Erase a room with its messages, files, analyses and coaching turns. Return whether the room existed.

    The room itself is erased last, so that an interrupted erasure can be repeated.
    """
    user_id = caller.user_id
    for file_id in database().read(user_id, lambda tx: files.ids_of_room(tx, room_id)):
        uploads.erase(settings().upload_bucket, uploads.UploadKey(user_id, file_id))
    for table in ROOM_TABLES:
        _erase_in_batches(user_id, partial(erasure.erase_room_rows, table=table, room_id=room_id))
    # Stored replies and Comprehend results may derive from this chat, but have no room id. Erase all of them.
    for table in ("idempotency_keys", "comprehend_results"):
        _erase_in_batches(user_id, partial(erasure.erase, table=table))
    return database().transaction(user_id, lambda tx: rooms.erase(tx, room_id))


def erase_chats(caller: Caller) -> None:
    """Erase all messages, files, analyses and statistics of a user. Keep the rooms and the profiles.

    The imports are cleared from the rooms first, so that no reader sees a partly erased chat.
    """
    user_id = caller.user_id
    database().transaction(user_id, lambda tx: rooms.clear_imports(tx, caller.now))
    uploads.erase_all(settings().upload_bucket, user_id)
    for table in ("messages", "files", "analyses", "idempotency_keys", "comprehend_results"):
        _erase_in_batches(user_id, partial(erasure.erase, table=table))
    # Again, because an import may have switched its room during the erasure.
    database().transaction(user_id, lambda tx: rooms.clear_imports(tx, caller.now))
    database().transaction(user_id, erasure.erase_quotes)


def erase_generation(user_id: str, room_id: str, generation: str) -> None:
    """Erase the messages of a generation that no room shows."""
    _erase_in_batches(user_id, partial(messages.erase_generation, room_id=room_id, generation=generation))


def _new_receipt(now: datetime) -> Receipt:
    return Receipt(str(uuid.uuid4()), now, dict.fromkeys((*PRIMARY_KEYS, "objects", "cognito_user"), 0))


def _erase_in_batches(user_id: str, erase: Callable[..., int]) -> int:
    """Call ``erase`` in separate transactions until no row is left. Return the number of erased rows."""
    erase_batch = partial(erase, limit=MAX_ROWS_PER_TRANSACTION)
    total, batch_size = 0, MAX_ROWS_PER_TRANSACTION
    while batch_size == MAX_ROWS_PER_TRANSACTION:
        batch_size = database().transaction(user_id, erase_batch)
        total += batch_size
    return total
