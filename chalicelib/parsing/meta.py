"""What Meta exports: Instagram's and Messenger's ``message_1.json``, and Messenger's end-to-end encrypted chats.

The first two have one shape, newest message first. Every string in them is
UTF-8 that was taken for Latin-1, and is repaired. Reactions are no messages;
where a reaction is written as a message of its own, it is a notice.

What somebody attached is the message's kind, and what they wrote with it its
text. The app's own sentence in place of an attachment (``… sent an attachment.``)
gives way to a word for it. What is shared with a comment is the comment, as a
text; what is shared without one is a file that shows its link.
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
from typing import Any

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

# Of several, the first is what the message is.
_ATTACHMENTS = {
    "photos": Kind.PHOTO,
    "videos": Kind.VIDEO,
    "audio_files": Kind.VOICE,
    "gifs": Kind.EMOTICON,
    "sticker": Kind.EMOTICON,
    "files": Kind.FILE,
    "share": Kind.FILE,
}
_CALL = "call_duration"
_attachment_fields = attrgetter(_CALL, *_ATTACHMENTS)
_NO_ATTACHMENT = (None,) * (1 + len(_ATTACHMENTS))
# Without any of these, a message may be of either app.
_app_hint_fields = attrgetter(*_ATTACHMENTS, "ip", "users", "missed")
_NO_APP_HINT = (None,) * (3 + len(_ATTACHMENTS))

# The folder that an attachment lies in names the app.
_APP_FOLDERS = {
    "your_instagram_activity/": _INSTAGRAM,
    "your_facebook_activity/": _MESSENGER,
    "your_activity_across_facebook/": _MESSENGER,
}
# Fields of a message that only one of them writes.
_MESSENGER_FIELDS = ("sticker", "gifs", "ip", "users", "missed")
_INSTAGRAM_SHARE_FIELDS = frozenset(("original_content_owner", "profile_share_username"))
# Folders of threads that Instagram does not have.
_MESSENGER_THREAD_FOLDERS = ("e2ee_cutover/", "archived_threads/", "filtered_threads/")
# What Instagram writes for a double tap.
_DOUBLE_TAP = "Liked a message"

_TRAILING_NUMBER = re.compile(r"_\d+\Z")
_KIND_SUFFIXES = {
    Kind.PHOTO: (".jpg", ".jpeg", ".png", ".webp", ".heic"),
    Kind.VIDEO: (".mp4", ".mov", ".webm", ".m4v"),
    Kind.VOICE: (".mp3", ".m4a", ".aac", ".ogg", ".opus", ".wav"),
    Kind.EMOTICON: (".gif",),
}
# Looking a member up takes longer than most of what is done for a message.
_CALL_KIND, _SYSTEM, _TEXT = Kind.CALL, Kind.SYSTEM, Kind.TEXT
# So many texts are read together.
_BATCH_SIZE = 1_000


class _Item(msgspec.Struct, gc=False):
    """What is read of an object in a thread's messages. Nothing in it can be trusted to be what it should be."""

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
    # What only tells who wrote it.
    ip: Any = None
    users: Any = None
    missed: Any = None


class _EncryptedItem(msgspec.Struct, gc=False, rename="camel"):
    """What is read of an object in an encrypted thread's messages."""

    sender_name: Any = None
    timestamp: Any = None
    text: Any = None
    is_unsent: Any = None
    media: Any = None


class _Person(msgspec.Struct):
    """Who takes part."""

    name: str


_ITEMS = msgspec.json.Decoder(list[_Item | NonObject])
_ENCRYPTED_ITEMS = msgspec.json.Decoder(list[_EncryptedItem | NonObject])
_PEOPLE = msgspec.json.Decoder(list[_Person])
_NAMES = msgspec.json.Decoder(list[str])


class MetaThread:
    """A thread as a download of an Instagram or a Facebook account holds it, in the files of one folder.

    The two write the same, so whose it is, is told from what only one of them
    has. A thread that has nothing of the kind is taken for Instagram's:
    Messenger's one-to-one chats are end-to-end encrypted since 2023 and no
    longer in the download.
    """

    name = _INSTAGRAM

    def claims(self, export: Export) -> AbstractSet[int]:
        """All of a document that is built like such a thread, or nothing."""
        return WHOLE_DOCUMENT if _is_thread(export.document) else frozenset()

    def read(self, export: Export) -> Chat:
        """Read a thread, and tell whose it is."""
        document = export.document
        items = document.read("messages", _ITEMS) or []
        thread = _ThreadReader(export.zone)
        chat = read_items(_detect_app(document), items, thread.message, thread.texts(items))
        if not _is_oldest_first(chat.messages):
            chat.messages.reverse()
        names = [clean_name(repair_encoding(person.name)) for person in document.read("participants", _PEOPLE) or ()]
        title = document.string("title")
        return _assign_names(chat, names, "" if title is None else clean_name(repair_encoding(title)))


