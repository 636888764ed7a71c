"""Meta's exports: ``message_1.json`` of Instagram and Messenger, and Messenger's end-to-end encrypted chats.

Instagram and Messenger write the same structure, newest message first. Every string in it is UTF-8 that was decoded as
Latin-1 and must be repaired. Reactions to a message are ignored. A reaction that is an item of its own is a notice.

An attachment determines the kind of its message. The text is the sender's caption. The app's own sentence for an
attachment (``… sent an attachment.``) is replaced by the label of the kind. A share with a comment becomes a text
message with the comment. A share without a comment becomes a file whose text is the link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from itertools import compress
from operator import attrgetter
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import msgspec

from chalicelib.domain import Chat, Kind, Message
from chalicelib.parsing.decoding import is_nfc
from chalicelib.parsing.export import Export
from chalicelib.parsing.json_exports import (
    NUL,
    SHAPE_ERRORS,
    TIMESTAMP_ERRORS,
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
from chalicelib.parsing.placeholders import Vocabulary

_VOCABULARY = Vocabulary("meta")
_INSTAGRAM, _MESSENGER = "instagram", "messenger"
_MS_PER_SECOND = 1_000
_ONE_TO_ONE = 2

# The first of these fields that is set determines the kind of the message.
_ATTACHMENTS = {
    "photos": Kind.PHOTO,
    "videos": Kind.VIDEO,
    "audio_files": Kind.VOICE,
    "gifs": Kind.EMOTICON,
    "sticker": Kind.EMOTICON,
    "files": Kind.FILE,
    "share": Kind.FILE,
}
_attachment_fields = attrgetter("call_duration", *_ATTACHMENTS)
_NO_ATTACHMENT = (None,) * (1 + len(_ATTACHMENTS))
# If none of these fields is set, either app may have written the message.
_app_hint_fields = attrgetter(*_ATTACHMENTS, "ip", "users", "missed")
_NO_APP_HINT = (None,) * (3 + len(_ATTACHMENTS))

# The folder of an attachment names the app.
_APP_FOLDERS = {
    "your_instagram_activity/": _INSTAGRAM,
    "your_facebook_activity/": _MESSENGER,
    "your_activity_across_facebook/": _MESSENGER,
}
# Fields of a message that only Messenger writes.
_MESSENGER_FIELDS = ("sticker", "gifs", "ip", "users", "missed")
# Fields of a share that only Instagram writes.
_INSTAGRAM_SHARE_FIELDS = frozenset(("original_content_owner", "profile_share_username"))
# Folders of threads that only Messenger has.
_MESSENGER_THREAD_FOLDERS = ("e2ee_cutover/", "archived_threads/", "filtered_threads/")
# Instagram's text for a double tap.
_DOUBLE_TAP = "Liked a message"

_TRAILING_NUMBER = re.compile(r"_\d+\Z")
_KIND_SUFFIXES = {
    Kind.PHOTO: (".jpg", ".jpeg", ".png", ".webp", ".heic"),
    Kind.VIDEO: (".mp4", ".mov", ".webm", ".m4v"),
    Kind.VOICE: (".mp3", ".m4a", ".aac", ".ogg", ".opus", ".wav"),
    Kind.EMOTICON: (".gif",),
}
# Accessing an enum member costs more than most of the work done for a message.
_CALL, _SYSTEM, _TEXT = Kind.CALL, Kind.SYSTEM, Kind.TEXT
# The number of texts that are repaired and checked in one step.
_BATCH_SIZE = 1_000


class _Item(msgspec.Struct, gc=False):
    """The fields read from an object in a thread's list of messages. Each may have any type."""

    sender_name: Any = None
    timestamp_ms: Any = None
    content: Any = None
    is_unsent: Any = None
    photos: Any = None
    videos: Any = None
    audio_files: Any = None
    gifs: Any = None
    sticker: Any = None
    files: Any = None
    share: Any = None
    call_duration: Any = None
    # Only used to distinguish the apps.
    ip: Any = None
    users: Any = None
    missed: Any = None


class _EncryptedItem(msgspec.Struct, gc=False, rename="camel"):
    """The fields read from an object in an encrypted chat's list of messages. Each may have any type."""

    sender_name: Any = None
    timestamp: Any = None
    text: Any = None
    is_unsent: Any = None
    media: Any = None


