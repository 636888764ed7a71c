"""Erase the rows of accounts and rooms in batches, and keep a receipt of an erased account."""

from __future__ import annotations

import hashlib

from chalicelib.domain import Receipt
from chalicelib.repositories import json_columns
from chalicelib.repositories.database import SystemTransaction, UserTransaction

# Every table with a user's rows, and its primary key without the user. Messages are erased before rooms and files,
# because the query for messages reads the room ids from those two tables.
PRIMARY_KEYS = {
    "messages": "room_id, generation, position",
    "analyses": "analysis_id",
    "conversations": "conversation_id",
    "files": "file_id",
    "chat_rooms": "room_id",
    "partner_profiles": "profile_id",
    "usage": "day",
    "request_counts": "route, minute",
    "idempotency_keys": "key",
    "comprehend_results": "text_hash, operation",
    "user_profiles": "user_id",
    "users": "user_id",
}
# The tables with rows that belong to a room.
ROOM_TABLES = ("messages", "analyses", "conversations", "files")


def erase(tx: UserTransaction, table: str, limit: int) -> int:
    """Erase up to ``limit`` of the user's rows of a table. Return the number of rows erased."""
    key = PRIMARY_KEYS[table]
    where = "user_id = :user_id"
    if table == "messages":
        # The primary key begins with the room. Without room ids the statement would scan the whole table.
        where += (
            " AND room_id IN (SELECT room_id FROM chat_rooms WHERE user_id = :user_id "
            "UNION SELECT room_id FROM files WHERE user_id = :user_id AND room_id IS NOT NULL)"
        )
    return tx.execute(
        f"DELETE FROM {table} WHERE {where} AND ({key}) IN (SELECT {key} FROM {table} WHERE {where} LIMIT :limit)",
        limit=limit,
    )


def erase_room_rows(tx: UserTransaction, table: str, room_id: str, limit: int) -> int:
    """Erase up to ``limit`` rows that belong to a room. Return the number of rows erased."""
    key = PRIMARY_KEYS[table]
    where = "user_id = :user_id AND room_id = :room_id"
    return tx.execute(
        f"DELETE FROM {table} WHERE {where} AND ({key}) IN (SELECT {key} FROM {table} WHERE {where} LIMIT :limit)",
        room_id=room_id,
        limit=limit,
    )


def erase_quotes(tx: UserTransaction) -> None:
    """Erase quotes of chats, and facts derived from chats, in the profiles and coaching turns."""
    tx.execute("UPDATE partner_profiles SET analysis = NULL, evidence = NULL WHERE user_id = :user_id")
    tx.execute("UPDATE conversations SET context_text = NULL WHERE user_id = :user_id AND context_text IS NOT NULL")
    tx.execute("UPDATE user_profiles SET speech = NULL, response_examples = NULL WHERE user_id = :user_id")


def user_hash(user_id: str) -> str:
    """Return the hash under which the receipt of an erased account is stored."""
    return hashlib.sha256(user_id.encode()).hexdigest()


def get_receipt(tx: SystemTransaction, user_id: str) -> Receipt | None:
    """Return the receipt of an erased account, None if the account was never erased."""
    row = tx.row(
        "SELECT receipt_id, erased_at, erased FROM erasure_receipts WHERE user_hash = :user_hash",
        user_hash=user_hash(user_id),
    )
    if row is None:
        return None
    return Receipt(row["receipt_id"], row["erased_at"], json_columns.load(dict[str, int], row["erased"]) or {})


def write_receipt(tx: SystemTransaction, user_id: str, receipt: Receipt) -> None:
    """Store a receipt. A second erasure updates the time and the counts and keeps the receipt's id."""
    tx.execute(
        "INSERT INTO erasure_receipts (user_hash, receipt_id, erased_at, erased) "
        "VALUES (:user_hash, :receipt_id, :erased_at, :erased) "
        "ON CONFLICT (user_hash) DO UPDATE SET erased_at = EXCLUDED.erased_at, erased = EXCLUDED.erased",
        user_hash=user_hash(user_id),
        receipt_id=receipt.receipt_id,
        erased_at=receipt.erased_at,
        erased=json_columns.dump(receipt.erased),
    )
