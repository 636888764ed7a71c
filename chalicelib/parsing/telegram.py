"""Telegram Desktop's ``result.json`` of one chat, or of an account in which one chat has messages.

An attachment determines the kind of its message. The text is the caption. Without a caption, the text describes the
attachment (``사진``, ``지도: 서울숲``). Files, places, contacts and polls have their description above the caption.
Forwarded messages and replies are read like other messages.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from operator import attrgetter
from pathlib import PurePosixPath
from typing import Any

import msgspec
from msgspec import UNSET

from chalicelib.domain import Chat, Kind, Message
from chalicelib.errors import UnreadableFile
from chalicelib.parsing.export import Export
from chalicelib.parsing.json_exports import (
    WHOLE_DOCUMENT,
    are_mostly_messages,
    call_seconds,
    clean,
    clean_name,
    kind_label,
    read_items,
    wording,
)
from chalicelib.parsing.json_object import JsonObject, NonObject

_PERSONAL_CHAT = "personal_chat"
_CHAT_TYPES = (
    _PERSONAL_CHAT,
    "saved_messages",
    "replies",
    "verify_codes",
    "bot_chat",
    "private_group",
    "private_supergroup",
    "public_supergroup",
    "private_channel",
    "public_channel",
)
# The fields with the chats of an account's export.
_CHAT_LISTS = ("chats", "left_chats")
_ITEM_TYPES = ("message", "service", "unsupported")

_MEDIA_TYPES = {
    "sticker": Kind.EMOTICON,
    "animation": Kind.EMOTICON,
    "voice_message": Kind.VOICE,
    "video_message": Kind.VIDEO,
    "video_file": Kind.VIDEO,
    "audio_file": Kind.FILE,
}
# The first of these fields that is present determines the kind of the message.
_ATTACHMENTS = {
    "photo": Kind.PHOTO,
    "contact_information": Kind.CONTACT,
    "place_name": Kind.MAP,
    "location_information": Kind.MAP,
    "poll": Kind.BOARD,
    "invoice_information": Kind.MONEY,
    "file": Kind.FILE,
}
_attachment_fields = attrgetter("media_type", *_ATTACHMENTS)
_NO_ATTACHMENT = (UNSET,) * (1 + len(_ATTACHMENTS))
# Service messages that are messages of their sender. All others are notices.
_SENDER_ACTIONS = {
    "phone_call": Kind.CALL,
    "conference_call": Kind.CALL,
    "send_premium_gift": Kind.GIFT,
    "send_star_gift": Kind.GIFT,
}
_UNANSWERED_REASONS = ("missed", "busy")
# Accessing an enum member costs more than most of the work done for a message.
_TEXT = Kind.TEXT


class _Item(msgspec.Struct, gc=False, rename={"sender": "from"}):
    """The fields read from an object in the list of messages. Each may have any type."""

    type: Any = None
    id: Any = None
    date: Any = None
    date_unixtime: Any = None
    sender: Any = None
    text: Any = None
    # An attachment and its description.
    media_type: Any = UNSET
    photo: Any = UNSET
    contact_information: Any = UNSET
    place_name: Any = UNSET
    location_information: Any = UNSET
    poll: Any = UNSET
    invoice_information: Any = UNSET
    file: Any = UNSET
    file_name: Any = None
    address: Any = None
    performer: Any = None
    title: Any = None
    sticker_emoji: Any = None
    # Service messages.
    actor: Any = None
    action: Any = None
    members: Any = None
    information_text: Any = None
    duration_seconds: Any = None
    discard_reason: Any = None


_ITEMS = msgspec.json.Decoder(list[_Item | NonObject])


class _TelegramFormat:
    """One chat, with its messages in order of time."""

    name = "telegram"

    def claims(self, export: Export) -> AbstractSet[int]:
        """Claim the whole document if it is built like Telegram's."""
        return WHOLE_DOCUMENT if any(map(_is_chat, _chats(export.json_root))) else frozenset()

    def read(self, export: Export) -> Chat:
        """Read the only chat in the export that has messages.

        Raises:
            UnreadableFile: Several chats have messages, or a time does not exist.
        """
        exported_chat = _select_chat(_chats(export.json_root))
        chat = read_items(self.name, _items(exported_chat), _Reader(export.zone).read_item)
        if exported_chat.string("type") == _PERSONAL_CHAT:
            chat.partner_name = clean_name(exported_chat.string("name"))
            others = {message.sender for message in chat.messages} - {None, chat.partner_name}
            chat.my_name = others.pop() if len(others) == 1 else None
        return chat


def _chats(root: JsonObject) -> list[JsonObject]:
    """Return the objects of a document that may be chats: the document itself, or those of an account."""
    if "messages" in root:
        return [root]
    lists = filter(None, map(root.object, _CHAT_LISTS))
    return [chat for chat_list in lists for chat in chat_list.objects("list")]


def _items(chat: JsonObject) -> list[Any]:
    return chat.read("messages", _ITEMS) or []


def _is_chat(chat: JsonObject) -> bool:
    items = chat.read("messages", _ITEMS) if chat.string("type") in _CHAT_TYPES else None
    return items is not None and are_mostly_messages(items, _is_item)


def _is_item(item: Any) -> bool:
    """Return whether Telegram wrote the object. A message that Telegram cannot export has only an id and a type."""
    return (
        isinstance(item, _Item)
        and isinstance(item.id, int)
        and item.type in _ITEM_TYPES
        and (item.date is not None or item.type == "unsupported")
    )