class _Person(msgspec.Struct):
    """A participant of a thread."""

    name: str


_ITEMS = msgspec.json.Decoder(list[_Item | NonObject])
_ENCRYPTED_ITEMS = msgspec.json.Decoder(list[_EncryptedItem | NonObject])
_PEOPLE = msgspec.json.Decoder(list[_Person])
_NAMES = msgspec.json.Decoder(list[str])


class _ThreadFormat:
    """A file of a thread in the download of an Instagram or Facebook account.

    Both apps write the same structure, so the app is detected by values that only one of them writes. A thread without
    such a value counts as Instagram's. Since 2023, Messenger's one-to-one chats are end-to-end encrypted and no longer
    in the download.
    """

    # ``read`` sets the format of a Messenger thread.
    name = _INSTAGRAM

    def claims(self, export: Export) -> AbstractSet[int]:
        """Claim the whole document if it is built like a thread."""
        return WHOLE_DOCUMENT if _is_thread(export.json_root) else frozenset()

    def read(self, export: Export) -> Chat:
        """Read a thread and detect its app."""
        root = export.json_root
        items = root.read("messages", _ITEMS) or []
        reader = _ThreadReader(export.zone)
        chat = read_items(_detect_app(root), items, reader.read_item, reader.read_plain_texts(items))
        # Newest first is the default order, also if the times are equal.
        if chat.messages and chat.messages[0].sent_at >= chat.messages[-1].sent_at:
            chat.messages.reverse()
        names = [clean_name(repair_encoding(person.name)) for person in root.read("participants", _PEOPLE) or ()]
        title = root.string("title")
        return _assign_names(chat, names, "" if title is None else clean_name(repair_encoding(title)))


class _EncryptedThreadFormat:
    """A chat of Messenger's encrypted storage, which is a separate download. Its UTF-8 needs no repair."""

    name = _MESSENGER

    def claims(self, export: Export) -> AbstractSet[int]:
        """Claim the whole document if it is built like an encrypted chat."""
        return WHOLE_DOCUMENT if _is_encrypted_thread(export.json_root) else frozenset()

    def read(self, export: Export) -> Chat:
        """Read a chat. The name of its thread is the partner's name and a number."""
        root = export.json_root
        items = root.read("messages", _ENCRYPTED_ITEMS) or []
        chat = read_items(self.name, items, _EncryptedThreadReader(export.zone).read_item)
        # Oldest first is the default order, also if the times are equal.
        if chat.messages and chat.messages[0].sent_at > chat.messages[-1].sent_at:
            chat.messages.reverse()
        names = [clean_name(name) for name in root.read("participants", _NAMES) or ()]
        return _assign_names(chat, names, clean_name(_TRAILING_NUMBER.sub("", root.string("threadName") or "")))


def unify_app(parts: list[Chat]) -> None:
    """Set the same app in all parts of one thread: Messenger if any part shows it."""
    if any(part.format == _MESSENGER for part in parts):
        for part in parts:
            part.format = _MESSENGER if part.format == _INSTAGRAM else part.format


def repair_encoding(text: str) -> str:
    """Undo the decoding of UTF-8 as Latin-1. Keep a string that was decoded correctly."""
    try:
        repaired = text.encode("latin-1").decode()
    except UnicodeError:
        return clean(text)
    return clean(repaired)


def _is_thread(root: JsonObject) -> bool:
    return (
        (root.string("title") is not None or root.string("thread_path") is not None)
        and root.read("participants", _PEOPLE) is not None
        and (items := root.read("messages", _ITEMS)) is not None
        and are_mostly_messages(items, _is_message)
    )


def _is_message(item: Any) -> bool:
    return isinstance(item, _Item) and isinstance(item.sender_name, str) and isinstance(item.timestamp_ms, int | float)


def _is_encrypted_thread(root: JsonObject) -> bool:
    return (
        root.string("threadName") is not None
        and root.read("participants", _NAMES) is not None
        and (items := root.read("messages", _ENCRYPTED_ITEMS)) is not None
        and are_mostly_messages(items, _is_encrypted_message)
    )


def _is_encrypted_message(item: Any) -> bool:
    return (
        isinstance(item, _EncryptedItem)
        and isinstance(item.sender_name, str)
        and isinstance(item.timestamp, int | float)
    )


