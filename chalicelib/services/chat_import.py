"""Import of an export: from bytes to the messages and statistics of a room.

The file is parsed completely before anything is written. The messages are written as a new generation that no reader
sees. One final transaction switches the room to that generation and marks the file as ready. If the process is killed
before, the room is unchanged. The file's row contains the id of the new generation, so the retention job can erase it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from itertools import islice

from chalicelib import parsing
from chalicelib.analysis import tally_document
from chalicelib.analysis.speech import SpeechCounts, choose_examples
from chalicelib.analysis.tally import MAX_PEOPLE, Tally, minute_of
from chalicelib.domain import (
    CHAT_RETENTION,
    Caller,
    Chat,
    Examples,
    File,
    FileStatus,
    Kind,
    Message,
    Room,
    Speech,
    StoredMessage,
)
from chalicelib.errors import Conflict, ImportInProgress
from chalicelib.merging.match import apply_match, assign_roles, match_export
from chalicelib.merging.merge import MergeResult, RoomHistory, merge
from chalicelib.parsing import filenames
from chalicelib.repositories import files, json_columns, messages, rooms
from chalicelib.repositories.database import UserTransaction, batches, database
from chalicelib.services import accounts, erasure, partner_profiles, stored_rooms
from chalicelib.settings import settings

_MAX_ATTEMPTS = 3
# In characters. No app sends longer messages: only a damaged or hostile file contains them.
_MAX_TEXT_LENGTH = 20_000
_MAX_LAST_MESSAGE_LENGTH = 200
_SAMPLE_SIZE = 3
# Examples are chosen from this many of the latest messages, for the most active participants.
_EXAMPLE_SOURCE_SIZE = 1_000
_MAX_PEOPLE_WITH_EXAMPLES = 20
_MAX_PARTICIPANTS = 1_000
_MAX_NAMES_IN_WARNING = 5


@dataclass(frozen=True, slots=True)
class _Import:
    """The import of a chat into a room, with the lease of the chat's file."""

    caller: Caller
    file: File
    chat: Chat
    room_id: str
    generation: str


def read_export(content: bytes, zone: tzinfo, now: datetime, filename: str, max_bytes: int) -> Chat:
    """Parse an export. Take the partner's name from the filename if the export does not contain it.

    Raises:
        UnreadableFile: The file contains no chat, or more than ``max_bytes`` bytes after unpacking.
    """
    chat = parsing.read(content, zone, now, max_bytes)
    chat.partner_name = chat.partner_name or filenames.partner_in_filename(filename)
    return chat


def content_hash(content: bytes) -> str:
    """Return the hash by which the same file is recognised."""
    return hashlib.sha256(content).hexdigest()


def store(caller: Caller, file: File, chat: Chat) -> File:
    """Import a chat into its room and mark ``file`` as ready. The caller must hold the lease of the file.

    Raises:
        Conflict: The room changed during every attempt.
        ImportInProgress: Another import took over the file, or the file no longer exists.
    """
    job = _Import(caller, file, chat, file.room_id or "", file.generation or "")
    for _ in range(_MAX_ATTEMPTS):
        try:
            if (ready_file := _attempt(job)) is not None:
                return ready_file
        except Exception:
            _erase_new_generation(job)
            raise
        _erase_new_generation(job)
    raise Conflict


def _erase_new_generation(job: _Import) -> None:
    erasure.erase_generation(job.caller.user_id, job.room_id, job.generation)


def _attempt(job: _Import) -> File | None:
    """Import into the current state of the room. Return None if the room changed during the attempt."""
    caller, room_id = job.caller, job.room_id
    stored_room = database().read(caller.user_id, lambda tx: rooms.with_statistics(tx, room_id, caller.now))
    room = stored_room.room if stored_room else _new_room(job)
    history = _room_history(job, stored_room)
    job = _match_to_room(job, room, history)
    is_same_file = room.content_hash == job.file.content_hash and room.generation
    result = None if is_same_file else merge(history, job.chat, settings().kept_messages)
    updated_room = _assign_roles(room, job, history, result)
    if result:
        result.tally.keep_most_active(keep=(updated_room.my_name, updated_room.partner_name))
        updated_room = _apply_merge(updated_room, result, job)
        _write_messages(job, room, history, result)
    ready_file = _ready_file(updated_room, history, result, job)
    if not accounts.write(caller, lambda tx: _switch(tx, stored_room, updated_room, result, ready_file)):
        return None
    if result and room.generation:
        erasure.erase_generation(caller.user_id, room_id, room.generation)
    if result:
        partner_profiles.refresh(caller, updated_room.partner_profile_id)
    return ready_file


def _new_room(job: _Import) -> Room:
    now = job.caller.now
    return Room(
        room_id=job.room_id,
        partner_relationship="기타",
        created_at=now,
        updated_at=now,
        last_activity_at=now,
    )


