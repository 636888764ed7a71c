"""Erasing what has been kept for its time."""

from __future__ import annotations

import json
from datetime import datetime

from chalicelib.observability import count
from chalicelib.repositories import expired, objects
from chalicelib.repositories.database import ROWS_A_TRANSACTION, Transaction, database
from chalicelib.services import erasure
from chalicelib.services.analysis.statistics import Tally
from chalicelib.settings import settings

# What one run takes on; the next goes on.
A_RUN = 500


def erase_expired(now: datetime) -> dict[str, int]:
    """Erase expired messages, quotes, files with their objects, and counters; return how many of each."""
    # First what needs no other service.
    counters = sum(_erase_all(kind, now) for kind in expired.COUNTERS)
    quotes = sum(_erase_all(kind, now) for kind in expired.QUOTES)
    rooms = database().job(lambda tx: expired.rooms(tx, now, A_RUN))
    for room in rooms:
        _erase_room(room, now)
    files = database().job(lambda tx: expired.files(tx, now, A_RUN))
    for file in files:
        _erase_file(file)
    erased = {
        "rooms": len(rooms),
        "files": len(files),
        "messages": _erase_all(expired.MESSAGES, now),
        "quotes": quotes,
        "counters": counters,
    }
    count("Expired", sum(erased.values()), **{kind: str(number) for kind, number in erased.items()})
    return erased


def _erase_all(kind: expired.Expiring, now: datetime) -> int:
    total, erased = 0, ROWS_A_TRANSACTION
    while erased == ROWS_A_TRANSACTION:
        erased = database().job(lambda tx: kind.erase(tx, now, ROWS_A_TRANSACTION))
        total += erased
    return total


def _erase_room(room: expired.ExpiredRoom, now: datetime) -> None:
    if room.generation:
        erasure.erase_generation(room.user_id, room.room_id, room.generation)

    def forget(tx: Transaction) -> None:
        statistics = expired.statistics(tx, room)
        expired.forget_messages(tx, room, _without_rare_words(statistics) if statistics else None, now)

    database().transaction(room.user_id, forget)


def _without_rare_words(statistics: str) -> str:
    """Statistics without words that were said once or twice: they tell what somebody said, not how they speak."""
    tally = Tally.from_document(json.loads(statistics))
    tally.forget_rare_words()
    return json.dumps(tally.to_document(), ensure_ascii=False)


def _erase_file(file: expired.ExpiredFile) -> None:
    objects.erase(settings().upload_bucket, objects.UploadKey(file.user_id, file.file_id))
    if file.generation and file.room_id:  # what an interrupted import left, too
        erasure.erase_generation(file.user_id, file.room_id, file.generation)
    database().transaction(file.user_id, lambda tx: expired.erase_file(tx, file))