def _detect_app(root: JsonObject) -> str:
    """Return the app of a thread, by its folders, otherwise by the values that only one of the apps writes."""
    items: list[Any] = [item for item in root.read("messages", _ITEMS) or () if _has_app_hint(item)]
    if app := _app_from_folders(items):
        return app
    if (root.string("thread_path") or "").startswith(_MESSENGER_THREAD_FOLDERS):
        return _MESSENGER
    return next(filter(None, map(_app_from_fields, items)), _INSTAGRAM)


def _has_app_hint(item: Any) -> bool:
    return isinstance(item, _Item) and (_app_hint_fields(item) != _NO_APP_HINT or item.content == _DOUBLE_TAP)


def _app_from_folders(items: list[_Item]) -> str | None:
    uris = (uri for item in items for uri in _uris(item))
    return next((app for uri in uris for folder, app in _APP_FOLDERS.items() if uri.startswith(folder)), None)


def _app_from_fields(item: _Item) -> str | None:
    if item.content == _DOUBLE_TAP:
        return _INSTAGRAM
    if isinstance(item.share, dict) and not _INSTAGRAM_SHARE_FIELDS.isdisjoint(item.share):
        return _INSTAGRAM
    return _MESSENGER if any(getattr(item, name) is not None for name in _MESSENGER_FIELDS) else None


def _uris(item: _Item) -> Iterator[str]:
    for name in _ATTACHMENTS:
        value = getattr(item, name)
        for file in value if isinstance(value, list) else (value,):
            if isinstance(file, dict) and isinstance(file.get("uri"), str):
                yield file["uri"]


def _assign_names(chat: Chat, names: list[str], title: str) -> Chat:
    """Set the names of both sides of a one-to-one chat, whose title is the partner's name."""
    if len(names) == _ONE_TO_ONE and title in names:
        chat.partner_name = title
        chat.my_name = next((name for name in names if name != title), None)
    return chat


class _Sender(NamedTuple):
    """A sender's name, and the beginnings of notices about the sender."""

    name: str
    notice_prefixes: tuple[str, ...]


