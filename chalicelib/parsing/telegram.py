"""Telegram Desktop's ``result.json``, of one chat or of an account with one chat.

What somebody attached is the message's kind. A caption stays its text, since
nothing else holds it; what has none shows what it is (``사진``, ``지도: 서울숲``).
Files, places, contacts and polls name themselves above their caption. What was
forwarded and what answers another message are texts like others.
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
# An account's export holds its chats under these.
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
# Of several, the first is what the message is.
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
# Service messages by which somebody turns to somebody. All others are notices.
_SENDER_ACTIONS = {
    "phone_call": Kind.CALL,
    "conference_call": Kind.CALL,
    "send_premium_gift": Kind.GIFT,
    "send_star_gift": Kind.GIFT,
}
_UNANSWERED_REASONS = ("missed", "busy")
# Looking a member up takes longer than most of what is done for a message.
_TEXT = Kind.TEXT


class _Item(msgspec.Struct, gc=False, rename={"sender": "from"}):
    """What is read of an object in the list of messages. Nothing in it can be trusted to be what it should be."""

    type: Any = None
    id: Any = None
    date: Any = None
    date_unixtime: Any = None
    sender: Any = None
    text: Any = None
    # What is attached, and what describes it.
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


class Telegram:
    """One chat with its messages in time's order."""

    name = "telegram"

    def claims(self, export: Export) -> AbstractSet[int]:
        """All of a document that is built like Telegram's, or nothing."""
        return WHOLE_DOCUMENT if any(map(_is_chat, _chats(export.document))) else frozenset()

    def read(self, export: Export) -> Chat:
        """The one chat in the export that has messages.

        Raises:
            UnreadableFile: there are several, or a time does not exist.
        """
        exported = _select_chat(_chats(export.document))
        chat = read_items(self.name, _items(exported), _Reader(export.zone).message)
        if exported.string("type") == _PERSONAL_CHAT:
            chat.partner_name = clean_name(exported.string("name"))
            others = {message.sender for message in chat.messages} - {None, chat.partner_name}
            chat.my_name = others.pop() if len(others) == 1 else None
        return chat


def _chats(document: JsonObject) -> list[JsonObject]:
    """What a document holds that may be chats: itself, or those of an account."""
    if "messages" in document:
        return [document]
    lists = filter(None, map(document.object, _CHAT_LISTS))
    return [chat for held in lists for chat in held.objects("list")]


def _items(chat: JsonObject) -> list[Any]:
    return chat.read("messages", _ITEMS) or []


def _is_chat(chat: JsonObject) -> bool:
    items = chat.read("messages", _ITEMS) if chat.string("type") in _CHAT_TYPES else None
    return items is not None and are_mostly_messages(items, _is_item)


def _is_item(item: Any) -> bool:
    """Whether this is an object as Telegram writes them; what it cannot export has no more than an id and a type."""
    return (
        isinstance(item, _Item)
        and isinstance(item.id, int)
        and item.type in _ITEM_TYPES
        and (item.date is not None or item.type == "unsupported")
    )


def _select_chat(chats: list[JsonObject]) -> JsonObject:
    """The one chat in which something was said.

    Raises:
        UnreadableFile: ``unrecognised_format`` where there are several: which one is meant, nobody said.
    """
    spoken = [chat for chat in chats if any(map(_is_from_sender, _items(chat)))]
    if len(spoken) > 1:
        raise UnreadableFile("unrecognised_format", reason="several_chats")
    return next(iter(spoken or filter(_is_chat, chats)))


def _is_from_sender(item: Any) -> bool:
    return _is_item(item) and (item.type == "message" or item.action in tuple(_SENDER_ACTIONS))


