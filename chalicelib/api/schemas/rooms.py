"""Chat rooms and their messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import Field

from chalicelib.api.schemas.common import Id, ListQuery, Moment, Name, ReplyModel, RequestModel
from chalicelib.api.schemas.files import FileReply
from chalicelib.domain import Kind, ParticipantStatistics, Role, Room, RoomStatistics, StoredMessage, Week
from chalicelib.services import pagination
from chalicelib.services import rooms as service


class CreateRoom(RequestModel):
    """A new chat room."""

    partner_name: Name
    partner_relationship: Name
    name: Name | None = None
    partner_profile_id: Id | None = None

    def to_domain(self) -> service.NewRoom:
        """Return the input of the service."""
        return service.NewRoom(**self.model_dump())


class ChangeRoom(RequestModel):
    """Changes of a room. Omitted fields keep their value."""

    room_id: Id
    name: Name | None = None
    partner_name: Name | None = None
    partner_relationship: Name | None = None
    partner_profile_id: Id | None = None
    my_name: Name | None = None
    last_message: str | None = Field(default=None, max_length=4_000)
    message_count: int | None = Field(default=None, ge=0, le=10_000_000)

    def changes(self) -> dict[str, Any]:
        """Return the fields that were sent with a value."""
        return self.model_dump(exclude={"room_id"}, exclude_none=True)


class RoomId(RequestModel):
    """The room to erase."""

    room_id: Id


class RoomsQuery(ListQuery):
    """A page of rooms, or one room."""

    room_id: Id | None = None


class RoomReply(ReplyModel):
    """A chat room."""

    id: str
    room_id: str
    name: str | None
    partner_name: str | None
    partner_relationship: str
    partner_profile_id: str | None
    my_name: str | None
    platform: str | None
    message_count: int
    last_message: str | None
    created_at: Moment
    updated_at: Moment

    @classmethod
    def fields_of(cls, room: Room) -> dict[str, Any]:
        """Return the fields of a room."""
        names = set(RoomReply.model_fields) - {"id"}
        return {"id": room.room_id} | {name: getattr(room, name) for name in names}

    @classmethod
    def of(cls, room: Room) -> Self:
        """Return the wire form of a room."""
        return cls(**cls.fields_of(room))


class RoomMessage(ReplyModel):
    """A new or changed room."""

    room: RoomReply
    message: str

    @classmethod
    def created(cls, room: Room) -> Self:
        """Return the reply to a new room."""
        return cls(room=RoomReply.of(room), message="채팅방을 만들었어요.")

    @classmethod
    def changed(cls, room: Room) -> Self:
        """Return the reply to a changed room."""
        return cls(room=RoomReply.of(room), message="채팅방을 고쳤어요.")


class Statistics(ReplyModel):
    """The figures of a room, over all messages ever imported."""

    participants: tuple[ParticipantStatistics, ...]
    days_active: int
    streak: int
    sessions: int
    heatmap: tuple[tuple[int, ...], ...]
    weekly: tuple[Week, ...]
    first_message_at: Moment | None
    last_message_at: Moment | None

    @classmethod
    def of(cls, statistics: RoomStatistics) -> Self:
        """Return the wire form of statistics."""
        return cls.model_validate(statistics)


class DetailedRoom(RoomReply):
    """A room with its statistics and files."""

    statistics: Statistics | None = None
    files: list[FileReply] | None = None

    @classmethod
    def of_details(cls, details: service.RoomDetails) -> DetailedRoom:
        """Return the wire form of a room with its statistics and files."""
        return cls(
            **cls.fields_of(details.room),
            statistics=Statistics.of(details.statistics) if details.statistics else None,
            files=[FileReply.of(file) for file in details.files],
        )


class RoomList(ReplyModel):
    """Chat rooms, latest activity first."""

    rooms: list[DetailedRoom] | list[RoomReply]
    next_cursor: str | None

    @classmethod
    def of(cls, page: pagination.Page[Room]) -> Self:
        """Return the wire form of a page."""
        return cls(rooms=[RoomReply.of(room) for room in page.items], next_cursor=page.next_cursor)

    @classmethod
    def of_one(cls, details: service.RoomDetails) -> RoomList:
        """Return the wire form of one room."""
        return OneRoom(rooms=[DetailedRoom.of_details(details)], next_cursor=None)


class OneRoom(RoomList):
    """A list of one room. It spares pydantic the choice between the two kinds of rooms."""

    rooms: list[DetailedRoom]


class MessagesQuery(ListQuery):
    """A page of a room's messages."""

    room_id: Id
    order: Literal["desc", "asc"] = "desc"


# A dataclass is faster than a model, and a page has up to 200 messages.
@dataclass
class MessageReply:
    """A message of a chat room."""

    message_id: str
    sender: str | None
    role: Role
    kind: Kind
    text: str
    sent_at: Moment
    expires_at: Moment

    @classmethod
    def of(cls, stored: StoredMessage, role: Role) -> Self:
        """Return the wire form of a message."""
        message = stored.message
        return cls(
            message_id=stored.message_id,
            sender=message.sender,
            role=role,
            kind=message.kind,
            text=message.text,
            sent_at=message.sent_at,
            expires_at=stored.expires_at,
        )


class MessageList(ReplyModel):
    """Messages of a chat room."""

    messages: list[MessageReply]
    next_cursor: str | None

    @classmethod
    def of(cls, page: pagination.Page[tuple[StoredMessage, Role]]) -> Self:
        """Return the wire form of a page."""
        messages = [MessageReply.of(*item) for item in page.items]
        return cls.model_construct(messages=messages, next_cursor=page.next_cursor)
