"""How fast a chat's statistics are counted, without and with what its texts say."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from benchmarks.chats import SEOUL, chat
from benchmarks.table import Table
from chalicelib.analysis.tally import Tally
from chalicelib.domain import Kind, Message

MESSAGES, ROUNDS = 100_000, 5
A_SECOND = 300_000


def measure(table: Table) -> None:
    """Add the rows of one pass over all messages: as emoticons, which are counted but not read, and as they are."""
    texts = [Message(line.at.replace(tzinfo=SEOUL), line.sender, Kind.TEXT, line.text) for line in chat(MESSAGES)]
    unread = [replace(message, kind=Kind.EMOTICON) for message in texts]
    _add(table, f"count {MESSAGES:,} messages", unread, goal=f"≥ {A_SECOND:,}/s")
    _add(table, "… and read their texts: words, speech, emotion", texts)


def _add(table: Table, what: str, messages: Sequence[Message], goal: str = "") -> None:
    seconds = _seconds(lambda: Tally().add(messages))
    table.add(what, f"{len(messages) / seconds:,.0f}/s", beside=f"{seconds:.2f} s", goal=goal)


def _seconds(call: Callable[[], Any]) -> float:
    """The median of some rounds of the processor's time."""
    taken = []
    for _ in range(ROUNDS):
        started = time.process_time()
        call()
        taken.append(time.process_time() - started)
    return statistics.median(taken)