class EncryptedThread:
    """A chat of Messenger's encrypted storage, which is downloaded apart: clean UTF-8, and names of its own."""

    name = _MESSENGER

    def claims(self, export: Export) -> AbstractSet[int]:
        """All of a document that is built like such a chat, or nothing."""
        return WHOLE_DOCUMENT if _is_encrypted_thread(export.document) else frozenset()

    def read(self, export: Export) -> Chat:
        """Read a chat. Its name is the partner's and a number."""
        document = export.document
        items = document.read("messages", _ENCRYPTED_ITEMS) or []
        chat = read_items(self.name, items, _EncryptedThreadReader(export.zone).message)
        if chat.messages and chat.messages[0].sent_at > chat.messages[-1].sent_at:
            chat.messages.reverse()
        names = [clean_name(name) for name in document.read("participants", _NAMES) or ()]
        return _assign_names(chat, names, clean_name(_TRAILING_NUMBER.sub("", document.string("threadName") or "")))


def unify_app(parts: list[Chat]) -> list[Chat]:
    """The parts of one thread, which are of one app: what shows nothing of Messenger is its all the same."""
    if any(part.format == _MESSENGER for part in parts):
        for part in parts:
            part.format = _MESSENGER if part.format == _INSTAGRAM else part.format
    return parts


def repair_encoding(text: str) -> str:
    """A string whose UTF-8 was taken for Latin-1, as it was meant; one that was not, as it is."""
    try:
        meant = text.encode("latin-1").decode()
    except UnicodeError:
        return clean(text)
    return clean(meant)


def _is_thread(document: JsonObject) -> bool:
    return (
        (document.string("title") is not None or document.string("thread_path") is not None)
        and document.read("participants", _PEOPLE) is not None
        and (items := document.read("messages", _ITEMS)) is not None
        and are_mostly_messages(items, _is_message)
    )


def _is_message(item: Any) -> bool:
    return isinstance(item, _Item) and isinstance(item.sender_name, str) and isinstance(item.timestamp_ms, int | float)


def _is_encrypted_thread(document: JsonObject) -> bool:
    return (
        document.string("threadName") is not None
        and document.read("participants", _NAMES) is not None
        and (items := document.read("messages", _ENCRYPTED_ITEMS)) is not None
        and are_mostly_messages(items, _is_encrypted)
    )


def _is_encrypted(item: Any) -> bool:
    return (
        isinstance(item, _EncryptedItem)
        and isinstance(item.sender_name, str)
        and isinstance(item.timestamp, int | float)
    )


def _detect_app(document: JsonObject) -> str:
    """Whose thread this is: by its folders, else by what only one of the two writes."""
    items: list[Any] = [item for item in document.read("messages", _ITEMS) or () if _has_app_hint(item)]
    if app := _app_from_folders(items):
        return app
    if (document.string("thread_path") or "").startswith(_MESSENGER_THREAD_FOLDERS):
        return _MESSENGER
    return next(filter(None, map(_app_from_fields, items)), _INSTAGRAM)


def _has_app_hint(item: Any) -> bool:
    return isinstance(item, _Item) and (_app_hint_fields(item) != _NO_APP_HINT or item.content == _DOUBLE_TAP)


def _app_from_folders(items: list[_Item]) -> str | None:
    uris = (uri for item in items for uri in _uris(item))
    return next((app for uri in uris for folder, app in _APP_FOLDERS.items() if uri.startswith(folder)), None)


def _app_from_fields(item: _Item) -> str | None:
    if item.content == _DOUBLE_TAP or (
        isinstance(item.share, dict) and not _INSTAGRAM_SHARE_FIELDS.isdisjoint(item.share)
    ):
        return _INSTAGRAM
    return _MESSENGER if any(getattr(item, name) is not None for name in _MESSENGER_FIELDS) else None


def _uris(item: _Item) -> Iterator[str]:
    for name in _ATTACHMENTS:
        held = getattr(item, name)
        for one in held if isinstance(held, list) else (held,):
            if isinstance(one, dict) and isinstance(one.get("uri"), str):
                yield one["uri"]


def _is_oldest_first(messages: list[Message]) -> bool:
    return bool(messages) and messages[0].sent_at < messages[-1].sent_at


def _assign_names(chat: Chat, names: list[str], title: str) -> Chat:
    """The chat with who is who, where two take part: it is called by the name of the other."""
    if len(names) == _ONE_TO_ONE and title in names:
        chat.partner_name = title
        chat.my_name = next((name for name in names if name != title), None)
    return chat


