"""Table ``comprehend_results``: Amazon Comprehend's results, by the hash of the text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from chalicelib.domain import ComprehendOperation, ComprehendResult, SentimentScores, TextSpan
from chalicelib.repositories import json_columns
from chalicelib.repositories.database import UserTransaction

# The hash of a text, and the operation.
ResultKey = tuple[str, ComprehendOperation]


def find(tx: UserTransaction, hashes: Iterable[str], now: datetime) -> dict[ResultKey, ComprehendResult]:
    """Return the results for texts with these hashes that have not expired."""
    parameters = {f"hash_{index}": text_hash for index, text_hash in enumerate(hashes)}
    placeholders = ", ".join(f":{name}" for name in parameters)
    rows = tx.rows(
        "SELECT text_hash, operation, result FROM comprehend_results "
        f"WHERE user_id = :user_id AND text_hash IN ({placeholders}) AND expires_at > :now",
        now=now,
        **parameters,
    )
    results: dict[ResultKey, ComprehendResult] = {}
    for row in rows:
        operation = ComprehendOperation(row["operation"])
        result = json_columns.load(_result_type(operation), row["result"])
        if result is not None:
            results[row["text_hash"], operation] = result
    return results


def save(tx: UserTransaction, results: Mapping[ResultKey, ComprehendResult], expires_at: datetime) -> None:
    """Store results. Replace expired ones and those that another request has stored in the meantime."""
    for (text_hash, operation), result in results.items():
        tx.execute(
            "INSERT INTO comprehend_results (user_id, text_hash, operation, result, expires_at) "
            "VALUES (:user_id, :text_hash, :operation, :result, :expires_at) "
            "ON CONFLICT (user_id, text_hash, operation) "
            "DO UPDATE SET result = EXCLUDED.result, expires_at = EXCLUDED.expires_at",
            text_hash=text_hash,
            operation=operation.value,
            result=json_columns.dump(result, _result_type(operation)),
            expires_at=expires_at,
        )


def _result_type(operation: ComprehendOperation) -> type:
    return SentimentScores if operation is ComprehendOperation.SENTIMENT else tuple[TextSpan, ...]
