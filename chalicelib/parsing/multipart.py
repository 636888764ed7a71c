"""Join the parts of one chat.

Apps split long chats into several files (``Talk_…-1.txt``, ``message_2.json``), and people keep the exports of several
weeks in one folder. Both are one chat. Files of different chats are refused, because the file does not show which chat
the user means.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field
from datetime import datetime
from itertools import takewhile
from operator import attrgetter

from chalicelib.domain import Chat, LineReport, Message
from chalicelib.parsing.detection import unrecognised_format

# Parts without a partner's name belong to one chat if at least this many people write in both.
_MIN_COMMON_SENDERS = 2
_MessageKey = tuple[str | None, str, str]


def join_parts(parts: list[Chat]) -> Chat:
    """Join the parts of a chat in order of time.

    A part that begins at or after the end of the previous one continues it. A part within the period of another one is
    left out: the report does not count its lines, and a warning says so. If a part begins within another one and ends
    after it, only its messages after the other's end are added.

    Raises:
        UnreadableFile: ``unrecognised_format`` with the ``reason``: ``mixed`` formats, or ``several_chats``.
    """
    if len(parts) == 1:
        return parts[0]
    if len({part.format for part in parts}) > 1:
        raise unrecognised_format(reason="mixed")
    for part in parts:
        part.messages.sort(key=attrgetter("sent_at"))
    nonempty = sorted((part for part in parts if part.messages), key=_start_then_latest_end)
    _require_one_chat(nonempty)
    # Parts without messages contribute lines to the report.
    joiner = _Joiner(parts=[part for part in parts if not part.messages])
    for part in nonempty:
        joiner.add(part)
    first = (nonempty or parts)[0]
    return Chat(
        format=first.format,
        messages=joiner.messages,
        report=_sum_reports([part.report for part in joiner.parts]),
        partner_name=_first_name(part.partner_name for part in nonempty),
        my_name=_first_name(part.my_name for part in nonempty),
        warnings=joiner.warnings(covered=len(parts) - len(joiner.parts)),
        encoding=first.encoding,
        timed=all(part.timed for part in parts),
    )


@dataclass
class _Joiner:
    """Collects the parts that contribute to the chat, and their messages."""

    parts: list[Chat]
    messages: list[Message] = field(default_factory=list)
    repeated: int = 0

    def add(self, part: Chat) -> None:
        """Add a part and its new messages. Leave out a part without new messages."""
        if new_messages := _new_messages(self.messages, part.messages):
            self.parts.append(part)
            self.messages += new_messages
            self.repeated += len(part.messages) - len(new_messages)

    def warnings(self, *, covered: int) -> list[str]:
        """Return the warnings of the parts, and about the number of parts that others cover."""
        warnings = [warning for part in self.parts for warning in part.warnings]
        if covered:
            warnings.append(f"다른 파일과 기간이 겹치는 파일 {covered}개는 제외했어요. 줄 수에도 포함하지 않았어요.")
        if self.repeated:
            warnings.append(f"여러 파일에 겹치는 메시지 {self.repeated}개는 한 번만 가져왔어요.")
        return warnings


def _start_then_latest_end(part: Chat) -> tuple[datetime, float]:
    return part.messages[0].sent_at, -part.messages[-1].sent_at.timestamp()


def _first_name(names: Iterator[str | None]) -> str | None:
    return next(filter(None, names), None)


def _require_one_chat(parts: list[Chat]) -> None:
    """Raise unless the parts belong to one chat: they have the same partner, or common senders if one has no partner.

    One common sender proves nothing, because the user who exports is in all of their chats.
    """
    partners = {part.partner_name for part in parts}
    if len(partners - {None}) > 1:
        raise unrecognised_format(reason="several_chats")
    if None not in partners:
        return
    all_senders: set[str] = set()
    for part in parts:
        senders = {message.sender for message in part.messages if message.sender is not None}
        if not _may_be_one_chat(senders, all_senders):
            raise unrecognised_format(reason="several_chats")
        all_senders |= senders


def _may_be_one_chat(senders: set[str], other_senders: set[str]) -> bool:
    return senders <= other_senders or other_senders <= senders or len(senders & other_senders) >= _MIN_COMMON_SENDERS


def _new_messages(messages: list[Message], part: list[Message]) -> list[Message]:
    """Return the messages of ``part`` that ``messages`` does not contain.

    Many exports have times in minutes. If an app splits a chat within a minute, the next part begins in the minute in
    which the previous one ends, and all of its messages are new. A part that begins earlier overlaps ``messages``. Of
    the last minute of ``messages``, only messages that are not there yet are new.
    """
    if not messages or part[0].sent_at >= messages[-1].sent_at:
        return part
    end = messages[-1].sent_at
    in_last_minute = takewhile(lambda message: message.sent_at == end, reversed(messages))
    unmatched_counts = Counter(map(_key, in_last_minute))
    return [message for message in part if message.sent_at >= end and not _is_duplicate(message, unmatched_counts, end)]


def _is_duplicate(message: Message, unmatched_counts: Counter[_MessageKey], end: datetime) -> bool:
    """Return whether a message repeats one of the time ``end`` that is not matched yet. Count that one as matched."""
    if message.sent_at > end or not unmatched_counts[_key(message)]:
        return False
    unmatched_counts[_key(message)] -= 1
    return True


def _key(message: Message) -> _MessageKey:
    return message.sender, message.kind, message.text


def _sum_reports(reports: list[LineReport]) -> LineReport:
    return LineReport(*map(sum, zip(*map(astuple, reports), strict=True)))
