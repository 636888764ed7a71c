"""``comprehend_results``: what Comprehend said of texts that only their hashes name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from chalicelib.domain import ComprehendCall, ComprehendResult, SentimentScores, TextSpan
from chalicelib.repositories import json_columns
from chalicelib.repositories.database import UserTransaction

# Which text, and what was asked of it.
ResultKey = tuple[str, ComprehendCall]


def find(tx: UserTransaction, hashes: Iterable[str], now: datetime) -> dict[ResultKey, ComprehendResult]:
    """What was said of these texts and has not expired."""
    names = {f"hash_{index}": text_hash for index, text_hash in enumerate(hashes)}
    rows = tx.rows(
        "SELECT text_hash, operation, result FROM comprehend_results "
        f"WHERE user_id = :user_id AND text_hash IN ({', '.join(f':{name}' for name in names)}) AND expires_at > :now",
        now=now,
        **names,
    )
    found: dict[ResultKey, ComprehendResult] = {}
    for row in rows:
        operation = ComprehendCall(row["operation"])
        result = json_columns.load(_kind(operation), row["result"])
        if result is not None:
            found[row["text_hash"], operation] = result
    return found


def save(tx: UserTransaction, results: Mapping[ResultKey, ComprehendResult], expires_at: datetime) -> None:
    """Keep what was said, over what has expired or another request was told meanwhile."""
    for (text_hash, operation), result in results.items():
        tx.execute(
            "INSERT INTO comprehend_results (user_id, text_hash, operation, result, expires_at) "
            "VALUES (:user_id, :text_hash, :operation, :result, :expires_at) "
            "ON CONFLICT (user_id, text_hash, operation) "
            "DO UPDATE SET result = EXCLUDED.result, expires_at = EXCLUDED.expires_at",
            text_hash=text_hash,
            operation=operation.value,
            result=json_columns.dump(result, _kind(operation)),
            expires_at=expires_at,
        )


def _kind(operation: ComprehendCall) -> type:
    return SentimentScores if operation is ComprehendCall.SENTIMENT else tuple[TextSpan, ...]
