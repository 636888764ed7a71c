"""What exports that are JSON have in common: a list of objects, most of them messages, none of them to be trusted.

A report counts the objects of the list: a message, a notice, or neither.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import Any

from chalicelib.domain import MAX_NAME_LENGTH, Chat, Kind, LineReport, Message
from chalicelib.errors import UnreadableFile
from chalicelib.parsing.decoding import to_nfc
from chalicelib.parsing.json_object import REPLACEMENT_CHARACTER

NUL = "\0"
# Who has no name: an account that was deleted.
_UNKNOWN_NAME = "(알 수 없음)"
# How many objects are looked at to tell a format, and how many of them must be its messages.
_SAMPLE_SIZE = 300
_MIN_MESSAGE_SHARE = 0.8
# What an object raises on the way to a message when it is shaped like none.
SHAPE_ERRORS = (LookupError, TypeError, AttributeError)
# What a time raises that no calendar has.
TIMESTAMP_ERRORS = (ValueError, OverflowError, OSError)
# No call is longer; only a damaged or hostile file says so.
_MAX_CALL_SECONDS = 7 * 24 * 3600
# What a format claims of an export whose document as a whole is its own.
WHOLE_DOCUMENT = frozenset((0,))


def are_mostly_messages(items: list[Any], is_message: Callable[[Any], bool]) -> bool:
    """Whether what a list begins with is messages, as far as a format may be told by it."""
    looked_at = items[:_SAMPLE_SIZE]
    return sum(map(is_message, looked_at)) >= _MIN_MESSAGE_SHARE * len(looked_at)


def read_items(
    name: str, items: list[Any], message_of: Callable[[Any], Message], read: Iterable[Message | None] = repeat(None)
) -> Chat:
    """The chat in a list, in the list's order.

    ``read`` are those that are read already. ``message_of`` reads one object; it
    raises one of ``NO_MESSAGE`` for what is none, which is counted, and one of
    ``NO_TIME`` for a time that does not exist.

    Raises:
        UnreadableFile: with the place (``line``) of a time that does not exist.
    """
    messages: list[Message] = []
    unread = 0
    try:
        for item, known in zip(items, read, strict=False):
            try:
                messages.append(known or message_of(item))
            except SHAPE_ERRORS:
                unread += 1
    except TIMESTAMP_ERRORS as error:
        raise UnreadableFile("unrecognised_format", line=len(messages) + unread + 1) from error
    report = LineReport(len(items), len(messages), 0, 0, 0, 0, unread)
    warnings = [f"메시지로 읽지 못한 항목이 {unread}개 있어요."] if unread else []
    chat = Chat(name, messages, report, warnings=warnings)
    chat.recount_notices()
    return chat


def clean(text: str) -> str:
    """A string as it can be stored: composed (NFC), and U+FFFD for NUL, which PostgreSQL does not take.

    Raises TypeError or AttributeError for what is no string.
    """
    return to_nfc(text.replace(NUL, REPLACEMENT_CHARACTER) if NUL in text else text)


def clean_name(text: Any) -> str:
    """A name as it can be stored; deleted accounts have none."""
    return clean(text)[:MAX_NAME_LENGTH] if text else _UNKNOWN_NAME


def call_seconds(value: object) -> int:
    """How long a call was; 0 when nobody answered, or nothing believable is said."""
    return int(value) if isinstance(value, int) and 0 <= value <= _MAX_CALL_SECONDS else 0


def kind_label(kind: Kind) -> str:
    """What is shown for a message of a kind that came without words."""
    return str(wording()["kinds"][kind.value])


@cache
def wording() -> Any:
    """The Korean that stands for what exports say by structure alone."""
    return json.loads((Path(__file__).parent / "wording.json").read_text(encoding="utf-8"))
