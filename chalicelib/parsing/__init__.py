"""Read the bytes of an export into a chat.

``archives`` extracts the files of a zip, ``decoding`` turns their bytes into text, ``detection`` finds the format of a
text, the format reads it, and ``multipart`` joins the parts of a chat that came in several files. Text formats are
grammars of ``grammar_reader``; JSON formats share ``json_exports``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from operator import attrgetter

from chalicelib.domain import MAX_NAME_LENGTH, MAX_UPLOAD_BYTES, Chat, Participant
from chalicelib.errors import UnreadableFile
from chalicelib.gc_pause import gc_paused

# Modules, not names: on Lambda they are loaded by the first import of a chat.
from chalicelib.parsing import archives, decoding, detection, export, meta, multipart

# A chat is neither older than its app nor from the future. A date outside these years shows a damaged file.
_FIRST_YEAR, _LAST_YEAR = 1970, 2100
# The error codes of a file that is not a chat. Every other code means a broken chat.
_NOT_A_CHAT_CODES = ("empty_file", "unrecognised_format")


def read(content: bytes, zone: tzinfo, now: datetime, max_unpacked_bytes: int = MAX_UPLOAD_BYTES) -> Chat:
    """Read an export, or an archive that contains the parts of an export. The content decides the format.

    Args:
        content: The file.
        zone: The time zone of times that are written without one.
        now: The time of the import.
        max_unpacked_bytes: The limit for the contents of an archive.

    Raises:
        UnreadableFile: With one of these codes.

            - ``empty_file``: The file contains no text.
            - ``undecodable_text``: The byte at ``offset`` belongs to no supported encoding.
            - ``unrecognised_format``: No format fits (``looked_for`` lists the supported ones), the ``line`` violates
              its format, or the ``reason`` is ``several_chats`` or ``mixed`` formats.
            - ``no_messages``: The chat has no message of a sender.
            - ``archive_unsafe``: The archive is broken or may be an attack.
            - ``file_too_large``: The contents of the archive exceed the limit.
    """
    members = archives.extract_members(content, max_unpacked_bytes)
    with gc_paused():
        chat = _detect(members[0], zone, now).read() if len(members) == 1 else _read_parts(members, zone, now)
        _validate(chat)
    return chat


def participants(chat: Chat) -> tuple[Participant, ...]:
    """Return the senders with the number of their messages, most active first."""
    counts = Counter(message.sender for message in chat.messages if message.sender is not None)
    return tuple(Participant(name, count) for name, count in counts.most_common())


@dataclass(frozen=True)
class _DetectedFile:
    """A decoded file and its format."""

    source: export.Export
    format: export.Format
    encoding: str

    def read(self) -> Chat:
        chat = self.format.read(self.source)
        chat.encoding = self.encoding
        return chat


def _detect(member: archives.Member, zone: tzinfo, now: datetime) -> _DetectedFile:
    text, encoding = decoding.decode(member.content)
    source = export.Export(text, zone, now)
    return _DetectedFile(source, detection.detect(source), encoding)


def _detect_if_chat(member: archives.Member, zone: tzinfo, now: datetime) -> _DetectedFile | None:
    """Return None for a file that is not a chat, such as notes or lists. Raise for a broken chat."""
    try:
        return _detect(member, zone, now)
    except UnreadableFile as error:
        if error.code not in _NOT_A_CHAT_CODES:
            raise
        return None


def _read_parts(members: list[archives.Member], zone: tzinfo, now: datetime) -> Chat:
    """Read the files of an archive as the parts of one chat. Skip duplicates and files that are not chats."""
    distinct = list({member.content: member for member in members}.values())
    parts: list[Chat] = []
    threads: set[str | None] = set()
    for member in distinct:
        if (file := _detect_if_chat(member, zone, now)) is None:
            continue
        part = file.read()
        parts.append(part)
        if part.messages:
            threads.add(member.thread)
        if len(threads) > 1:
            raise detection.unrecognised_format(reason="several_chats")
    if not parts:
        raise detection.unrecognised_format()
    if None not in threads:  # all parts are files of one thread, which belongs to one app
        meta.unify_app(parts)
    chat = multipart.join_parts(parts)
    chat.warnings += _skipped_file_warnings(len(members) - len(distinct), len(distinct) - len(parts))
    return chat


def _skipped_file_warnings(duplicates: int, not_chats: int) -> Iterator[str]:
    if duplicates:
        yield f"내용이 같은 파일 {duplicates}개는 한 번만 읽었어요."
    if not_chats:
        yield f"대화가 아닌 파일 {not_chats}개는 건너뛰었어요."


def _validate(chat: Chat) -> None:
    """Check the report, the senders and the dates. Shorten long names, and sort the messages by time."""
    chat.report.check()
    senders = {message.sender for message in chat.messages} - {None}
    if not senders:
        raise UnreadableFile("no_messages")
    if long_names := {name for name in senders if name and len(name) > MAX_NAME_LENGTH}:
        _shorten_names(chat, long_names)
    # Apps write messages in order of time. People who edit a file may not.
    chat.messages.sort(key=attrgetter("sent_at"))
    if chat.messages[0].sent_at.year < _FIRST_YEAR or chat.messages[-1].sent_at.year > _LAST_YEAR:
        raise detection.unrecognised_format()


def _shorten_names(chat: Chat, long_names: set[str]) -> None:
    for message in chat.messages:
        if message.sender in long_names:
            message.sender = message.sender[:MAX_NAME_LENGTH]
