"""Bytes of an export to a chat: one module per source, and here the one that picks."""

from __future__ import annotations

from collections import Counter
from datetime import tzinfo
from operator import attrgetter

from chalicelib.domain import Chat, Kind, Participant
from chalicelib.errors import UnreadableFile
from chalicelib.services.parsing import kakaotalk, kakaotalk_csv
from chalicelib.services.parsing.decoding import decodings, undecodable
from chalicelib.services.parsing.lines import Grammar, LineReader, records

# How many records decide what a file is; an export's own header takes fewer than ten.
RECORDS_LOOKED_AT = 200
# No chat is older than these apps, and none comes from the future; a date outside is none.
FIRST_YEAR, LAST_YEAR = 1970, 2100
# Some exporters of some years call the one who exports by no name.
OWN_NAMES = ("회원님",)


def read(content: bytes, zone: tzinfo) -> Chat:
    """Read an export. What it is, is told from its content alone.

    ``zone`` is where its times are, since exports carry none.

    Raises:
        UnreadableFile: ``empty_file``, ``undecodable_text`` with the byte
            ``offset``, ``unrecognised_format`` (with the ``line`` where a known
            format breaks), or ``no_messages``.
    """
    if not content.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0"):
        raise UnreadableFile("empty_file")
    encoding = ""
    for text, encoding in decodings(content):
        if (chat := _read_text(text, encoding, zone)) is not None:
            return _finished(chat)
    if encoding in ("", "cp949"):
        raise undecodable(content)
    raise UnreadableFile("unrecognised_format")


def participants(chat: Chat) -> tuple[Participant, ...]:
    """Who wrote, and how many messages each, the most first."""
    counts = Counter(message.sender for message in chat.messages if message.sender is not None)
    return tuple(Participant(name, count) for name, count in counts.most_common())


def _read_text(text: str, encoding: str, zone: tzinfo) -> Chat | None:
    try:
        if kakaotalk_csv.recognises(text):
            return kakaotalk_csv.read(text, encoding, zone)
        if (grammar := _grammar_of(text)) is not None:
            return LineReader(grammar, zone).read(text, encoding)
    except ValueError as error:  # 30 February, 25 o'clock
        raise UnreadableFile("unrecognised_format") from error
    return None


def _grammar_of(text: str) -> Grammar | None:
    head = [record for record, _ in zip(records(text), range(RECORDS_LOOKED_AT), strict=False)]
    matches = {grammar: sum(map(bool, map(grammar.message.match, head))) for grammar in kakaotalk.GRAMMARS}
    best = max(matches, key=lambda grammar: matches[grammar])
    if matches[best]:
        return best
    # An export without a message still begins with its header.
    return next((g for g in kakaotalk.GRAMMARS if "카카오톡" in head[0] and g.headers.fullmatch(head[0])), None)


def _finished(chat: Chat) -> Chat:
    if not any(message.kind is not Kind.SYSTEM for message in chat.messages):
        raise UnreadableFile("no_messages")
    # Apps write in time's order; a file that was put together by hand may not be.
    chat.messages.sort(key=attrgetter("sent_at"))
    if chat.messages[0].sent_at.year < FIRST_YEAR or chat.messages[-1].sent_at.year > LAST_YEAR:
        raise UnreadableFile("unrecognised_format")
    names = {message.sender for message in chat.messages}
    chat.my_name = next((name for name in OWN_NAMES if name in names), None)
    return chat
