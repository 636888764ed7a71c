"""Decide how an export merges into its room. Pure: performs no I/O.

An export that covers the room's whole period replaces the room's messages. An export that begins later adds its
messages after the room's last one. An export that begins earlier and ends earlier replaces the room's messages up to
its own end, if all later messages of the room are still stored. Otherwise it adds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from chalicelib.analysis.tally import Tally, minute_of
from chalicelib.domain import Chat, Message, StoredMessage

# A chat without times continues the room after this many of the room's last messages.
_OVERLAP_SIZE = 3


@dataclass(frozen=True, slots=True)
class RoomHistory:
    """The contents of a room: its counts, its senders, and the messages that are still stored, oldest first."""

    tally: Tally
    names: tuple[str, ...] = ()
    rows: Sequence[StoredMessage] = ()

    @property
    def positions(self) -> range:
        """Return the positions of the stored messages."""
        return range(self.rows[0].position, self.rows[-1].position + 1) if self.rows else range(0)


@dataclass(slots=True)
class MergeResult:
    """The counts of a room after an import, and the rows of its new generation.

    ``messages`` are the messages to insert, the first of them at ``first_position``. The rows at ``carried_positions``
    are copied from the previous generation. ``new_message_count`` is the number of new messages without notices.
    ``of_export_only`` is true if the counts contain only messages of the export.
    """

    tally: Tally
    new_message_count: int
    messages: list[Message] = field(default_factory=list)
    carried_positions: range = range(0)
    of_export_only: bool = False

    @property
    def first_position(self) -> int:
        """Return the position of the first inserted message, counted from the first message ever imported."""
        return self.tally.events - len(self.messages)


def merge(history: RoomHistory | None, chat: Chat, limit: int) -> MergeResult | None:
    """Merge ``chat`` into a room and keep at most ``limit`` rows.

    Return None if the export adds no message, or if it begins earlier and messages after its end are not stored.
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
    """Make ``chat`` the whole content of the room. Only messages beyond ``previous_count`` count as new."""
    tally = Tally()
    tally.add(chat.messages, has_times=chat.timed)
    new_message_count = max(tally.messages - previous_count, 0)
    return MergeResult(tally, new_message_count, chat.messages[-limit:], of_export_only=True)


def _append(history: RoomHistory, chat: Chat, limit: int) -> MergeResult | None:
    tally = history.tally
    new_messages = (
        tally.messages_after_end(chat.messages) if chat.timed else _after_overlap(history.rows, chat.messages)
    )
    if not new_messages:
        return None
    tally.add(new_messages, has_times=chat.timed)
    result = MergeResult(tally, sum(message.sender is not None for message in new_messages), new_messages[-limit:])
    stored_positions = history.positions
    oldest = max(stored_positions.start, tally.events - limit)
    result.carried_positions = range(oldest, max(oldest, min(stored_positions.stop, result.first_position)))
    return result


def _prepend(history: RoomHistory, chat: Chat, limit: int) -> MergeResult | None:
    """Replace the room by the export and the room's messages after its end, if all of those are still stored."""
    end = minute_of(chat.messages[-1])
    stored_messages = [row.message for row in history.rows]
    has_all_later_messages = len(stored_messages) == history.tally.events or (
        stored_messages and minute_of(stored_messages[0]) <= end
    )
    if not has_all_later_messages:
        return None
    zone = chat.messages[-1].sent_at.tzinfo
    later_messages = [
        message.with_fields(sent_at=message.sent_at.astimezone(zone))
        for message in stored_messages
        if minute_of(message) > end
    ]
    combined_chat = replace(chat, messages=[*chat.messages, *later_messages])
    result = _replace_room(history.tally.messages, combined_chat, limit)
    result.of_export_only = False
    return result if result.new_message_count else None


def _after_overlap(rows: Sequence[StoredMessage], messages: list[Message]) -> list[Message]:
    """Return the messages after the last occurrence of the room's last messages, compared by sender and text.

    Return all messages if the room's last messages do not occur.
    """
    overlap = [_sender_and_text(row.message) for row in rows[-_OVERLAP_SIZE:]]
    pairs = [_sender_and_text(message) for message in messages]
    if not overlap:
        return messages
    for end in range(len(pairs), len(overlap) - 1, -1):
        if pairs[end - len(overlap) : end] == overlap:
            return messages[end:]
    return messages


def _sender_and_text(message: Message) -> tuple[str | None, str]:
    return message.sender, message.text
