"""Table ``analyses``: a coach's answers. Quotes of the chat are stored in a column that expires."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import Coaching, ModelRun
from chalicelib.repositories import json_columns
from chalicelib.repositories.database import UserTransaction


@dataclass(frozen=True, slots=True)
class Analysis:
    """A coach's answer to one question of the user."""

    analysis_id: str
    room_id: str | None
    question_hash: str
    created_at: datetime
    run: ModelRun


def insert(tx: UserTransaction, analysis: Analysis, evidence_expire_at: datetime) -> None:
    """Store an answer."""
    tx.insert_many(
        "analyses",
        [
            {
                "analysis_id": analysis.analysis_id,
                "room_id": analysis.room_id,
                "question_hash": analysis.question_hash,
                "engine": analysis.run.engine,
                "model": analysis.run.model,
                "degraded": analysis.run.degraded,
                "answer": json_columns.dump(analysis.run.coaching.without_quotes()),
                "evidence": json_columns.dump(analysis.run.coaching),
                "evidence_expire_at": evidence_expire_at,
                "created_at": analysis.created_at,
            }
        ],
    )


def latest(tx: UserTransaction, question_hash: str, since: datetime, now: datetime) -> Analysis | None:
    """Return the newest answer to the question after ``since``, None if there is none. Ignore degraded answers."""
    row = tx.row(
        "SELECT analysis_id, room_id, question_hash, engine, model, answer, created_at, "
        "CASE WHEN evidence_expire_at > :now THEN evidence END AS evidence "
        "FROM analyses WHERE user_id = :user_id AND question_hash = :question_hash AND created_at > :since "
        "AND degraded IS NOT TRUE "
        "ORDER BY created_at DESC LIMIT 1",
        question_hash=question_hash,
        since=since,
        now=now,
    )
    if row is None:
        return None
    coaching = json_columns.load(Coaching, row["evidence"] or row["answer"])
    if coaching is None:
        return None
    return Analysis(
        row["analysis_id"],
        row["room_id"],
        row["question_hash"],
        row["created_at"],
        ModelRun(coaching, row["engine"], row["model"]),
    )


def exists(tx: UserTransaction, analysis_id: str) -> bool:
    """Return whether the user has this answer."""
    row = tx.row("SELECT 1 AS one FROM analyses WHERE user_id = :user_id AND analysis_id = :id", id=analysis_id)
    return row is not None
