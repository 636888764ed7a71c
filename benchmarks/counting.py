"""How fast a chat is counted, without and with the analysis of its texts."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.chats import SEOUL, chat
from benchmarks.table import Table
from chalicelib.analysis.tally import Tally
from chalicelib.domain import Kind, Message

MESSAGES, ROUNDS = 100_000, 5
MIN_MESSAGES_PER_SECOND = 300_000


def measure(table: Table) -> None:
    """Add the rows for one pass over all messages: as emoticons, whose texts are not read, and as texts."""
    texts = [Message(line.at.replace(tzinfo=SEOUL), line.sender, Kind.TEXT, line.text) for line in chat(MESSAGES)]
    emoticons = [message.with_fields(kind=Kind.EMOTICON) for message in texts]
    _add(table, f"count {MESSAGES:,} messages", emoticons, goal=f"≥ {MIN_MESSAGES_PER_SECOND:,}/s")
    _add(table, "… and analyse their texts: words, speech, sentiment", texts)


def _add(table: Table, name: str, messages: Sequence[Message], goal: str = "") -> None:
    seconds = _seconds(lambda: Tally().add(messages))
    table.add(name, f"{len(messages) / seconds:,.0f}/s", comparison=f"{seconds:.2f} s", goal=goal)


def _seconds(call: Callable[[], Any]) -> float:
    """Return the median processor time of some rounds."""
    rounds = []
    for _ in range(ROUNDS):
        started = time.process_time()
        call()
        rounds.append(time.process_time() - started)
    return statistics.median(rounds)