@dataclass
class _ThreadReader:
    """Reads the messages of one thread."""

    zone: tzinfo
    # A sender's name by how it is written, with how a notice about them begins.
    senders: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)

    def texts(self, items: list[Any]) -> Iterator[Message | None]:
        """The messages that are nothing but a text, as most are: read together they take half the time."""
        for start in range(0, len(items), _BATCH_SIZE):
            some = items[start : start + _BATCH_SIZE]
            plain = [
                type(item) is _Item
                and item.content
                and not item.is_unsent
                and _attachment_fields(item) == _NO_ATTACHMENT
                for item in some
            ]
            made: Iterator[Message | None] = iter(())
            # Where one of them is no message, or has no such time, each is looked at by itself.
            with suppress(*SHAPE_ERRORS, *TIMESTAMP_ERRORS):
                made = iter(self._read_together(list(compress(some, plain))))
            yield from (next(made, None) if is_plain else None for is_plain in plain)

    def _read_together(self, items: list[_Item]) -> list[Message | None]:
        known = [self.senders.get(item.sender_name) or self._know(item.sender_name) for item in items]
        together = NUL.join([item.content for item in items]).encode("latin-1").decode()
        texts = together.split(NUL) if is_nfc(together) else ()
        return [
            None
            if _VOCABULARY.may_be_other(text) or text.startswith(begins)
            else Message(datetime.fromtimestamp(item.timestamp_ms // _MS_PER_SECOND, self.zone), name, _TEXT, text)
            for item, (name, begins), text in zip(items, known, texts, strict=True)
        ]

    def message(self, item: Any) -> Message:
        """One message or notice."""
        sent_at = datetime.fromtimestamp(item.timestamp_ms // _MS_PER_SECOND, self.zone)
        written = item.sender_name
        name, begins = self.senders.get(written) or self._know(written)
        text = repair_encoding(item.content) if item.content else ""
        if item.is_unsent:
            return Message(sent_at, name, Kind.DELETED, text or kind_label(Kind.DELETED))
        if _attachment_fields(item) != _NO_ATTACHMENT and (attached := _read_attachment(item, text)):
            kind, shown, count = attached
            return Message(sent_at, name, kind, shown, count)
        if not text:
            return Message(sent_at, name, Kind.FILE, wording()["unavailable"])
        kind, count = _VOCABULARY.kind_of(text)
        if kind is _SYSTEM or (text.startswith(begins) and _VOCABULARY.is_notice(text)):
            return Message(sent_at, None, Kind.SYSTEM, text)
        return Message(sent_at, name, kind, text, 0 if kind is _CALL_KIND else count)

    def _know(self, written: str) -> tuple[str, tuple[str, ...]]:
        """A notice begins with the sender's name, or their first one, or what the app calls the one who exports."""
        name = clean_name(repair_encoding(written))
        known = self.senders[written] = name, (name.partition(" ")[0] or name, "You ", "회원님")
        return known


def _read_attachment(item: _Item, text: str) -> tuple[Kind, str, int] | None:
    """What was attached, as kind, text and count; None where the fields for it are empty."""
    if item.call_duration is not None:
        return Kind.CALL, text or kind_label(Kind.CALL), call_seconds(item.call_duration)
    name = next((name for name in _ATTACHMENTS if getattr(item, name)), None)
    if name is None:
        return None
    kind, held = _ATTACHMENTS[name], getattr(item, name)
    caption = text if _VOCABULARY.kind_of(text)[0] is Kind.TEXT else ""
    if name == "share":
        return (Kind.TEXT, caption, 1) if caption else (kind, _shared_text(held), 1)
    if kind is Kind.FILE:
        names = ", ".join(PurePosixPath(repair_encoding(file["uri"])).name for file in held)
        return kind, f"{kind_label(kind)}: {names}" + (f"\n{caption}" if caption else ""), 1
    return kind, caption or kind_label(kind), len(held) if kind is Kind.PHOTO else 1


def _shared_text(share: Any) -> str:
    share = share[0] if isinstance(share, list) else share
    texts = (share.get(name) for name in ("link", "share_text"))
    return "\n".join(repair_encoding(text) for text in texts if isinstance(text, str)) or kind_label(Kind.FILE)


@dataclass
class _EncryptedThreadReader:
    """Reads the messages of one encrypted chat."""

    zone: tzinfo
    names: dict[str, str] = field(default_factory=dict)

    def message(self, item: Any) -> Message:
        sent_at = datetime.fromtimestamp(item.timestamp // _MS_PER_SECOND, self.zone)
        written = item.sender_name
        sender = self.names.get(written) or self._know(written)
        text = clean(item.text or "")
        if item.is_unsent:
            return Message(sent_at, sender, Kind.DELETED, kind_label(Kind.DELETED))
        if item.media:
            kind = _kind_of_file(item.media[0]["uri"])
            return Message(
                sent_at, sender, kind, text or kind_label(kind), len(item.media) if kind is Kind.PHOTO else 1
            )
        if not text:
            return Message(sent_at, sender, Kind.FILE, wording()["unavailable"])
        kind, count = _VOCABULARY.kind_of(text)
        return Message(sent_at, None if kind is _SYSTEM else sender, kind, text, count)

    def _know(self, written: str) -> str:
        name = self.names[written] = clean_name(written)
        return name


def _kind_of_file(uri: str) -> Kind:
    """By its suffix; one that could not be downloaded has none."""
    return next((kind for kind, suffixes in _KIND_SUFFIXES.items() if uri.lower().endswith(suffixes)), Kind.FILE)


FORMATS = (MetaThread(), EncryptedThread())
