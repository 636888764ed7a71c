"""What an export does to the room it belongs to, decided without touching anything.

An export that covers the room's period replaces it; one that begins later adds
what comes after the last message known; anything else adds nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from chalicelib.domain import Chat, Kind, Message
from chalicelib.services.analysis.statistics import Tally, minute_of


@dataclass(slots=True)
class Merged:
    """A room's counts after an import, and the rows to keep.

    ``kept`` are messages of the export, the first of them at
    ``first_position``; ``carried`` are positions whose rows are copied from the
    generation before. ``new_messages`` leaves the room's notices out.
    """

    tally: Tally
    new_messages: int
    kept: list[Message] = field(default_factory=list)
    carried: range = range(0)

    @property
    def first_position(self) -> int:
        """Where the export's kept messages begin, counted from the room's first message ever."""
        return self.tally.events - len(self.kept)


def merge(known: Tally | None, kept: range, chat: Chat, limit: int) -> Merged | None:
    """Merge ``chat`` into a room of which ``known`` was counted and positions ``kept`` are rows.

    At most ``limit`` rows are kept. None when the export brings nothing new.
    """
    if known is None or not known.events or _covers(chat, known):
        return _replaced(known, chat, limit)
    return _continued(known, kept, chat, limit)


def _covers(chat: Chat, known: Tally) -> bool:
    first, last = known.period_in_minutes
    return minute_of(chat.messages[0]) <= first and minute_of(chat.messages[-1]) >= last


def _replaced(known: Tally | None, chat: Chat, limit: int) -> Merged:
    tally = Tally()
    tally.add(chat.messages)
    before = known.messages if known else 0
    return Merged(tally, max(tally.messages - before, 0), chat.messages[-limit:])


def _continued(known: Tally, kept: range, chat: Chat, limit: int) -> Merged | None:
    first, _ = known.period_in_minutes
    new = known.unseen(chat.messages) if minute_of(chat.messages[0]) >= first else []
    if not new:
        return None
    known.add(new)
    merged = Merged(known, sum(message.kind is not Kind.SYSTEM for message in new), new[-limit:])
    oldest = max(kept.start, known.events - limit)
    merged.carried = range(oldest, max(oldest, min(kept.stop, merged.first_position)))
    return merged
