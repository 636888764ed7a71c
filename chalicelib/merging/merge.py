"""What an export does to the room it belongs to, decided without touching anything.

An export that covers the room's period replaces it; one that begins later adds
what comes after the last message known; one that begins earlier and ends before
it takes the room's kept messages after its own end. Anything else adds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from chalicelib.analysis.tally import Tally, minute_of
from chalicelib.domain import Chat, KeptMessage, Message

# So many of the last messages known tell where a text without times goes on.
OVERLAP = 3


@dataclass(frozen=True, slots=True)
class RoomHistory:
    """What a room holds: its counts, who wrote, and the latest messages, oldest first, as far as they are kept."""

    tally: Tally
    names: tuple[str, ...] = ()
    kept: Sequence[KeptMessage] = ()

    @property
    def positions(self) -> range:
        """The positions of the messages kept."""
        return range(self.kept[0].position, self.kept[-1].position + 1) if self.kept else range(0)


@dataclass(slots=True)
class MergeResult:
    """A room's counts after an import, and the rows to keep.

    ``kept`` are messages of the export, the first of them at
    ``first_position``; ``carried`` are positions whose rows are copied from the
    generation before. ``new_messages`` leaves the room's notices out. The
    counts may be those of the export alone.
    """

    tally: Tally
    new_messages: int
    kept: list[Message] = field(default_factory=list)
    carried: range = range(0)
    of_export_alone: bool = False

    @property
    def first_position(self) -> int:
        """Where the export's kept messages begin, counted from the room's first message ever."""
        return self.tally.events - len(self.kept)


def merge(known: RoomHistory | None, chat: Chat, limit: int) -> MergeResult | None:
    """Merge ``chat`` into a room of which ``known`` is known, so that at most ``limit`` rows are kept.

    None when the export brings nothing new, or nothing that can still be put in its place.
    """
    if known is None or not known.tally.events:
        return _replaced(0, chat, limit)
    first, last = known.tally.period_in_minutes
    begins, ends = minute_of(chat.messages[0]), minute_of(chat.messages[-1])
    if begins <= first and ends >= last:
        return _replaced(known.tally.messages, chat, limit)
    if begins >= first:
        return _continued(known, chat, limit)
    return _preceded(known, chat, limit)


def _replaced(before: int, chat: Chat, limit: int) -> MergeResult:
    tally = Tally()
    tally.add(chat.messages, timed=chat.timed)
    new_messages = max(tally.messages - before, 0)
    return MergeResult(tally, new_messages, chat.messages[-limit:], of_export_alone=True)


def _continued(known: RoomHistory, chat: Chat, limit: int) -> MergeResult | None:
    tally = known.tally
    new = tally.unseen(chat.messages) if chat.timed else _after_known(known.kept, chat.messages)
    if not new:
        return None
    tally.add(new, timed=chat.timed)
    merged = MergeResult(tally, sum(message.sender is not None for message in new), new[-limit:])
    rows = known.positions
    oldest = max(rows.start, tally.events - limit)
    merged.carried = range(oldest, max(oldest, min(rows.stop, merged.first_position)))
    return merged


def _preceded(known: RoomHistory, chat: Chat, limit: int) -> MergeResult | None:
    """Count everything anew: the export, and what the room has after its end, if every message of that is kept."""
    ends = minute_of(chat.messages[-1])
    rows = [row.message for row in known.kept]
    is_whole = len(rows) == known.tally.events or (rows and minute_of(rows[0]) <= ends)
    if not is_whole:
        return None
    zone = chat.messages[-1].sent_at.tzinfo
    later = [row.changed(sent_at=row.sent_at.astimezone(zone)) for row in rows if minute_of(row) > ends]
    whole = replace(chat, messages=[*chat.messages, *later])
    merged = _replaced(known.tally.messages, whole, limit)
    merged.of_export_alone = False
    return merged if merged.new_messages else None


def _after_known(kept: Sequence[KeptMessage], messages: list[Message]) -> list[Message]:
    """What comes after the last messages known, told by their words alone."""
    joint = [_words(row.message) for row in kept[-OVERLAP:]]
    words = [_words(message) for message in messages]
    ends = (place for place in range(len(words), 0, -1) if joint and words[max(place - len(joint), 0) : place] == joint)
    return messages[next(ends, 0) :]


def _words(message: Message) -> tuple[str | None, str]:
    return message.sender, message.text
