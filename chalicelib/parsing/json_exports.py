"""Read a list of JSON objects as messages, for all JSON exports.

The objects are not trusted: a field may have any type. The report counts each object of the list as a message, a notice
or unrecognised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import Any

from chalicelib import data_files
from chalicelib.data_files import Data
from chalicelib.domain import MAX_NAME_LENGTH, Chat, Kind, LineReport, Message
from chalicelib.errors import UnreadableFile
from chalicelib.parsing.decoding import to_nfc
from chalicelib.parsing.json_object import REPLACEMENT_CHARACTER

NUL = "\0"
# The name of senders whose accounts were deleted.
_UNKNOWN_NAME = "(알 수 없음)"
# A format is recognised by the first objects of its list, most of which must be messages.
_SAMPLE_SIZE = 300
_MIN_MESSAGE_SHARE = 0.8
# Exceptions raised by reading an object that is not built like a message.
SHAPE_ERRORS = (LookupError, TypeError, AttributeError)
# Exceptions raised by reading an impossible timestamp.
TIMESTAMP_ERRORS = (ValueError, OverflowError, OSError)
# One week. Only a damaged or hostile file contains longer calls.
_MAX_CALL_SECONDS = 7 * 24 * 3600
# The claim of a JSON format: a JSON object counts as the only record of its file.
WHOLE_DOCUMENT = frozenset((0,))


class Wording(Data, frozen=True):
    """Korean texts for messages that an export describes by fields instead of text.

    ``telegram_actions`` are the predicates of notices, by Telegram's name of the action.
    """

    kinds: dict[Kind, str]
    missed_call: str
    unavailable: str
    telegram_actions: dict[str, str]


@cache
def wording() -> Wording:
    """Return the texts of ``wording.json``."""
    return data_files.load(Path(__file__).parent / "wording.json", Wording)


def kind_label(kind: Kind) -> str:
    """Return the Korean word for a kind, which becomes the text of a message without text."""
    return wording().kinds[kind]


def are_mostly_messages(items: list[Any], is_message: Callable[[Any], bool]) -> bool:
    """Return whether enough of the first items are messages to recognise the format."""
    sample = items[:_SAMPLE_SIZE]
    return sum(map(is_message, sample)) >= _MIN_MESSAGE_SHARE * len(sample)


def read_items(
    format_name: str,
    items: list[Any],
    read_item: Callable[[Any], Message],
    prepared_messages: Iterable[Message | None] = repeat(None),
) -> Chat:
    """Read a list of items as a chat, in the order of the list.

    Args:
        format_name: The chat's format.
        items: The values of the list. They may have any type.
        read_item: Reads one item. Raises one of ``SHAPE_ERRORS`` for an item that is not a message, which counts as
            unrecognised, and one of ``TIMESTAMP_ERRORS`` for an impossible time.
        prepared_messages: For each item, its message if the format has already read it, otherwise None.

    Raises:
        UnreadableFile: ``unrecognised_format`` with the position (``line``) of an impossible time.
    """
    messages: list[Message] = []
    unrecognised = 0
    try:
        for item, message in zip(items, prepared_messages, strict=False):
            try:
                messages.append(message or read_item(item))
            except SHAPE_ERRORS:
                unrecognised += 1
    except TIMESTAMP_ERRORS as error:
        raise UnreadableFile("unrecognised_format", line=len(messages) + unrecognised + 1) from error
    report = LineReport(
        lines=len(items),
        messages=len(messages),
        continuations=0,
        system=0,
        headers=0,
        blank=0,
        unrecognised=unrecognised,
    )
    warnings = [f"메시지로 읽지 못한 항목이 {unrecognised}개 있어요."] if unrecognised else []
    chat = Chat(format_name, messages, report, warnings=warnings)
    chat.recount_notices()
    return chat


def clean(text: str) -> str:
    """Return a string that PostgreSQL can store: in NFC, and with U+FFFD instead of NUL.

    Raises:
        TypeError: The value is not a string.
        AttributeError: The value is a list or an object that contains NUL.
    """
    return to_nfc(text.replace(NUL, REPLACEMENT_CHARACTER) if NUL in text else text)


def clean_name(name: Any) -> str:
    """Return a name that can be stored. Return a fixed name for a deleted account, which has none."""
    return clean(name)[:MAX_NAME_LENGTH] if name else _UNKNOWN_NAME


def call_seconds(value: object) -> int:
    """Return the length of a call in seconds. Return 0 for an unanswered call or an implausible value."""
    return int(value) if isinstance(value, int) and 0 <= value <= _MAX_CALL_SECONDS else 0
