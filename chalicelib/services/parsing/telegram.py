"""Telegram Desktop's ``result.json``, of one chat or of an account with one chat.

What somebody attached is the message's kind. A caption stays its text, since
nothing else holds it; what has none shows what it is (``사진``, ``지도: 서울숲``).
Files, places, contacts and polls name themselves above their caption. What was
forwarded and what answers another message are texts like others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import PurePosixPath
from typing import Any

from chalicelib.domain import Chat, Kind, Message
from chalicelib.errors import UnreadableFile
from chalicelib.services.parsing.documents import (
    all_records,
    clean,
    cleaner,
    mostly,
    name_of,
    read_items,
    seconds,
    word,
    wording,
)
from chalicelib.services.parsing.export import Export

PERSONAL = "personal_chat"
CHAT_TYPES = (
    PERSONAL,
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
CHAT_LISTS = ("chats", "left_chats")
ITEM_TYPES = ("message", "service", "unsupported")

MEDIA_TYPES = {
    "sticker": Kind.EMOTICON,
    "animation": Kind.EMOTICON,
    "voice_message": Kind.VOICE,
    "video_message": Kind.VIDEO,
    "video_file": Kind.VIDEO,
    "audio_file": Kind.FILE,
}
# Of several, the first is what the message is.
ATTACHMENTS = {
    "photo": Kind.PHOTO,
    "contact_information": Kind.CONTACT,
    "place_name": Kind.MAP,
    "location_information": Kind.MAP,
    "poll": Kind.BOARD,
    "invoice_information": Kind.MONEY,
    "file": Kind.FILE,
}
ATTACHED = frozenset((*ATTACHMENTS, "media_type"))
# Service messages by which somebody turns to somebody. All others are notices.
SAID = {
    "phone_call": Kind.CALL,
    "conference_call": Kind.CALL,
    "send_premium_gift": Kind.GIFT,
    "send_star_gift": Kind.GIFT,
}
UNANSWERED = ("missed", "busy")
# Looking a member up takes longer than most of what is done for a message.
TEXT = Kind.TEXT


class Telegram:
    """One chat with its messages in time's order."""

    name = "telegram"

    def claims(self, export: Export) -> set[int]:
        """All records of a document that is built like Telegram's, or none."""
        return all_records(export) if any(map(_is_chat, _chats(export.document))) else set()

    def read(self, export: Export) -> Chat:
        """The one chat in the export that has messages.

        Raises:
            UnreadableFile: there are several, or a time does not exist.
        """
        exported = _only(_chats(export.document))
        chat = read_items(self.name, exported["messages"], _Reader(export.zone, cleaner(export)).message)
        if exported.get("type") == PERSONAL:
            chat.partner_name = name_of(_text(exported, "name"))
            others = {message.sender for message in chat.messages} - {None, chat.partner_name}
            chat.my_name = others.pop() if len(others) == 1 else None
        return chat


def _chats(document: Any) -> list[dict[str, Any]]:
    """What a document holds that may be chats: itself, or those of an account."""
    if not isinstance(document, dict):
        return []
    if "messages" in document:
        return [document]
    lists = [document[name] for name in CHAT_LISTS if isinstance(document.get(name), dict)]
    chats = [chat for chats in lists if isinstance(chats.get("list"), list) for chat in chats["list"]]
    return [chat for chat in chats if isinstance(chat, dict)]


def _is_chat(chat: dict[str, Any]) -> bool:
    items = chat.get("messages")
    return chat.get("type") in CHAT_TYPES and isinstance(items, list) and mostly(items, _is_item)


def _is_item(item: Any) -> bool:
    """Whether this is an object as Telegram writes them; what it cannot export has no more than an id and a type."""
    return (
        isinstance(item, dict)
        and isinstance(item.get("id"), int)
        and item.get("type") in ITEM_TYPES
        and ("date" in item or item["type"] == "unsupported")
    )


def _only(chats: list[dict[str, Any]]) -> dict[str, Any]:
    """The one chat in which something was said.

    Raises:
        UnreadableFile: ``unrecognised_format`` where there are several: which one is meant, nobody said.
    """
    spoken = [chat for chat in chats if isinstance(chat.get("messages"), list) and any(map(_says, chat["messages"]))]
    if len(spoken) > 1:
        raise UnreadableFile("unrecognised_format", reason="several_chats")
    return next(iter(spoken or filter(_is_chat, chats)))


def _says(item: Any) -> bool:
    return _is_item(item) and (item["type"] == "message" or item.get("action") in tuple(SAID))