@dataclass
class _ThreadReader:
    """Reads the messages of one thread."""

    zone: tzinfo
    # Senders by their name in the file.
    senders: dict[str, _Sender] = field(default_factory=dict)

    def read_plain_texts(self, items: list[Any]) -> Iterator[Message | None]:
        """Read the items that are only text in batches, which takes half the time. Most items are only text.

        Yield one value per item: its message, or None if ``read_item`` must read it.
        """
        for start in range(0, len(items), _BATCH_SIZE):
            batch = items[start : start + _BATCH_SIZE]
            is_plain = [
                type(item) is _Item
                and item.content
                and not item.is_unsent
                and _attachment_fields(item) == _NO_ATTACHMENT
                for item in batch
            ]
            messages: Iterator[Message | None] = iter(())
            # If any item of the batch cannot be read here, ``read_item`` reads each of them.
            with suppress(*SHAPE_ERRORS, *TIMESTAMP_ERRORS):
                messages = iter(self._read_batch(list(compress(batch, is_plain))))
            yield from (next(messages, None) if plain else None for plain in is_plain)

    def _read_batch(self, items: list[_Item]) -> list[Message | None]:
        """Read items that are only text. Return None for a possible placeholder or notice.

        Raises:
            ValueError: A text contains NUL, is not in NFC, or was decoded correctly, or a time is impossible. A field
                of another type raises one of ``SHAPE_ERRORS``.
        """
        senders = [self.senders.get(item.sender_name) or self._add_sender(item.sender_name) for item in items]
        joined = NUL.join([item.content for item in items]).encode("latin-1").decode()
        if not is_nfc(joined):
            raise ValueError("a text must be composed")
        # A text with NUL is split in two, and ``zip`` raises ValueError.
        return [
            None
            if _VOCABULARY.may_be_placeholder(text) or text.startswith(notice_prefixes)
            else Message(datetime.fromtimestamp(item.timestamp_ms // _MS_PER_SECOND, self.zone), name, _TEXT, text)
            for item, (name, notice_prefixes), text in zip(items, senders, joined.split(NUL), strict=True)
        ]

    def read_item(self, item: Any) -> Message:
        """Read one message or notice."""
        sent_at = datetime.fromtimestamp(item.timestamp_ms // _MS_PER_SECOND, self.zone)
        sender = self.senders.get(item.sender_name) or self._add_sender(item.sender_name)
        text = repair_encoding(item.content) if item.content else ""
        if item.is_unsent:
            return Message(sent_at, sender.name, Kind.DELETED, text or kind_label(Kind.DELETED))
        if _attachment_fields(item) != _NO_ATTACHMENT:
            message = Message(sent_at, sender.name, _TEXT, text)
            if _set_attachment(message, item):
                return message
        if not text:
            return Message(sent_at, sender.name, Kind.FILE, wording().unavailable)
        return _read_text(sent_at, sender, text)

    def _add_sender(self, written_name: str) -> _Sender:
        """Add a sender. Notices begin with the first name or with the app's word for the user who exports."""
        name = clean_name(repair_encoding(written_name))
        sender = self.senders[written_name] = _Sender(name, (name.partition(" ")[0] or name, "You ", "회원님"))
        return sender


def _read_text(sent_at: datetime, sender: _Sender, text: str) -> Message:
    message = Message(sent_at, sender.name, _TEXT, text)
    _VOCABULARY.classify(message)
    if message.kind is _SYSTEM or (text.startswith(sender.notice_prefixes) and _VOCABULARY.is_notice(text)):
        return Message(sent_at, None, _SYSTEM, text)
    if message.kind is _CALL:
        message.count = 0
    return message


def _set_attachment(message: Message, item: _Item) -> bool:
    """Set the kind, count and text that follow from the item's attachment. Return False if it has none."""
    if item.call_duration is not None:
        message.kind, message.count = _CALL, call_seconds(item.call_duration)
        message.text = message.text or kind_label(_CALL)
        return True
    name = next((name for name in _ATTACHMENTS if getattr(item, name)), None)
    if name is None:
        return False
    kind, attachment = _ATTACHMENTS[name], getattr(item, name)
    caption = message.text if _VOCABULARY.classification_of(message.text).kind is _TEXT else ""
    if name == "share":
        if not caption:
            message.kind, message.text = kind, _shared_text(attachment)
    elif kind is Kind.FILE:
        message.kind, message.text = kind, "\n".join(filter(None, (_file_names(attachment), caption)))
    else:
        message.kind, message.text = kind, caption or kind_label(kind)
        message.count = len(attachment) if kind is Kind.PHOTO else 1
    return True


def _file_names(files: Any) -> str:
    names = ", ".join(PurePosixPath(repair_encoding(file["uri"])).name for file in files)
    return f"{kind_label(Kind.FILE)}: {names}"


def _shared_text(share: Any) -> str:
    share = share[0] if isinstance(share, list) else share
    texts = (share.get(name) for name in ("link", "share_text"))
    return "\n".join(repair_encoding(text) for text in texts if isinstance(text, str)) or kind_label(Kind.FILE)


@dataclass
class _EncryptedThreadReader:
    """Reads the messages of one encrypted chat."""

    zone: tzinfo
    # Cleaned names by the names in the file.
    names: dict[str, str] = field(default_factory=dict)

    def read_item(self, item: Any) -> Message:
        """Read one message or notice."""
        sent_at = datetime.fromtimestamp(item.timestamp // _MS_PER_SECOND, self.zone)
        sender = self.names.get(item.sender_name) or self._add_name(item.sender_name)
        text = clean(item.text or "")
        if item.is_unsent:
            return Message(sent_at, sender, Kind.DELETED, kind_label(Kind.DELETED))
        if item.media:
            kind = _kind_of_file(item.media[0]["uri"])
            count = len(item.media) if kind is Kind.PHOTO else 1
            return Message(sent_at, sender, kind, text or kind_label(kind), count)
        if not text:
            return Message(sent_at, sender, Kind.FILE, wording().unavailable)
        message = Message(sent_at, sender, _TEXT, text)
        _VOCABULARY.classify(message)
        if message.kind is _SYSTEM:
            message.sender = None
        return message

    def _add_name(self, written_name: str) -> str:
        name = self.names[written_name] = clean_name(written_name)
        return name


def _kind_of_file(uri: str) -> Kind:
    """Return the kind of a file by its suffix. A file that Meta could not download has no suffix."""
    return next((kind for kind, suffixes in _KIND_SUFFIXES.items() if uri.lower().endswith(suffixes)), Kind.FILE)


FORMATS = (_ThreadFormat(), _EncryptedThreadFormat())
