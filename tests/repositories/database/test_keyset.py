"""Keyset pages contain every row once, even if several rows have the same time."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.repositories.database import keyset

NOW = datetime(2026, 1, 1, tzinfo=UTC)
USER = "keyset"


@pytest.fixture
def turns(database):
    """Rows of `conversations`, three for each time, newest first."""
    keys = [(NOW - timedelta(seconds=number // 3), str(uuid.UUID(int=number))) for number in range(12)]
    rows = [
        {"conversation_id": turn_id, "user_message": "", "ai_responses": "[]", "created_at": time}
        for time, turn_id in keys
    ]
    database.transaction(USER, lambda tx: tx.execute("DELETE FROM conversations WHERE user_id = :user_id"))
    database.transaction(USER, lambda tx: tx.insert_many("conversations", rows))
    return sorted(keys, reverse=True)


def page(database, after, limit=5):
    page_start = keyset("created_at", "conversation_id", after)
    rows = database.read(
        USER,
        lambda tx: tx.rows(
            "SELECT created_at, conversation_id FROM conversations "
            f"WHERE user_id = :user_id AND {page_start.condition} "
            "ORDER BY created_at DESC, conversation_id DESC LIMIT :limit",
            limit=limit,
            **page_start.values,
        ),
    )
    return [(row["created_at"], str(row["conversation_id"])) for row in rows]


def test_pages_contain_every_row_once_in_order(database, turns):
    keys, after = [], None
    while rows := page(database, after):
        keys += rows
        after = rows[-1]
    assert keys == turns