def _room_history(job: _Import, stored_room: rooms.StoredRoom | None) -> RoomHistory | None:
    """Return the room's counts and stored messages. None if nothing was imported yet."""
    tally = stored_rooms.tally_of(stored_room) if stored_room else None
    if stored_room is None or tally is None:
        return None
    generation, caller = stored_room.room.generation, job.caller
    if generation is None:
        return RoomHistory(tally, tuple(tally.people))
    rows = database().read(caller.user_id, lambda tx: messages.of_generation(tx, job.room_id, generation, caller.now))
    return RoomHistory(tally, tuple(tally.people), rows)


def _match_to_room(job: _Import, room: Room, history: RoomHistory | None) -> _Import:
    """Return the import with the names and times of the room."""
    if history is None:
        return job
    match = match_export(room, history.names, [row.message for row in history.rows], job.chat)
    my_name = job.file.my_name
    file = replace(job.file, my_name=match.names.get(my_name, my_name) if my_name else None)
    return replace(job, file=file, chat=apply_match(job.chat, match))


def _assign_roles(room: Room, job: _Import, history: RoomHistory | None, result: MergeResult | None) -> Room:
    tally = result.tally if result else history.tally if history else Tally()
    return assign_roles(room, job.chat, tuple(tally.people), job.file.my_name)


def _apply_merge(room: Room, result: MergeResult, job: _Import) -> Room:
    last = next((message for message in reversed(result.messages) if message.kind is not Kind.SYSTEM), None)
    now = job.caller.now
    return replace(
        room,
        platform=job.chat.format,
        message_count=result.tally.messages,
        last_message=last.text[:_MAX_LAST_MESSAGE_LENGTH] if last else room.last_message,
        generation=job.generation,
        kept_from=result.carried_positions.start if result.carried_positions else result.first_position,
        kept_until=result.tally.events,
        content_hash=job.file.content_hash,
        messages_expire_at=now + CHAT_RETENTION,
        last_activity_at=now,
        updated_at=now,
    )


def _write_messages(job: _Import, room: Room, history: RoomHistory | None, result: MergeResult) -> None:
    """Write the new generation: first the rows to copy from the previous one, then the messages of the export."""
    carried_rows = [row for row in history.rows if row.position in result.carried_positions] if history else []
    for batch in batches(_size(row) for row in carried_rows):
        _carry_over(job, room, range(carried_rows[batch.start].position, carried_rows[batch.stop - 1].position + 1))
    rows = list(_message_rows(job, result))
    for batch in batches(_size(row) for row in rows):
        _insert(job, rows[batch.start : batch.stop])


def _size(row: StoredMessage) -> int:
    return len(row.message.text.encode())


def _carry_over(job: _Import, room: Room, positions: range) -> None:
    old, new, now = room.generation or "", job.generation, job.caller.now
    accounts.write(
        job.caller,
        lambda tx: messages.carry_over(tx, job.room_id, old, new, positions=positions, now=now),
    )


def _insert(job: _Import, rows: list[StoredMessage]) -> None:
    database().transaction(
        job.caller.user_id,
        lambda tx: messages.insert(tx, job.room_id, job.generation, rows),
    )


def _message_rows(job: _Import, result: MergeResult) -> Iterator[StoredMessage]:
    expires_at = job.caller.now + CHAT_RETENTION
    occurrences = _occurrences_before(job.chat.messages, result.messages)
    for offset, message in enumerate(result.messages):
        key = _message_key(message)
        occurrences[key] = occurrences.get(key, -1) + 1
        is_long = len(message.text) > _MAX_TEXT_LENGTH
        stored_message = message.with_fields(text=message.text[:_MAX_TEXT_LENGTH]) if is_long else message
        message_id = _message_id(job.room_id, key, occurrences[key])
        yield StoredMessage(message_id, result.first_position + offset, stored_message, expires_at)


def _occurrences_before(all_messages: list[Message], stored_messages: list[Message]) -> dict[bytes, int]:
    """Return the last occurrence number of each message before the stored ones, within their first minute."""
    occurrences: dict[bytes, int] = {}
    for message in reversed(all_messages[: len(all_messages) - len(stored_messages)]):
        if not stored_messages or minute_of(message) != minute_of(stored_messages[0]):
            break
        key = _message_key(message)
        occurrences[key] = occurrences.get(key, -1) + 1
    return occurrences


def _message_key(message: Message) -> bytes:
    """Return the properties of a message that every format records: minute, sender, kind and text."""
    return json.dumps([minute_of(message), message.sender, message.kind, message.text]).encode()


def _message_id(room_id: str, key: bytes, occurrence: int) -> str:
    """Return an id that is the same in every import, and reveals nothing about the message without the room's id."""
    digest = hashlib.blake2b(key, key=room_id.encode(), salt=str(occurrence).encode()[:16], digest_size=16)
    return digest.hexdigest()