@dataclass
class _Reader:
    """Reads the messages of one chat. What runs for each of them is in ``message``."""

    zone: tzinfo
    clean: Callable[[str], str]
    # Senders' names by how they are written.
    names: dict[str | None, str] = field(default_factory=dict)

    def message(self, item: Any) -> Message:
        """One message or notice."""
        if item["type"] != "message":
            return self._service(item)
        sent_at = self._sent_at(item)
        written = item.get("from")
        sender = self.names.get(written) or self._know(written)
        text = item.get("text") or ""
        # Texts with links, mentions or the like in them are in pieces.
        text = self.clean(text) if isinstance(text, str) else _joined(text)
        if ATTACHED.isdisjoint(item):
            return Message(sent_at, sender, TEXT, text)
        kind, shown = _attached(item, text)
        return Message(sent_at, sender, kind, shown)

    def _know(self, written: str | None) -> str:
        name = self.names[written] = name_of(written)
        return name

    def _sent_at(self, item: dict[str, Any]) -> datetime:
        """When it was sent; older exports have only the time where they were made."""
        stamp = item.get("date_unixtime")
        if stamp is not None:
            return datetime.fromtimestamp(int(stamp), self.zone)
        return datetime.fromisoformat(item["date"]).replace(tzinfo=self.zone)

    def _service(self, item: dict[str, Any]) -> Message:
        if item["type"] != "service":
            raise TypeError(item["type"])
        sent_at, action = self._sent_at(item), item.get("action", "")
        kind = SAID.get(action)
        if kind is None:
            return Message(sent_at, None, Kind.SYSTEM, _notice(item, action))
        text, count = word(kind), 1
        if kind is Kind.CALL:
            text = wording()["missed_call"] if item.get("discard_reason") in UNANSWERED else text
            count = seconds(item.get("duration_seconds"))
        return Message(sent_at, name_of(_text(item, "actor")), kind, text, count)


def _joined(pieces: list[Any]) -> str:
    return clean("".join(piece if isinstance(piece, str) else piece["text"] for piece in pieces))


def _attached(item: dict[str, Any], caption: str) -> tuple[Kind, str]:
    kind = MEDIA_TYPES.get(item.get("media_type", ""))
    if kind is None:
        kind = next((kind for field, kind in ATTACHMENTS.items() if field in item), Kind.FILE)
    described = _described(kind, item)
    if described:
        return kind, f"{word(kind)}: {described}" + (f"\n{caption}" if caption else "")
    return kind, caption or _text(item, "sticker_emoji") or word(kind)


def _described(kind: Kind, item: dict[str, Any]) -> str:
    """What an attachment says of itself."""
    match kind:
        case Kind.FILE:
            return _file_name(item)
        case Kind.CONTACT:
            contact = item["contact_information"]
            return " ".join(filter(None, (_text(contact, "first_name"), _text(contact, "last_name"))))
        case Kind.MAP:
            return ", ".join(filter(None, (_text(item, "place_name"), _text(item, "address")))) or _place(item)
        case Kind.BOARD:
            poll = item["poll"]
            return "\n- ".join((_text(poll, "question"), *(_text(answer, "text") for answer in poll["answers"])))
        case Kind.MONEY:
            return _text(item["invoice_information"], "title")
    return ""


def _file_name(item: dict[str, Any]) -> str:
    """A song's or file's name; what stands in parentheses says only that the file was left out."""
    song = " - ".join(filter(None, (_text(item, "performer"), _text(item, "title"))))
    path = _text(item, "file")
    return song or _text(item, "file_name") or ("" if path.startswith("(") else PurePosixPath(path).name)


def _place(item: dict[str, Any]) -> str:
    place = item.get("location_information") or {}
    figures = [place.get(name) for name in ("latitude", "longitude")]
    return ", ".join(str(figure) for figure in figures if isinstance(figure, float))


def _text(fields: dict[str, Any], name: str) -> str:
    text = fields.get(name)
    return clean(text) if isinstance(text, str) else ""


def _notice(item: dict[str, Any], action: str) -> str:
    """What happened, in Korean where it is known: ``하늘님이 초대했습니다. (바다, 구름)``."""
    actor = _text(item, "actor")
    what = wording()["telegram_actions"].get(action) or clean(action.replace("_", " "))
    members = item.get("members") or []
    details = [clean(name) for name in members if isinstance(name, str)]
    details += filter(None, (_text(item, name) for name in ("title", "information_text", "text")))
    who = f"{actor}님이 " if actor else ""
    return f"{who}{what}".strip() + (f" ({', '.join(details)})" if details else "")


FORMATS = (Telegram(),)