def _select_chat(chats: list[JsonObject]) -> JsonObject:
    """Return the only chat in which a sender has written. If nobody has written, return the first chat.

    Raises:
        UnreadableFile: ``unrecognised_format`` with the ``reason`` ``several_chats``.
    """
    with_messages = [chat for chat in chats if any(map(_is_from_sender, _items(chat)))]
    if len(with_messages) > 1:
        raise UnreadableFile("unrecognised_format", reason="several_chats")
    return with_messages[0] if with_messages else next(filter(_is_chat, chats))


def _is_from_sender(item: Any) -> bool:
    # A tuple, because the action of a hostile file may not be hashable.
    return _is_item(item) and (item.type == "message" or item.action in tuple(_SENDER_ACTIONS))


@dataclass
class _Reader:
    """Reads the messages of one chat. ``read_item`` runs for every message."""

    zone: tzinfo
    # Cleaned names by the names in the file.
    names: dict[str | None, str] = field(default_factory=dict)

    def read_item(self, item: Any) -> Message:
        """Read one message or notice."""
        if item.type != "message":
            return self._read_service_message(item)
        sent_at = self._sent_at(item)
        sender = self.names.get(item.sender) or self._add_name(item.sender)
        text = item.text or ""
        # A text with links, mentions or formatting is a list of pieces.
        text = clean(text) if isinstance(text, str) else _join_pieces(text)
        if _attachment_fields(item) == _NO_ATTACHMENT:
            return Message(sent_at, sender, _TEXT, text)
        kind = _attachment_kind(item)
        return Message(sent_at, sender, kind, _attachment_text(kind, item, text))

    def _add_name(self, written_name: str | None) -> str:
        name = self.names[written_name] = clean_name(written_name)
        return name

    def _sent_at(self, item: _Item) -> datetime:
        """Return the time of an item. Older exports have only the local time of the exporting device."""
        if item.date_unixtime is not None:
            return datetime.fromtimestamp(int(item.date_unixtime), self.zone)
        return datetime.fromisoformat(item.date).replace(tzinfo=self.zone)

    def _read_service_message(self, item: _Item) -> Message:
        if item.type != "service":
            raise TypeError(item.type)  # counts as unrecognised
        sent_at, action = self._sent_at(item), item.action or ""
        kind = _SENDER_ACTIONS.get(action)
        if kind is None:
            return Message(sent_at, None, Kind.SYSTEM, _notice_text(item, action))
        text, count = kind_label(kind), 1
        if kind is Kind.CALL:
            text = wording().missed_call if item.discard_reason in _UNANSWERED_REASONS else text
            count = call_seconds(item.duration_seconds)
        return Message(sent_at, clean_name(_string(item.actor)), kind, text, count)


def _join_pieces(pieces: list[Any]) -> str:
    return clean("".join(piece if isinstance(piece, str) else piece["text"] for piece in pieces))


def _attachment_kind(item: _Item) -> Kind:
    if kind := _MEDIA_TYPES.get(item.media_type):
        return kind
    return next((kind for name, kind in _ATTACHMENTS.items() if getattr(item, name) is not UNSET), Kind.FILE)


def _attachment_text(kind: Kind, item: _Item, caption: str) -> str:
    if description := _describe_attachment(kind, item):
        return f"{kind_label(kind)}: {description}" + (f"\n{caption}" if caption else "")
    return caption or _string(item.sticker_emoji) or kind_label(kind)


def _describe_attachment(kind: Kind, item: _Item) -> str:
    """Return the name of a file, place, contact or invoice, or a poll's question and answers."""
    match kind:
        case Kind.FILE:
            return _file_name(item)
        case Kind.CONTACT:
            contact = item.contact_information
            return " ".join(filter(None, (_string(contact.get("first_name")), _string(contact.get("last_name")))))
        case Kind.MAP:
            return ", ".join(filter(None, (_string(item.place_name), _string(item.address)))) or _coordinates(item)
        case Kind.BOARD:
            answers = (_string(answer.get("text")) for answer in item.poll["answers"])
            return "\n- ".join((_string(item.poll.get("question")), *answers))
        case Kind.MONEY:
            return _string(item.invoice_information.get("title"))
    return ""


def _file_name(item: _Item) -> str:
    """Return the name of a song or file. A path in parentheses is a remark that the file was not exported."""
    song = " - ".join(filter(None, (_string(item.performer), _string(item.title))))
    path = _string(item.file)
    return song or _string(item.file_name) or ("" if path.startswith("(") else PurePosixPath(path).name)


def _coordinates(item: _Item) -> str:
    location = item.location_information or {}
    degrees = [location.get(name) for name in ("latitude", "longitude")]
    return ", ".join(str(value) for value in degrees if isinstance(value, float))


def _string(value: Any) -> str:
    return clean(value) if isinstance(value, str) else ""


def _notice_text(item: _Item, action: str) -> str:
    """Return the text of a notice, in Korean if the action is known: ``하늘님이 초대했습니다. (바다, 구름)``."""
    actor = _string(item.actor)
    subject = f"{actor}님이 " if actor else ""
    predicate = wording().telegram_actions.get(action) or clean(action.replace("_", " "))
    details = [clean(name) for name in item.members or () if isinstance(name, str)]
    details += filter(None, map(_string, (item.title, item.information_text, item.text)))
    return f"{subject}{predicate}".strip() + (f" ({', '.join(details)})" if details else "")


FORMATS = (_TelegramFormat(),)
