"""Parts of one chat, put together.

Apps cut long chats into files (``Talk_…-1.txt``, ``message_2.json``), and people
keep the exports of several weeks in one folder. Both are one chat, and several
chats are none: which of them is meant, nobody said.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import astuple
from datetime import datetime
from itertools import takewhile
from operator import attrgetter

from chalicelib.domain import Chat, LineReport, Message
from chalicelib.parsing.detection import unrecognised_format

_MIN_COMMON_SENDERS = 2
_MessageKey = tuple[str | None, str, str]


def join_parts(parts: list[Chat]) -> Chat:
    """The chat that these are parts of, in time's order.

    A part that begins where the one before it ends, or later, goes on from
    there. Of parts that cover the same time the longer is kept; the report
    leaves the others' lines out, and a warning says so. Of a part that only
    begins in the time of another, what comes after that is added.

    Raises:
        UnreadableFile: ``unrecognised_format`` with the ``reason``: ``mixed``
            formats, or ``several_chats``.
    """
    if len(parts) == 1:
        return parts[0]
    if len({part.format for part in parts}) > 1:
        raise unrecognised_format(reason="mixed")
    for part in parts:
        part.messages.sort(key=attrgetter("sent_at"))
    spoken = sorted((part for part in parts if part.messages), key=_start_then_longest)
    _require_one_chat(spoken)
    kept = [part for part in parts if not part.messages]
    messages: list[Message] = []
    repeated = 0
    for part in spoken:
        new = _new_messages(messages, part.messages)
        if new:
            kept.append(part)
            messages += new
            repeated += len(part.messages) - len(new)
    first = (spoken or parts)[0]
    return Chat(
        format=first.format,
        messages=messages,
        report=_sum_reports([part.report for part in kept]),
        partner_name=next((part.partner_name for part in spoken if part.partner_name), None),
        my_name=next((part.my_name for part in spoken if part.my_name), None),
        warnings=[
            *(line for part in kept for line in part.warnings),
            *_overlap_warnings(len(parts) - len(kept), repeated),
        ],
        encoding=first.encoding,
        timed=all(part.timed for part in parts),
    )


def _start_then_longest(part: Chat) -> tuple[datetime, float]:
    return part.messages[0].sent_at, -part.messages[-1].sent_at.timestamp()


def _require_one_chat(parts: list[Chat]) -> None:
    """Parts of one chat are called by one name; where they have none, who writes in them tells.

    That one person is in both does not: everybody is in all of their own chats.
    """
    names = {part.partner_name for part in parts}
    if len(names - {None}) > 1:
        raise unrecognised_format(reason="several_chats")
    known: set[str] = set()
    for part in parts if None in names else ():
        people = {message.sender for message in part.messages if message.sender is not None}
        if not (people <= known or known <= people or len(people & known) >= _MIN_COMMON_SENDERS):
            raise unrecognised_format(reason="several_chats")
        known |= people


def _new_messages(messages: list[Message], part: list[Message]) -> list[Message]:
    """What ``part`` adds to ``messages``.

    Text exports tell the minute, so one that is cut within a minute begins in
    the very minute that the file before it ends in: all of it is new. What
    begins earlier was exported twice, and of its messages in that last minute
    those are new that are not there yet.
    """
    if not messages or part[0].sent_at >= messages[-1].sent_at:
        return part
    last = messages[-1].sent_at
    there = Counter(_key(message) for message in takewhile(lambda message: message.sent_at == last, reversed(messages)))
    return [message for message in part if message.sent_at >= last and not _consume_duplicate(there, message, last)]


def _consume_duplicate(there: Counter[_MessageKey], message: Message, last: datetime) -> bool:
    """Whether a message of the moment ``last`` is one of those ``there``, which then stands for no other."""
    if message.sent_at > last or not there[_key(message)]:
        return False
    there[_key(message)] -= 1
    return True


def _key(message: Message) -> _MessageKey:
    return message.sender, message.kind, message.text


def _sum_reports(reports: list[LineReport]) -> LineReport:
    return LineReport(*map(sum, zip(*map(astuple, reports), strict=True)))


def _overlap_warnings(covered: int, repeated: int) -> list[str]:
    warnings = []
    if covered:
        warnings.append(f"다른 파일과 기간이 겹치는 파일 {covered}개는 빼고 읽었어요. 줄 수에도 넣지 않았어요.")
    if repeated:
        warnings.append(f"두 파일에 겹쳐 있는 메시지 {repeated}개는 한 번만 담았어요.")
    return warnings
