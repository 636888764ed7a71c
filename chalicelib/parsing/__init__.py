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
from chalicelib.parsing.detection import detect, unrecognised_format
from chalicelib.parsing.export import Export, Format
from chalicelib.parsing.meta import unify_app
from chalicelib.parsing.multipart import join_parts

# No chat is older than these apps, and none comes from the future; a date outside is none.
_FIRST_YEAR, _LAST_YEAR = 1970, 2100
# How a file beside a chat is told from a chat that is broken.
_NOT_A_CHAT_CODES = ("empty_file", "unrecognised_format")


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
        return _validate(
            _detect(members[0], zone, now).read() if len(members) == 1 else _read_parts(members, zone, now)
        )


def participants(chat: Chat) -> tuple[Participant, ...]:
    """Who wrote, and how many messages each, the most first."""
    counts = Counter(message.sender for message in chat.messages if message.sender is not None)
    return tuple(Participant(name, count) for name, count in counts.most_common())


@dataclass(frozen=True)
class _DetectedFile:
    """A file that is a chat of some format, not yet read."""

    export: Export
    format: Format
    encoding: str

    def read(self) -> Chat:
        chat = self.format.read(self.export)
        chat.encoding = self.encoding
        return chat


def _detect(member: Member, zone: tzinfo, now: datetime) -> _DetectedFile:
    text, encoding = decode(member.content)
    export = Export(text, zone, now)
    return _DetectedFile(export, detect(export), encoding)


def _detect_unless_not_a_chat(member: Member, zone: tzinfo, now: datetime) -> _DetectedFile | None:
    """None for what is no chat, as notes and lists beside one are not; what is broken is not passed over."""
    try:
        return _detect(member, zone, now)
    except UnreadableFile as error:
        if error.code not in _NOT_A_CHAT_CODES:
            raise
        return None


def _read_parts(members: list[Member], zone: tzinfo, now: datetime) -> Chat:
    unlike = list({member.content: member for member in members}.values())
    parts: list[Chat] = []
    threads: set[str | None] = set()
    for member in unlike:
        if (opened := _detect_unless_not_a_chat(member, zone, now)) is None:
            continue
        part = opened.read()
        parts.append(part)
        threads |= {member.thread} if part.messages else set()
        if len(threads) > 1:
            raise unrecognised_format(reason="several_chats")
    if not parts:
        raise unrecognised_format()
    chat = join_parts(parts if None in threads else unify_app(parts))
    chat.warnings += _skipped_file_warnings(len(members) - len(unlike), len(unlike) - len(parts))
    return chat


def _skipped_file_warnings(same: int, unlike: int) -> Iterator[str]:
    if same:
        yield f"내용이 같은 파일 {same}개는 한 번만 읽었어요."
    if unlike:
        yield f"대화가 아닌 파일 {unlike}개는 읽지 않았어요."


def _validate(chat: Chat) -> Chat:
    chat.report.check()
    names = {message.sender for message in chat.messages} - {None}
    if not names:
        raise UnreadableFile("no_messages")
    shortened = {name: name[:MAX_NAME_LENGTH] for name in names if name and len(name) > MAX_NAME_LENGTH}
    for message in chat.messages if shortened else ():
        message.sender = shortened.get(message.sender or "", message.sender)
    # Apps write in time's order; a file that was put together by hand may not be.
    chat.messages.sort(key=attrgetter("sent_at"))
    if chat.messages[0].sent_at.year < _FIRST_YEAR or chat.messages[-1].sent_at.year > _LAST_YEAR:
        raise unrecognised_format()
    return chat
