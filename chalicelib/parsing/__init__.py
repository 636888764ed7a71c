"""Bytes of an export to a chat.

``archives`` takes them out of a zip, ``decoding`` makes them text, ``detection``
finds its format, the format reads it, and ``parts`` puts together what came in
several files. Formats that are lines of text are grammars of ``lines``, those
that are JSON share ``documents``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from operator import attrgetter

from chalicelib.domain import MAX_NAME_LENGTH, Chat, Participant
from chalicelib.errors import UnreadableFile
from chalicelib.gc_pause import gc_paused
from chalicelib.parsing import archives
from chalicelib.parsing.archives import Member
from chalicelib.parsing.decoding import decode
from chalicelib.parsing.detection import detect, unrecognised
from chalicelib.parsing.export import Export, Format
from chalicelib.parsing.meta import of_one_app
from chalicelib.parsing.multipart import joined

# No chat is older than these apps, and none comes from the future; a date outside is none.
FIRST_YEAR, LAST_YEAR = 1970, 2100
# How a file beside a chat is told from a chat that is broken.
NO_CHAT = ("empty_file", "unrecognised_format")


def read(content: bytes, zone: tzinfo, now: datetime, most: int = archives.MAX_UNPACKED) -> Chat:
    """Read an export, or an archive of the parts of one. What it is, is told from its content alone.

    ``zone`` is where its times are, where it does not say; ``now`` is when it is read. An
    archive may hold ``most`` bytes.

    Raises:
        UnreadableFile: ``empty_file``, ``undecodable_text`` with the byte
            ``offset``, ``unrecognised_format`` (``looked_for`` names the
            formats, ``line`` is where one breaks off, ``reason`` is
            ``several_chats`` or ``mixed`` formats), ``no_messages``,
            ``archive_unsafe``, or ``file_too_large`` once unpacked.
    """
    members = archives.members(content, most)
    with gc_paused():
        return _checked(_opened(members[0], zone, now).read() if len(members) == 1 else _joined(members, zone, now))


def participants(chat: Chat) -> tuple[Participant, ...]:
    """Who wrote, and how many messages each, the most first."""
    counts = Counter(message.sender for message in chat.messages if message.sender is not None)
    return tuple(Participant(name, count) for name, count in counts.most_common())


@dataclass(frozen=True)
class _Opened:
    """A file that is a chat of some format, not yet read."""

    export: Export
    format: Format
    encoding: str

    def read(self) -> Chat:
        chat = self.format.read(self.export)
        chat.encoding = self.encoding
        return chat


def _opened(member: Member, zone: tzinfo, now: datetime) -> _Opened:
    text, encoding = decode(member.content)
    export = Export(text, zone, now)
    return _Opened(export, detect(export).format, encoding)


def _opened_if_chat(member: Member, zone: tzinfo, now: datetime) -> _Opened | None:
    """None for what is no chat, as notes and lists beside one are not; what is broken is not passed over."""
    try:
        return _opened(member, zone, now)
    except UnreadableFile as error:
        if error.code not in NO_CHAT:
            raise
        return None


def _joined(members: list[Member], zone: tzinfo, now: datetime) -> Chat:
    unlike = list({member.content: member for member in members}.values())
    parts: list[Chat] = []
    threads: set[str | None] = set()
    for member in unlike:
        if (opened := _opened_if_chat(member, zone, now)) is None:
            continue
        part = opened.read()
        parts.append(part)
        threads |= {member.thread} if part.messages else set()
        if len(threads) > 1:
            raise unrecognised(reason="several_chats")
    if not parts:
        raise unrecognised()
    chat = joined(parts if None in threads else of_one_app(parts))
    chat.warnings += _passed_over(len(members) - len(unlike), len(unlike) - len(parts))
    return chat


def _passed_over(same: int, unlike: int) -> Iterator[str]:
    if same:
        yield f"내용이 같은 파일 {same}개는 한 번만 읽었어요."
    if unlike:
        yield f"대화가 아닌 파일 {unlike}개는 읽지 않았어요."


def _checked(chat: Chat) -> Chat:
    chat.report.check()
    names = {message.sender for message in chat.messages} - {None}
    if not names:
        raise UnreadableFile("no_messages")
    shortened = {name: name[:MAX_NAME_LENGTH] for name in names if name and len(name) > MAX_NAME_LENGTH}
    for message in chat.messages if shortened else ():
        message.sender = shortened.get(message.sender or "", message.sender)
    # Apps write in time's order; a file that was put together by hand may not be.
    chat.messages.sort(key=attrgetter("sent_at"))
    if chat.messages[0].sent_at.year < FIRST_YEAR or chat.messages[-1].sent_at.year > LAST_YEAR:
        raise unrecognised()
    return chat
