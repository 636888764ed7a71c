"""Erasing what has been kept for its time."""

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
from chalicelib.repositories import expired
from chalicelib.repositories.database import MAX_ROWS_PER_TRANSACTION, SystemTransaction, UserTransaction, database
from chalicelib.services import erasure
from chalicelib.settings import settings

# Rooms and files that are looked up at once.
BATCH_SIZE = 500
# How long a run goes on; its Lambda may run for 60 s. The next run takes up what is left.
RUN_S = 45.0
# The job runs every hour, and may need two runs.
GRACE = timedelta(hours=2)
KINDS = ("rooms", "files", "messages", "quotes", "counters")

T = TypeVar("T")


class _Run:
    """One run: what was erased, until when it may go on, and what kept it from erasing more."""

    def __init__(self, now: datetime, seconds: float) -> None:
        self.now = now
        self.erased = dict.fromkeys(KINDS, 0)
        self.failure: Unavailable | None = None
        self._ends_at = time.monotonic() + seconds

    def rows_of(self, name: str, kind: expired.ExpiringRows) -> None:
        """Erase rows in transactions that the database allows, until none is left."""
        erased = MAX_ROWS_PER_TRANSACTION
        while erased == MAX_ROWS_PER_TRANSACTION and self._has_time():
            erased = database().across_users(lambda tx: kind.erase(tx, self.now, MAX_ROWS_PER_TRANSACTION))
            self.erased[name] += erased

    def each_of(
        self,
        name: str,
        find: Callable[[SystemTransaction, datetime, int], list[T]],
        erase: Callable[[T, datetime], None],
    ) -> None:
        """Erase things one by one, until none is left or a dependency fails; the others need not wait for that."""
        found = BATCH_SIZE
        while found == BATCH_SIZE and self._has_time():
            batch = database().across_users(lambda tx: find(tx, self.now, BATCH_SIZE))
            found = len(batch)
            for one in batch:
                if not self._has_time():
                    return
                try:
                    erase(one, self.now)
                except Unavailable as failure:
                    self.failure = failure
                    return
                self.erased[name] += 1

    def _has_time(self) -> bool:
        return time.monotonic() < self._ends_at


def erase_expired(now: datetime, seconds: float = RUN_S) -> dict[str, int]:
    """Erase expired messages, quotes, files with their objects, and counters; return how many of each.

    Raises:
        Unavailable: something could not be erased because a dependency is down; everything else was.
    """
    run = _Run(now, seconds)
    for quotes in expired.QUOTES:
        run.rows_of("quotes", quotes)
    run.each_of("rooms", expired.rooms, _erase_room)
    run.each_of("files", expired.files, _erase_file)
    run.rows_of("messages", expired.MESSAGES)
    for counters in expired.COUNTERS:
        run.rows_of("counters", counters)
    count("Expired", sum(run.erased.values()))
    if run.failure:
        raise run.failure
    return run.erased


def check_retention(now: datetime) -> dict[str, int]:
    """Count what should have been erased an hour ago and is still there, by table; the metric ``Overdue`` has the sum.

    The hourly job erases it; a day's check that finds something means that the job does not.
    """
    kinds = (expired.ROOMS, expired.FILES, expired.MESSAGES, *expired.QUOTES, *expired.COUNTERS)
    overdue = dict.fromkeys((kind.table for kind in kinds), 0)
    for kind in kinds:
        overdue[kind.table] += database().across_users(partial(kind.left, now=now - GRACE))
    count("Overdue", sum(overdue.values()))
    return overdue


def _erase_room(room: expired.ExpiredRoom, now: datetime) -> None:
    if room.generation:
        erasure.erase_generation(room.user_id, room.room_id, room.generation)

    def forget(tx: UserTransaction) -> None:
        statistics = expired.statistics(tx, room)
        expired.forget_messages(tx, room, _without_rare_words(statistics) if statistics else None, now)

    database().transaction(room.user_id, forget)


def _without_rare_words(statistics: str) -> str:
    """Statistics without words that were said once or twice: they tell what somebody said, not how they speak."""
    tally = tally_document.load(statistics)
    tally.drop_rare_words()
    return tally_document.dump(tally)


def _erase_file(file: expired.ExpiredFile, _now: datetime) -> None:
    uploads.erase(settings().upload_bucket, uploads.UploadKey(file.user_id, file.file_id))
    if file.generation and file.room_id:  # what an interrupted import left, too
        erasure.erase_generation(file.user_id, file.room_id, file.generation)
    database().transaction(file.user_id, lambda tx: expired.erase_file(tx, file))
