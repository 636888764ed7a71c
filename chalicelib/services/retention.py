"""Erasure of expired data, by an hourly job and a daily check."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from chalicelib.analysis import tally_document
from chalicelib.aws import uploads
from chalicelib.errors import Unavailable
from chalicelib.observability import count
from chalicelib.repositories import expiry
from chalicelib.repositories.database import MAX_ROWS_PER_TRANSACTION, SystemTransaction, UserTransaction, database
from chalicelib.services import erasure
from chalicelib.settings import settings

# Rooms and files per query.
BATCH_SIZE = 500
# The limit of a run in seconds. Its Lambda may run for 60 seconds. The next run continues the work.
_MAX_RUN_S = 45.0
# The job runs every hour and may need two runs to erase everything.
_GRACE_PERIOD = timedelta(hours=2)
_KINDS = ("rooms", "files", "messages", "quotes", "counters")

T = TypeVar("T")


class _Run:
    """One run of the job: the counts of erased items, the time limit, and the failure that stopped it."""

    def __init__(self, now: datetime, max_seconds: float) -> None:
        self.now = now
        self.erased = dict.fromkeys(_KINDS, 0)
        self.failure: Unavailable | None = None
        self._ends_at = time.monotonic() + max_seconds

    def erase_rows(self, kind: str, rule: expiry.RowExpiryRule) -> None:
        """Erase rows in transactions of the allowed size, until no row is left."""
        batch_size = MAX_ROWS_PER_TRANSACTION
        while batch_size == MAX_ROWS_PER_TRANSACTION and self._has_time():
            batch_size = database().across_users(lambda tx: rule.erase(tx, self.now, MAX_ROWS_PER_TRANSACTION))
            self.erased[kind] += batch_size

    def erase_each(
        self,
        kind: str,
        find: Callable[[SystemTransaction, datetime, int], list[T]],
        erase: Callable[[T, datetime], None],
    ) -> None:
        """Erase items one by one until no item is left. If a dependency fails, stop and store the failure."""
        batch_size = BATCH_SIZE
        while batch_size == BATCH_SIZE and self._has_time():
            batch = database().across_users(lambda tx: find(tx, self.now, BATCH_SIZE))
            batch_size = len(batch)
            for item in batch:
                if not self._has_time():
                    return
                try:
                    erase(item, self.now)
                except Unavailable as error:
                    self.failure = error
                    return
                self.erased[kind] += 1

    def _has_time(self) -> bool:
        return time.monotonic() < self._ends_at


def erase_expired(now: datetime, max_seconds: float = _MAX_RUN_S) -> dict[str, int]:
    """Erase expired messages, quotes, files with their objects, and counters. Return the number of each.

    Raises:
        Unavailable: A dependency is down. Everything that does not need it was erased.
    """
    run = _Run(now, max_seconds)
    for rule in expiry.QUOTE_RULES:
        run.erase_rows("quotes", rule)
    run.erase_each("rooms", expiry.find_rooms, _erase_room)
    run.erase_each("files", expiry.find_files, _erase_file)
    run.erase_rows("messages", expiry.MESSAGE_RULE)
    for rule in expiry.ROW_RULES:
        run.erase_rows("counters", rule)
    count("Expired", sum(run.erased.values()))
    if run.failure:
        raise run.failure
    return run.erased


def check_retention(now: datetime) -> dict[str, int]:
    """Count by table the rows that expired more than two hours ago. The metric ``Overdue`` is the sum.

    A sum greater than 0 means that the hourly job does not work.
    """
    rules = (expiry.ROOM_RULE, expiry.FILE_RULE, expiry.MESSAGE_RULE, *expiry.QUOTE_RULES, *expiry.ROW_RULES)
    overdue = dict.fromkeys((rule.table for rule in rules), 0)
    for rule in rules:
        overdue[rule.table] += database().across_users(partial(rule.count_expired, now=now - _GRACE_PERIOD))
    count("Overdue", sum(overdue.values()))
    return overdue


def _erase_room(room: expiry.ExpiredRoom, now: datetime) -> None:
    """Erase the messages of a room, and their quotes in the room's row."""
    if room.generation:
        erasure.erase_generation(room.user_id, room.room_id, room.generation)

    def clear(tx: UserTransaction) -> None:
        statistics = expiry.read_statistics(tx, room)
        expiry.clear_messages(tx, room, _without_rare_words(statistics) if statistics else None, now)

    database().transaction(room.user_id, clear)


def _without_rare_words(statistics: str) -> str:
    """Remove words that occur once or twice: they reveal the content of messages."""
    tally = tally_document.load(statistics)
    tally.drop_rare_words()
    return tally_document.dump(tally)


def _erase_file(file: expiry.ExpiredFile, _now: datetime) -> None:
    """Erase a file with its object, and with the messages that an interrupted import wrote."""
    uploads.erase(settings().upload_bucket, uploads.UploadKey(file.user_id, file.file_id))
    if file.generation and file.room_id:
        erasure.erase_generation(file.user_id, file.room_id, file.generation)
    database().transaction(file.user_id, lambda tx: expiry.erase_file(tx, file))
