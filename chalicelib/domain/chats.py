"""Chats, rooms and uploaded files."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from msgspec import structs

from chalicelib.domain.speech import Speech

# How long chats and quotes of chats are stored.
CHAT_RETENTION = timedelta(days=7)
# A Lambda request body is at most 6 MB, and base64 adds a third. Larger files go through the bucket.
MAX_INLINE_BYTES = 4 * 1024 * 1024
MAX_UPLOAD_BYTES = 50 * 1024 * 1024
# In characters. Apps do not allow longer names: a longer "name" is a line of a message.
MAX_NAME_LENGTH = 100
# The time after the end of its lease in which an import may be retried. S3 events are delivered up to three times, the
# last time about three minutes after the first.
IMPORT_RETRY_WINDOW = timedelta(minutes=5)
# A few typical messages of each participant, by name.
Examples = dict[str, tuple[str, ...]]


class Kind(StrEnum):
    """The kind of a message."""

    TEXT = "text"
    PHOTO = "photo"
    VIDEO = "video"
    EMOTICON = "emoticon"
    VOICE = "voice"
    CALL = "call"
    FILE = "file"
    MAP = "map"
    CONTACT = "contact"
    MONEY = "money"
    GIFT = "gift"
    BOARD = "board"
    SEARCH = "search"
    REPLY = "reply"
    DELETED = "deleted"
    SYSTEM = "system"


class Role(StrEnum):
    """The sender of a message, from the user's point of view."""

    ME = "me"
    PARTNER = "partner"
    OTHER = "other"
    SYSTEM = "system"


# Access to an enum member is slow in Python 3.11, and these members are needed for every message.
_ME, _PARTNER, _OTHER, _SYSTEM = Role.ME, Role.PARTNER, Role.OTHER, Role.SYSTEM


class Message(msgspec.Struct, gc=False):
    """One message of a chat.

    An import creates more than 100,000 messages, and a msgspec struct takes less than half the time of a dataclass.
    ``sender`` is None for a notice. ``count`` is the number of photos in a photo message, the seconds of a call, and
    1 for every other kind.
    """

    sent_at: datetime
    sender: str | None
    kind: Kind
    text: str
    count: int = 1

    def with_fields(self, **fields: object) -> Message:
        """Return a copy with new values in some fields."""
        return structs.replace(self, **fields)


@dataclass(frozen=True, slots=True)
class Participant:
    """A participant of a chat and the number of their messages."""

    name: str
    messages: int


@dataclass(frozen=True, slots=True)
class LineReport:
    """The number of lines of a file by their use. The parts add up to ``lines``."""

    lines: int
    messages: int
    continuations: int
    system: int
    headers: int
    blank: int
    unrecognised: int

    def check(self) -> None:
        """Raise AssertionError if a line was lost or counted twice."""
        parts = self.messages + self.continuations + self.system + self.headers + self.blank + self.unrecognised
        if parts != self.lines:
            raise AssertionError(f"Counted {parts} of {self.lines} lines")


@dataclass(slots=True)
class Chat:
    """A parsed export.

    ``partner_name`` comes from the file's header. ``my_name`` is set if the file itself identifies the user who
    exported it. Messages of a chat that is not ``timed`` carry the time at which the file was parsed.
    """

    format: str
    messages: list[Message]
    report: LineReport
    partner_name: str | None = None
    my_name: str | None = None
    warnings: list[str] = field(default_factory=list)
    encoding: str = ""
    timed: bool = True

    def recount_notices(self) -> None:
        """Count the report's messages and notices again. A notice has no sender."""
        notices = [message.sender for message in self.messages].count(None)
        self.report = replace(self.report, messages=len(self.messages) - notices, system=notices)


class FileStatus(StrEnum):
    """The state of an uploaded file."""

    AWAITING_UPLOAD = "awaiting_upload"
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


@dataclass(slots=True)
class Room:
    """A chat room: one chat, imported from any number of files.

    ``version`` grows with every change. The stored messages are those of ``generation``, at positions ``kept_from``
    (inclusive) to ``kept_until`` (exclusive). Position 0 is the first message ever imported into the room. The fields
    are the columns of the table ``chat_rooms``: a new field needs a migration.
    """

    room_id: str
    partner_relationship: str
    created_at: datetime
    updated_at: datetime
    last_activity_at: datetime
    name: str | None = None
    partner_name: str | None = None
    partner_profile_id: str | None = None
    my_name: str | None = None
    platform: str | None = None
    message_count: int = 0
    last_message: str | None = None
    generation: str | None = None
    kept_from: int = 0
    kept_until: int = 0
    content_hash: str | None = None
    messages_expire_at: datetime | None = None
    version: int = 0

    def role_of(self, sender: str | None) -> Role:
        """Return the role of a sender in this room."""
        return role_of(sender, self.my_name, self.partner_name)

    def visible_at(self, now: datetime) -> Room:
        """Return the room as readers see it: without expired messages, even before the retention job erased them."""
        if self.messages_expire_at is None or self.messages_expire_at > now:
            return self
        return replace(self, last_message=None, generation=None)


def role_of(sender: str | None, my_name: str | None, partner_name: str | None) -> Role:
    """Return the role of a sender in a room with these names."""
    if sender is None:
        return _SYSTEM
    if sender == my_name:
        return _ME
    return _PARTNER if sender == partner_name else _OTHER


@dataclass(slots=True)
class StoredMessage:
    """A stored message with its id, its position in the room and its expiry."""

    message_id: str
    position: int
    message: Message
    expires_at: datetime


@dataclass(slots=True)
class File:
    """An uploaded file and the result of its import.

    The fields are the columns of the table ``files``: a new field needs a migration.
    """

    file_id: str
    status: FileStatus
    filename: str
    size: int
    created_at: datetime
    expires_at: datetime
    room_id: str | None = None
    content_hash: str | None = None
    format: str | None = None
    encoding: str | None = None
    my_name: str | None = None
    timezone: str | None = None
    messages_count: int | None = None
    kept_messages: int | None = None
    new_messages: int | None = None
    participants: tuple[Participant, ...] = ()
    period_from: datetime | None = None
    period_to: datetime | None = None
    sample_messages: tuple[str, ...] = ()
    analysis: Speech | None = None
    report: LineReport | None = None
    warnings: tuple[str, ...] = ()
    error_code: str | None = None
    generation: str | None = None
    lease_until: datetime | None = None

    def visible_at(self, now: datetime) -> File:
        """Return the file as readers see it. An import that is no longer retried has failed."""
        if self.status in (FileStatus.READY, FileStatus.AWAITING_UPLOAD):
            return self
        is_abandoned = self.lease_until is not None and self.lease_until + IMPORT_RETRY_WINDOW <= now
        file = self
        if self.status is FileStatus.PROCESSING and is_abandoned:
            file = replace(self, status=FileStatus.FAILED, error_code="interrupted")
        # The room of an unfinished import does not exist.
        return replace(file, room_id=None)