def _switch(
    tx: UserTransaction, stored_room: rooms.StoredRoom | None, room: Room, result: MergeResult | None, file: File
) -> bool:
    """Write the room and the file. Write nothing and return False if the room changed during the import."""
    documents = _room_documents(result, stored_room) if result else {}
    if stored_room is None:
        rooms.insert(tx, room, **documents)
    elif not rooms.update(tx, room, expected_version=stored_room.room.version, **documents):
        return False
    if not files.finish(tx, file):
        raise ImportInProgress
    return True


def _room_documents(result: MergeResult, stored_room: rooms.StoredRoom | None) -> dict[str, str]:
    previous = json_columns.load(Examples, stored_room.examples) if stored_room and stored_room.examples else None
    examples: Examples = (previous or {}) | _choose_examples(result.messages)
    return {
        "statistics": tally_document.dump(result.tally),
        "examples": json_columns.dump(examples, Examples) or "",
    }


def _choose_examples(stored_messages: list[Message]) -> Examples:
    """Return a few typical messages of each of the most active participants."""
    texts: dict[str, list[str]] = {}
    for message in stored_messages[-_EXAMPLE_SOURCE_SIZE:]:
        if message.kind is Kind.TEXT and message.sender is not None:
            texts.setdefault(message.sender, []).append(message.text)
    most_active = sorted(texts, key=lambda name: -len(texts[name]))[:_MAX_PEOPLE_WITH_EXAMPLES]
    return {name: choose_examples(texts[name]) for name in most_active}


def _ready_file(room: Room, history: RoomHistory | None, result: MergeResult | None, job: _Import) -> File:
    """Return the file with the results of its import."""
    chat, limit = job.chat, settings().kept_messages
    without_notices = [message for message in chat.messages if message.kind is not Kind.SYSTEM]
    return replace(
        job.file,
        status=FileStatus.READY,
        room_id=room.room_id,
        format=chat.format,
        encoding=chat.encoding,
        messages_count=len(without_notices),
        kept_messages=sum(message.kind is not Kind.SYSTEM for message in chat.messages[-limit:]),
        new_messages=result.new_message_count if result else 0,
        participants=parsing.participants(chat)[:_MAX_PARTICIPANTS],
        period_from=without_notices[0].sent_at,
        period_to=without_notices[-1].sent_at,
        my_name=room.my_name,
        sample_messages=tuple(text[:_MAX_LAST_MESSAGE_LENGTH] for text in _last_texts(without_notices, _SAMPLE_SIZE)),
        analysis=_speech_of(room.my_name, chat, result),
        report=chat.report,
        warnings=tuple(_warnings(job, history, result, without_notices)),
        lease_until=None,
    )


def _speech_of(name: str | None, chat: Chat, result: MergeResult | None) -> Speech | None:
    """Return the speech analysis of one participant of a chat. None if the participant wrote no text."""
    own_messages = [message for message in chat.messages if message.sender == name]
    texts = _last_texts(own_messages, _EXAMPLE_SOURCE_SIZE)
    if name is None or not texts:
        return None
    counts = result.tally.speech_of(name) if result and result.of_export_only else None
    if counts is None:
        counts = SpeechCounts()
        for message in own_messages:
            if message.kind is Kind.TEXT:
                counts.add(message.text)
    return counts.speech(choose_examples(texts))


def _last_texts(all_messages: Sequence[Message], limit: int) -> list[str]:
    """Return the texts of the last text messages, oldest first."""
    texts = (message.text for message in reversed(all_messages) if message.kind is Kind.TEXT)
    return [*islice(texts, limit)][::-1]


def _warnings(
    job: _Import, history: RoomHistory | None, result: MergeResult | None, without_notices: list[Message]
) -> Iterator[str]:
    """Yield the Korean warnings about an import."""
    chat, my_name = job.chat, job.file.my_name
    yield from chat.warnings
    names = dict.fromkeys(message.sender for message in without_notices)
    if my_name is not None and my_name not in names:
        yield "my_name으로 알려 준 이름이 이 대화에 없어요."
    if history and (new_names := [name for name in names if name and name not in history.names]):
        yield f"이 방에 없던 이름이 있어요: {', '.join(new_names[:_MAX_NAMES_IN_WARNING])}"
    if result is None and history and minute_of(without_notices[0]) < history.tally.period_in_minutes[0]:
        yield "이 방보다 앞서는 대화는 뒤의 메시지가 남아 있어야 이어져요. 전체 대화를 다시 내보내 주세요."
    elif result is None:
        yield "이미 있는 대화라 새로 더해진 메시지가 없어요."
    if len(names) > MAX_PEOPLE:
        yield f"사람이 많아서, 많이 말한 {MAX_PEOPLE}명만 따로 세었어요."
    if any(len(message.text) > _MAX_TEXT_LENGTH for message in without_notices):
        yield f"{_MAX_TEXT_LENGTH:,}자가 넘는 메시지는 앞부분만 보관해요."
