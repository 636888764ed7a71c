"""Bytes of an export to a chat.

``decoding`` makes them text, ``detection`` finds its format, and the format
reads it. Formats that are lines of text are grammars of ``lines``.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, tzinfo
from operator import attrgetter

from chalicelib.domain import LONGEST_NAME, Chat, Participant
from chalicelib.errors import UnreadableFile
from chalicelib.services.parsing.decoding import decode
from chalicelib.services.parsing.detection import detect, unrecognised
from chalicelib.services.parsing.export import Export

# No chat is older than these apps, and none comes from the future; a date outside is none.
FIRST_YEAR, LAST_YEAR = 1970, 2100


def read(content: bytes, zone: tzinfo, now: datetime) -> Chat:
    """Read an export. What it is, is told from its content alone.

    ``zone`` is where its times are, where it does not say; ``now`` is when it is read.

    Raises:
        UnreadableFile: ``empty_file``, ``undecodable_text`` with the byte
            ``offset``, ``unrecognised_format`` (``looked_for`` names the
            formats, ``line`` is where one breaks off), or ``no_messages``.
    """
    text, encoding = decode(content)
    export = Export(text, zone, now)
    chat = detect(export).format.read(export)
    chat.encoding = encoding
    return _checked(chat)


def participants(chat: Chat) -> tuple[Participant, ...]:
    """Who wrote, and how many messages each, the most first."""
    counts = Counter(message.sender for message in chat.messages if message.sender is not None)
    return tuple(Participant(name, count) for name, count in counts.most_common())


def _checked(chat: Chat) -> Chat:
    chat.report.check()
    if all(message.sender is None for message in chat.messages):
        raise UnreadableFile("no_messages")
    for message in chat.messages:
        if message.sender is not None and len(message.sender) > LONGEST_NAME:
            message.sender = message.sender[:LONGEST_NAME]
    # Apps write in time's order; a file that was put together by hand may not be.
    chat.messages.sort(key=attrgetter("sent_at"))
    if chat.messages[0].sent_at.year < FIRST_YEAR or chat.messages[-1].sent_at.year > LAST_YEAR:
        raise unrecognised()
    return chat
