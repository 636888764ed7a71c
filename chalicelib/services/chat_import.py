"""Importing an export: from bytes to a room's messages and statistics.

The whole file is read before anything is written. Messages go into a new
generation that no reader sees; one last transaction switches the room to it and
makes the file ready. What is killed on the way leaves nothing but that
generation, which the file's row names for the sweep.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from chalicelib import parsing
from chalicelib.analysis import tally_document
from chalicelib.analysis.speech import SpeechCounts, choose_examples
from chalicelib.analysis.tally import MAX_PEOPLE, Tally, minute_of
from chalicelib.domain import (
    KEPT_FOR,
    Caller,
    Chat,
    Examples,
    File,
    FileStatus,
    KeptMessage,
    Kind,
    Message,
    Room,
    Speech,
)
from chalicelib.errors import Conflict, ImportInProgress
from chalicelib.merging.match import apply_match, assign_roles, match_export
from chalicelib.merging.merge import MergeResult, RoomHistory, merge
from chalicelib.repositories import files, json_columns, messages, rooms
from chalicelib.repositories.database import UserTransaction, batches, database
from chalicelib.services import accounts, erasure, partner_profiles
from chalicelib.services.speech_analysis import tally_of
from chalicelib.settings import settings

# Longer than any message an app sends; only a damaged or hostile file has such.
LONGEST_KEPT_TEXT = 20_000
SAMPLES = 3
LAST_MESSAGE_LENGTH = 200
EXAMPLES_FROM = 1_000
PEOPLE_WITH_EXAMPLES = 20
PEOPLE_NAMED = 5
PARTICIPANTS_SHOWN = 1_000
TRIES = 3


@dataclass(frozen=True, slots=True)
class Import:
    """A chat on its way into a room, for a file that this import holds."""

    caller: Caller
    file: File
    chat: Chat

    @property
    def user_id(self) -> str:
        """Whose import this is."""
        return self.caller.user_id

    @property
    def now(self) -> datetime:
        """When it began."""
        return self.caller.now

    @property
    def generation(self) -> str:
        """The generation this import writes."""
        return self.file.generation or ""


def content_hash(content: bytes) -> str:
    """What tells the same file again."""
    return hashlib.sha256(content).hexdigest()


def store(caller: Caller, file: File, chat: Chat) -> File:
    """Bring a chat into its room and make ``file``, which this import must hold, ready.

    Raises:
        Conflict: the room kept changing.
        ImportInProgress: another import took the file over, or it is gone.
    """
    importing = Import(caller, file, chat)
    for _ in range(TRIES):
        try:
            if (done := _try(importing)) is not None:
                return done
        except Exception:
            _erase_written(importing)
            raise
        _erase_written(importing)
    raise Conflict


def _erase_written(importing: Import) -> None:
    erasure.erase_generation(importing.user_id, importing.file.room_id or "", importing.generation)


def _try(importing: Import) -> File | None:
    """One attempt on the room as it is now; None when it changed meanwhile."""
    user_id, file = importing.user_id, importing.file
    stored = database().read(user_id, lambda tx: rooms.with_statistics(tx, file.room_id or "", importing.now))
    room = stored.room if stored else _new_room(importing)
    known = _known(importing, stored)
    importing = _recognised(importing, room, known)
    if room.content_hash == file.content_hash and room.generation:
        merged = None
    else:
        merged = merge(known, importing.chat, settings().kept_messages)
    after = _identified(room, importing, known, merged)
    if merged:
        merged.tally.keep_most_active(keep=(after.my_name, after.partner_name))
        after = _imported(after, merged, importing)
        _write_messages(importing, room, known, merged)
    done = _ready(after, known, merged, importing)
    if not accounts.write(importing.caller, lambda tx: _switch(tx, stored, after, merged, done)):
        return None
    if merged and room.generation:
        erasure.erase_generation(user_id, room.room_id, room.generation)
    if merged:
        partner_profiles.refresh(importing.caller, after.partner_profile_id)
    return done


def _known(importing: Import, stored: rooms.StoredRoom | None) -> RoomHistory | None:
    tally = tally_of(stored) if stored else None
    if stored is None or tally is None:
        return None
    room, generation = stored.room, stored.room.generation
    if generation is None:
        return RoomHistory(tally, tuple(tally.people))
    kept = database().read(importing.user_id, lambda tx: messages.kept(tx, room.room_id, generation, importing.now))
    return RoomHistory(tally, tuple(tally.people), kept)


def _recognised(importing: Import, room: Room, known: RoomHistory | None) -> Import:
    """The import with its chat in the names and times of the room."""
    if known is None:
        return importing
    kept = [row.message for row in known.kept]
    recognised = match_export(room, known.names, kept, importing.chat)
    told = importing.file.my_name
    file = replace(importing.file, my_name=recognised.names.get(told, told) if told else None)
    return replace(importing, file=file, chat=apply_match(importing.chat, recognised))


def _identified(room: Room, importing: Import, known: RoomHistory | None, merged: MergeResult | None) -> Room:
    tally = merged.tally if merged else known.tally if known else Tally()
    return assign_roles(room, importing.chat, tuple(tally.people), importing.file.my_name)


def _switch(
    tx: UserTransaction, stored: rooms.StoredRoom | None, after: Room, merged: MergeResult | None, done: File
) -> bool:
    """Make room and file what the import made of them; False, and nothing changed, when the room changed meanwhile."""
    documents_ = _room_documents(merged, stored) if merged else {}
    if stored is None:
        rooms.insert(tx, after, **documents_)
    elif not rooms.update(tx, after, seen=stored.room.version, **documents_):
        return False
    if not files.finish(tx, done):
        raise ImportInProgress
    return True


def _room_documents(merged: MergeResult, stored: rooms.StoredRoom | None) -> dict[str, str]:
    known = json_columns.load(Examples, stored.examples) if stored and stored.examples else None
    examples: Examples = (known or {}) | _examples(merged.kept)
    return {
        "statistics": tally_document.dump(merged.tally),
        "examples": json_columns.dump(examples, Examples) or "",
    }


def _examples(kept: list[Message]) -> Examples:
    """A few typical messages of each participant, from the latest kept."""
    texts: dict[str, list[str]] = {}
    for message in kept[-EXAMPLES_FROM:]:
        if message.kind is Kind.TEXT and message.sender is not None:
            texts.setdefault(message.sender, []).append(message.text)
    most = sorted(texts, key=lambda name: -len(texts[name]))[:PEOPLE_WITH_EXAMPLES]
    return {name: choose_examples(texts[name]) for name in most}


def _new_room(importing: Import) -> Room:
    now = importing.now
    return Room(
        room_id=importing.file.room_id or "",
        partner_relationship="기타",
        created_at=now,
        updated_at=now,
        last_activity_at=now,
    )


def _imported(room: Room, merged: MergeResult, importing: Import) -> Room:
    last = next((m for m in reversed(merged.kept) if m.kind is not Kind.SYSTEM), None)
    return replace(
        room,
        platform=importing.chat.format,
        message_count=merged.tally.messages,
        last_message=last.text[:LAST_MESSAGE_LENGTH] if last else room.last_message,
        generation=importing.generation,
        kept_from=merged.carried.start if merged.carried else merged.first_position,
        kept_until=merged.tally.events,
        content_hash=importing.file.content_hash,
        messages_expire_at=importing.now + KEPT_FOR,
        last_activity_at=importing.now,
        updated_at=importing.now,
    )


def _write_messages(importing: Import, room: Room, known: RoomHistory | None, merged: MergeResult) -> None:
    carried = [row for row in known.kept if row.position in merged.carried] if known else []
    for part in batches(_size(row) for row in carried):
        _carry_over(importing, room, range(carried[part.start].position, carried[part.stop - 1].position + 1))
    kept = list(_kept(importing, room.room_id, merged))
    for part in batches(_size(row) for row in kept):
        _insert(importing, room, kept[part.start : part.stop])


def _size(row: KeptMessage) -> int:
    return len(row.message.text.encode())


def _carry_over(importing: Import, room: Room, positions: range) -> None:
    old = room.generation or ""
    accounts.write(
        importing.caller,
        lambda tx: messages.carry_over(
            tx, room.room_id, old, importing.generation, positions=positions, now=importing.now
        ),
    )


def _insert(importing: Import, room: Room, batch: list[KeptMessage]) -> None:
    database().transaction(importing.user_id, lambda tx: messages.insert(tx, room.room_id, importing.generation, batch))


def _kept(importing: Import, room_id: str, merged: MergeResult) -> Iterator[KeptMessage]:
    expires_at = importing.now + KEPT_FOR
    occurrences = _occurrences_before(importing.chat.messages, merged.kept)
    for offset, message in enumerate(merged.kept):
        key = message_key(message)
        occurrences[key] = occurrences.get(key, -1) + 1
        is_long = len(message.text) > LONGEST_KEPT_TEXT
        kept = message.changed(text=message.text[:LONGEST_KEPT_TEXT]) if is_long else message
        yield KeptMessage(message_id(room_id, key, occurrences[key]), merged.first_position + offset, kept, expires_at)


def _occurrences_before(messages_: list[Message], kept: list[Message]) -> dict[bytes, int]:
    """How often what is kept was said before in the same minute, less one: ids go on from there."""
    occurrences: dict[bytes, int] = {}
    for message in reversed(messages_[: len(messages_) - len(kept)]):
        if not kept or minute_of(message) != minute_of(kept[0]):
            break
        key = message_key(message)
        occurrences[key] = occurrences.get(key, -1) + 1
    return occurrences


def message_key(message: Message) -> bytes:
    """What a message is, as far as every format tells: its minute, sender, kind and text."""
    return json.dumps([minute_of(message), message.sender, message.kind, message.text]).encode()


def message_id(room_id: str, key: bytes, occurrence: int) -> str:
    """A message's id: the same at every import, telling nothing of the message without the room's id."""
    digest = hashlib.blake2b(key, key=room_id.encode(), salt=str(occurrence).encode()[:16], digest_size=16)
    return digest.hexdigest()


def _ready(room: Room, known: RoomHistory | None, merged: MergeResult | None, importing: Import) -> File:
    chat, limit = importing.chat, settings().kept_messages
    participants = parsing.participants(chat)[:PARTICIPANTS_SHOWN]
    notice = Kind.SYSTEM
    said = [message for message in chat.messages if message.kind is not notice]
    kept = sum(message.kind is not Kind.SYSTEM for message in chat.messages[-limit:])
    return replace(
        importing.file,
        status=FileStatus.READY,
        room_id=room.room_id,
        format=chat.format,
        encoding=chat.encoding,
        messages_count=len(said),
        kept_messages=kept,
        new_messages=merged.new_messages if merged else 0,
        participants=participants,
        period_from=said[0].sent_at,
        period_to=said[-1].sent_at,
        my_name=room.my_name,
        sample_messages=tuple(text[:LAST_MESSAGE_LENGTH] for text in _last_texts(said, SAMPLES)),
        analysis=_speech_of(room.my_name, chat, merged),
        report=chat.report,
        warnings=tuple(_warnings(importing, known, merged, said)),
        lease_until=None,
    )


def _speech_of(name: str | None, chat: Chat, merged: MergeResult | None) -> Speech | None:
    """How one participant speaks in a chat, None when they wrote no text."""
    theirs = [message for message in chat.messages if message.sender == name]
    examples = _last_texts(theirs, EXAMPLES_FROM)
    if name is None or not examples:
        return None
    counts = merged.tally.speech_of(name) if merged and merged.of_export_alone else None
    if counts is None:
        counts = SpeechCounts()
        for message in theirs:
            if message.kind is Kind.TEXT:
                counts.add(message.text)
    return counts.speech(choose_examples(examples))


def _last_texts(messages_: Sequence[Message], at_most: int) -> list[str]:
    """The last of the messages that are texts, in time's order."""
    texts = (message.text for message in reversed(messages_) if message.kind is Kind.TEXT)
    return [*islice(texts, at_most)][::-1]


def _warnings(
    importing: Import, known: RoomHistory | None, merged: MergeResult | None, said: list[Message]
) -> Iterator[str]:
    chat, told = importing.chat, importing.file.my_name
    yield from chat.warnings
    names = dict.fromkeys(message.sender for message in said)
    if told is not None and told not in names:
        yield "my_name으로 알려 준 이름이 이 대화에 없어요."
    if known and (strangers := [name for name in names if name and name not in known.names]):
        yield f"이 방에 없던 이름이 있어요: {', '.join(strangers[:PEOPLE_NAMED])}"
    if merged is None and known and minute_of(said[0]) < known.tally.period_in_minutes[0]:
        yield "이 방보다 앞서는 대화는 뒤의 메시지가 남아 있어야 이어져요. 전체 대화를 다시 내보내 주세요."
    elif merged is None:
        yield "이미 있는 대화라 새로 더해진 메시지가 없어요."
    if len(names) > MAX_PEOPLE:
        yield f"사람이 많아서, 많이 말한 {MAX_PEOPLE}명만 따로 세었어요."
    if any(len(message.text) > LONGEST_KEPT_TEXT for message in said):
        yield f"{LONGEST_KEPT_TEXT:,}자가 넘는 메시지는 앞부분만 보관해요."
