"""``comprehend_results``: what Comprehend said of texts that only their hashes name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from chalicelib.domain import Emotions
from chalicelib.repositories import documents
from chalicelib.repositories.comprehend import Operation, Place, Result
from chalicelib.repositories.database import Transaction

# Which text, and what was asked of it.
Asked = tuple[str, Operation]


def known(tx: Transaction, hashes: Iterable[str], now: datetime) -> dict[Asked, Result]:
    """What was said of these texts and has not expired."""
    names = {f"hash_{index}": text_hash for index, text_hash in enumerate(hashes)}
    rows = tx.rows(
        "SELECT text_hash, operation, result FROM comprehend_results "
        f"WHERE user_id = :user_id AND text_hash IN ({', '.join(f':{name}' for name in names)}) AND expires_at > :now",
        now=now,
        **names,
    )
    found: dict[Asked, Result] = {}
    for row in rows:
        operation = Operation(row["operation"])
        result = documents.load(_kind(operation), row["result"])
        if result is not None:
            found[row["text_hash"], operation] = result
    return found


def keep(tx: Transaction, results: Mapping[Asked, Result], expires_at: datetime) -> None:
    """Keep what was said, over what has expired or another request was told meanwhile."""
    for (text_hash, operation), result in results.items():
        tx.execute(
            "INSERT INTO comprehend_results (user_id, text_hash, operation, result, expires_at) "
            "VALUES (:user_id, :text_hash, :operation, :result, :expires_at) "
            "ON CONFLICT (user_id, text_hash, operation) "
            "DO UPDATE SET result = EXCLUDED.result, expires_at = EXCLUDED.expires_at",
            text_hash=text_hash,
            operation=operation.value,
            result=documents.dump(result, _kind(operation)),
            expires_at=expires_at,
        )


def _kind(operation: Operation) -> type:
    return Emotions if operation is Operation.SENTIMENT else tuple[Place, ...]
