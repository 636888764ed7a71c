"""A user's rows in all tables, for the export of the user's data."""

from __future__ import annotations

from datetime import datetime

from chalicelib.repositories.database import Row, UserTransaction

_QUERIES = {
    "partner_profiles": (
        "SELECT profile_id, name, relationship, age, description, interests, communication_style, personality, mbti, "
        "analysis, CASE WHEN evidence_expire_at > :now THEN evidence END AS evidence, created_at, updated_at "
        "FROM partner_profiles WHERE user_id = :user_id ORDER BY created_at"
    ),
    "chat_rooms": (
        "SELECT room_id, name, partner_name, partner_relationship, partner_profile_id, my_name, platform, "
        "message_count, CASE WHEN messages_expire_at > :now THEN last_message END AS last_message, statistics, "
        "CASE WHEN messages_expire_at > :now THEN examples END AS examples, created_at, updated_at "
        "FROM chat_rooms WHERE user_id = :user_id ORDER BY created_at"
    ),
    "files": (
        "SELECT file_id, room_id, status, filename, size, format, encoding, my_name, timezone, messages_count, "
        "participants, period_from, period_to, sample_messages, analysis, report, warnings, error_code, created_at, "
        "expires_at FROM files WHERE user_id = :user_id AND expires_at > :now ORDER BY created_at"
    ),
    "analyses": (
        "SELECT analysis_id, room_id, engine, "
        "CASE WHEN evidence_expire_at > :now THEN coalesce(evidence, answer) ELSE answer END AS answer, created_at "
        "FROM analyses WHERE user_id = :user_id ORDER BY created_at"
    ),
    "conversations": (
        "SELECT conversation_id, analysis_id, room_id, session_id, partner_name, partner_relationship, user_message, "
        "ai_responses, selected_response_type, selected_response, feedback_rating, feedback_comment, "
        "CASE WHEN context_expire_at > :now THEN context_text END AS context_text, created_at "
        "FROM conversations WHERE user_id = :user_id ORDER BY created_at"
    ),
    "usage": "SELECT day, credits_used FROM usage WHERE user_id = :user_id ORDER BY day",
    "request_counts": ("SELECT route, minute, requests FROM request_counts WHERE user_id = :user_id ORDER BY minute"),
}
# Columns that contain JSON.
JSON_COLUMNS = frozenset(
    {
        "ai_responses",
        "analysis",
        "answer",
        "evidence",
        "examples",
        "interests",
        "participants",
        "report",
        "sample_messages",
        "statistics",
        "warnings",
    }
)


def tables(tx: UserTransaction, now: datetime) -> dict[str, list[Row]]:
    """Return the rows of every table except ``messages``, by table name, oldest first."""
    return {table: tx.rows(sql, now=now) for table, sql in _QUERIES.items()}


def messages(tx: UserTransaction, now: datetime, limit: int) -> list[Row]:
    """Return at most ``limit`` messages of all rooms, newest first."""
    return tx.rows(
        "SELECT m.room_id, m.message_id, m.sender, m.kind, m.text, m.sent_at, m.expires_at "
        "FROM chat_rooms r JOIN messages m ON m.room_id = r.room_id AND m.generation = r.generation "
        "WHERE r.user_id = :user_id AND m.user_id = :user_id AND m.expires_at > :now "
        "ORDER BY m.sent_at DESC, m.position DESC LIMIT :limit",
        now=now,
        limit=limit,
    )