@dataclass
class _Reader:
    """Reads the messages of one chat. What runs for each of them is in ``message``."""

    zone: tzinfo
    # Senders' names by how they are written.
    names: dict[str | None, str] = field(default_factory=dict)

    def message(self, item: Any) -> Message:
        """One message or notice."""
        if item.type != "message":
            return self._service(item)
        sent_at = self._sent_at(item)
        sender = self.names.get(item.sender) or self._know(item.sender)
        text = item.text or ""
        # Texts with links, mentions or the like in them are in pieces.
        text = clean(text) if isinstance(text, str) else _join_pieces(text)
        if _attachment_fields(item) == _NO_ATTACHMENT:
            return Message(sent_at, sender, _TEXT, text)
        kind, shown = _read_attachment(item, text)
        return Message(sent_at, sender, kind, shown)

    def _know(self, written: str | None) -> str:
        name = self.names[written] = clean_name(written)
        return name

    def _sent_at(self, item: _Item) -> datetime:
        """When it was sent; older exports have only the time where they were made."""
        if item.date_unixtime is not None:
            return datetime.fromtimestamp(int(item.date_unixtime), self.zone)
        return datetime.fromisoformat(item.date).replace(tzinfo=self.zone)

    def _service(self, item: _Item) -> Message:
        if item.type != "service":
            raise TypeError(item.type)
        sent_at, action = self._sent_at(item), item.action or ""
        kind = _SENDER_ACTIONS.get(action)
        if kind is None:
            return Message(sent_at, None, Kind.SYSTEM, _notice(item, action))
        text, count = kind_label(kind), 1
        if kind is Kind.CALL:
            text = wording()["missed_call"] if item.discard_reason in _UNANSWERED_REASONS else text
            count = call_seconds(item.duration_seconds)
        return Message(sent_at, clean_name(_text(item.actor)), kind, text, count)


def _join_pieces(pieces: list[Any]) -> str:
    return clean("".join(piece if isinstance(piece, str) else piece["text"] for piece in pieces))


def _read_attachment(item: _Item, caption: str) -> tuple[Kind, str]:
    kind = _MEDIA_TYPES.get(item.media_type)
    if kind is None:
        kind = next((kind for name, kind in _ATTACHMENTS.items() if getattr(item, name) is not UNSET), Kind.FILE)
    described = _describe_attachment(kind, item)
    if described:
        return kind, f"{kind_label(kind)}: {described}" + (f"\n{caption}" if caption else "")
    return kind, caption or _text(item.sticker_emoji) or kind_label(kind)


def _describe_attachment(kind: Kind, item: _Item) -> str:
    """What an attachment says of itself."""
    match kind:
        case Kind.FILE:
            return _file_name(item)
        case Kind.CONTACT:
            contact = item.contact_information
            return " ".join(filter(None, (_text(contact.get("first_name")), _text(contact.get("last_name")))))
        case Kind.MAP:
            return ", ".join(filter(None, (_text(item.place_name), _text(item.address)))) or _coordinates(item)
        case Kind.BOARD:
            answers = (_text(answer.get("text")) for answer in item.poll["answers"])
            return "\n- ".join((_text(item.poll.get("question")), *answers))
        case Kind.MONEY:
            return _text(item.invoice_information.get("title"))
    return ""


def _file_name(item: _Item) -> str:
    """A song's or file's name; what stands in parentheses says only that the file was left out."""
    song = " - ".join(filter(None, (_text(item.performer), _text(item.title))))
    path = _text(item.file)
    return song or _text(item.file_name) or ("" if path.startswith("(") else PurePosixPath(path).name)


def _coordinates(item: _Item) -> str:
    place = item.location_information or {}
    figures = [place.get(name) for name in ("latitude", "longitude")]
    return ", ".join(str(figure) for figure in figures if isinstance(figure, float))


def _text(text: Any) -> str:
    return clean(text) if isinstance(text, str) else ""


def _notice(item: _Item, action: str) -> str:
    """What happened, in Korean where it is known: ``하늘님이 초대했습니다. (바다, 구름)``."""
    actor = _text(item.actor)
    what = wording()["telegram_actions"].get(action) or clean(action.replace("_", " "))
    details = [clean(name) for name in item.members or () if isinstance(name, str)]
    details += filter(None, map(_text, (item.title, item.information_text, item.text)))
    who = f"{actor}님이 " if actor else ""
    return f"{who}{what}".strip() + (f" ({', '.join(details)})" if details else "")


FORMATS = (Telegram(),)
