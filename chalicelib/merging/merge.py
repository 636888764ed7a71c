"""Decide how an export merges into its room. Pure: performs no I/O.

An export that covers the room's whole period replaces it. One that begins later adds what follows the room's last
message. One that begins earlier and ends before the room's last message keeps the room's messages after its own end.
Any other export adds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from chalicelib.analysis.tally import Tally, minute_of
from chalicelib.domain import Chat, KeptMessage, Message

# The number of the room's last messages that must be found in a text without times, to continue after them.
_OVERLAP_SIZE = 3


@dataclass(frozen=True, slots=True)
class RoomHistory:
    """The contents of a room: its counts, its senders, and the messages that are still stored, oldest first."""

    tally: Tally
    names: tuple[str, ...] = ()
    rows: Sequence[KeptMessage] = ()

    @property
    def positions(self) -> range:
        """Return the positions of the stored messages."""
        return range(self.rows[0].position, self.rows[-1].position + 1) if self.rows else range(0)


@dataclass(slots=True)
class MergeResult:
    """The counts of a room after an import, and the rows of its new generation.

    ``messages`` are the export's messages to store, the first of them at ``first_position``. The rows at
    ``carried_positions`` are copied from the previous generation. ``new_messages`` does not count notices.
    ``of_export_only`` is true if the counts contain only messages of the export.
    """

    tally: Tally
    new_messages: int
    messages: list[Message] = field(default_factory=list)
    carried_positions: range = range(0)
    of_export_only: bool = False

    @property
    def first_position(self) -> int:
        """Return the position of the export's first stored message, counted from the first message ever imported."""
        return self.tally.events - len(self.messages)


def merge(history: RoomHistory | None, chat: Chat, limit: int) -> MergeResult | None:
    """Merge ``chat`` into a room and keep at most ``limit`` rows.

    Return None if the export adds nothing, or nothing that can still be inserted at its place.
    """
    if history is None or not history.tally.events:
        return _replace_room(0, chat, limit)
    first, last = history.tally.period_in_minutes
    begin, end = minute_of(chat.messages[0]), minute_of(chat.messages[-1])
    if begin <= first and end >= last:
        return _replace_room(history.tally.messages, chat, limit)
    if begin >= first:
        return _append(history, chat, limit)
    return _prepend(history, chat, limit)


def _replace_room(previous_count: int, chat: Chat, limit: int) -> MergeResult:
    tally = Tally()
    tally.add(chat.messages, timed=chat.timed)
    new_messages = max(tally.messages - previous_count, 0)
    return MergeResult(tally, new_messages, chat.messages[-limit:], of_export_only=True)


def _append(history: RoomHistory, chat: Chat, limit: int) -> MergeResult | None:
    tally = history.tally
    new = tally.unseen(chat.messages) if chat.timed else _after_overlap(history.rows, chat.messages)
    if not new:
        return None
    tally.add(new, timed=chat.timed)
    result = MergeResult(tally, sum(message.sender is not None for message in new), new[-limit:])
    stored = history.positions
    oldest = max(stored.start, tally.events - limit)
    result.carried_positions = range(oldest, max(oldest, min(stored.stop, result.first_position)))
    return result


def _prepend(history: RoomHistory, chat: Chat, limit: int) -> MergeResult | None:
    """Recount the export and the room's messages after its end. All of those messages must still be stored."""
    end = minute_of(chat.messages[-1])
    stored = [row.message for row in history.rows]
    is_complete = len(stored) == history.tally.events or (stored and minute_of(stored[0]) <= end)
    if not is_complete:
        return None
    zone = chat.messages[-1].sent_at.tzinfo
    later = [
        message.with_fields(sent_at=message.sent_at.astimezone(zone)) for message in stored if minute_of(message) > end
    ]
    combined = replace(chat, messages=[*chat.messages, *later])
    result = _replace_room(history.tally.messages, combined, limit)
    result.of_export_only = False
    return result if result.new_messages else None


def _after_overlap(rows: Sequence[KeptMessage], messages: list[Message]) -> list[Message]:
    """Return the messages after the room's last messages, found by sender and text only."""
    overlap = [_sender_and_text(row.message) for row in rows[-_OVERLAP_SIZE:]]
    pairs = [_sender_and_text(message) for message in messages]
    ends = (end for end in range(len(pairs), 0, -1) if overlap and pairs[max(end - len(overlap), 0) : end] == overlap)
    return messages[next(ends, 0) :]


def _sender_and_text(message: Message) -> tuple[str | None, str]:
    return message.sender, message.text
