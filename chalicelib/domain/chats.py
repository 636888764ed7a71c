"""Chats and what is read from files."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from msgspec import structs

from chalicelib.domain.speech import Speech

# How long chats, and whatever quotes them, are kept.
KEPT_FOR = timedelta(days=7)
# What is longer is no name but a message without one; apps allow fewer letters.
# A request body is 6 MB in Lambda, and base64 adds a third; larger files go through the bucket.
MAX_INLINE_BYTES = 4 * 1024 * 1024
MAX_UPLOAD_BYTES = 50 * 1024 * 1024
LONGEST_NAME = 100
# A few typical messages of each participant, by name.
Examples = dict[str, tuple[str, ...]]


class Kind(StrEnum):
    """What a message is."""

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
    """Who said a message, seen from the user."""

    ME = "me"
    PARTNER = "partner"
    OTHER = "other"
    SYSTEM = "system"


# Looking a member up on the class is slow in Python 3.11, and these are needed for every message.
_ME, _PARTNER, _OTHER, _SYSTEM = Role.ME, Role.PARTNER, Role.OTHER, Role.SYSTEM


class Message(msgspec.Struct, gc=False):
    """One message of a chat. An import makes 100,000 and more, in less than half the time of dataclasses.

    ``sender`` is None for a system line. ``count`` is what the kind counts:
    photos of a photo message, seconds of a call, 1 for everything else.
    """

    sent_at: datetime
    sender: str | None
    kind: Kind
    text: str
    count: int = 1

    def changed(self, **fields: object) -> Message:
        """The same message with other values in some fields."""
        return structs.replace(self, **fields)


@dataclass(frozen=True, slots=True)
class Participant:
    """A person of a chat and how many messages they sent."""

    name: str
    messages: int


@dataclass(frozen=True, slots=True)
class LineReport:
    """Where every line of a file went; the parts add up to ``lines``."""

    lines: int
    messages: int
    continuations: int
    system: int
    headers: int
    blank: int
    unrecognised: int

    def check(self) -> None:
        """Raise AssertionError where lines were lost or counted twice."""
        parts = self.messages + self.continuations + self.system + self.headers + self.blank + self.unrecognised
        if parts != self.lines:
            raise AssertionError(f"{parts} lines accounted for of {self.lines}")


@dataclass(slots=True)
class Chat:
    """What a file holds, read.

    ``partner_name`` is what the file's own header says;
    ``my_name`` is set when the file itself tells who exported it. Messages of a
    chat that is not ``timed`` carry the time they were read at.
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
        """Split the report's messages into messages and notices, which have no sender."""
        notices = [message.sender for message in self.messages].count(None)
        self.report = replace(self.report, messages=len(self.messages) - notices, system=notices)


class FileStatus(StrEnum):
    """Where an uploaded file is on its way."""

    AWAITING_UPLOAD = "awaiting_upload"
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


@dataclass(slots=True)
class Room:
    """A chat room: one chat, whatever files it came from.

    ``version`` grows with every change. The messages kept
    are those of ``generation`` at positions ``kept_from`` to ``kept_until``
    (exclusive), counted from the room's first message ever.
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
        """Who a sender is to the user; OTHER while nobody said who the user is."""
        return role_of(sender, self.my_name, self.partner_name)


def role_of(sender: str | None, my_name: str | None, partner_name: str | None) -> Role:
    """Who a sender is to the user, in a room where these two names are known."""
    if sender is None:
        return _SYSTEM
    if sender == my_name:
        return _ME
    return _PARTNER if sender == partner_name else _OTHER


@dataclass(slots=True)
class KeptMessage:
    """A message as it is kept: with its id, its place and when it is erased."""

    message_id: str
    position: int
    message: Message
    expires_at: datetime


@dataclass(slots=True)
class File:
    """An uploaded file and what became of it."""

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
