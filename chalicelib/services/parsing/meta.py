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
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import PurePosixPath
from typing import Any

from chalicelib.domain import Chat, Kind, Message
from chalicelib.services.parsing.documents import (
    all_records,
    clean,
    clean_decoded,
    cleaner,
    mostly,
    name_of,
    read_items,
    seconds,
    word,
    wording,
)
from chalicelib.services.parsing.export import Export
from chalicelib.services.parsing.placeholders import Vocabulary

VOCABULARY = Vocabulary("meta")
INSTAGRAM, MESSENGER = "instagram", "messenger"
MS = 1_000
ONE_TO_ONE = 2

# Of several, the first is what the message is.
ATTACHMENTS = {
    "photos": Kind.PHOTO,
    "videos": Kind.VIDEO,
    "audio_files": Kind.VOICE,
    "gifs": Kind.EMOTICON,
    "sticker": Kind.EMOTICON,
    "files": Kind.FILE,
    "share": Kind.FILE,
}
CALL = "call_duration"
ATTACHED = frozenset((*ATTACHMENTS, CALL))

# The folder that an attachment lies in names the app.
FOLDERS = {
    "your_instagram_activity/": INSTAGRAM,
    "your_facebook_activity/": MESSENGER,
    "your_activity_across_facebook/": MESSENGER,
}
# Fields of a message that only one of them writes.
ONLY_MESSENGER = frozenset(("sticker", "gifs", "ip", "users", "missed"))
ONLY_INSTAGRAM = frozenset(("original_content_owner", "profile_share_username"))
# Folders of threads that Instagram does not have.
MESSENGER_THREADS = ("e2ee_cutover/", "archived_threads/", "filtered_threads/")
# What Instagram writes for a double tap.
LIKED = "Liked a message"

NUMBER_AT_END = re.compile(r"_\d+\Z")
SUFFIXES = {
    Kind.PHOTO: (".jpg", ".jpeg", ".png", ".webp", ".heic"),
    Kind.VIDEO: (".mp4", ".mov", ".webm", ".m4v"),
    Kind.VOICE: (".mp3", ".m4a", ".aac", ".ogg", ".opus", ".wav"),
    Kind.EMOTICON: (".gif",),
}
# Looking a member up takes longer than most of what is done for a message.
CALLED, SYSTEM = Kind.CALL, Kind.SYSTEM


@dataclass(frozen=True)
class MetaThread:
    """A thread as a download of an Instagram or a Facebook account holds it, in the files of one folder.

    ``name`` is whose. The two write the same, so that is told from what only
    one of them has. A thread that has nothing of the kind is taken for
    Instagram's: Messenger's one-to-one chats are end-to-end encrypted since
    2023 and no longer in the download.
    """

    name: str

    def claims(self, export: Export) -> set[int]:
        """All records of a document that is built like a thread of this app, or none."""
        document = export.document
        return all_records(export) if _is_thread(document) and _app(document) == self.name else set()

    def read(self, export: Export) -> Chat:
        """Read a thread."""
        document = export.document
        chat = read_items(self.name, document["messages"], _Thread(export.zone).message)
        if not _ascends(chat.messages):
            chat.messages.reverse()
        names = [name_of(repaired(person["name"])) for person in document["participants"]]
        title = document.get("title")
        return _with_names(chat, names, name_of(repaired(title)) if isinstance(title, str) else "")


class EncryptedThread:
    """A chat of Messenger's encrypted storage, which is downloaded apart: clean UTF-8, and names of its own."""

    name = MESSENGER

    def claims(self, export: Export) -> set[int]:
        """All records of a document that is built like such a chat, or none."""
        return all_records(export) if _is_encrypted_thread(export.document) else set()

    def read(self, export: Export) -> Chat:
        """Read a chat. Its name is the partner's and a number."""
        document, zone = export.document, export.zone
        chat = read_items(self.name, document["messages"], _EncryptedThread(zone, cleaner(export)).message)
        if chat.messages and chat.messages[0].sent_at > chat.messages[-1].sent_at:
            chat.messages.reverse()
        names = [name_of(name) for name in document["participants"]]
        return _with_names(chat, names, name_of(NUMBER_AT_END.sub("", document["threadName"])))


def of_one_app(parts: list[Chat]) -> list[Chat]:
    """The parts of one thread, which are of one app: what shows nothing of Messenger is its all the same."""
    if any(part.format == MESSENGER for part in parts):
        for part in parts:
            part.format = MESSENGER if part.format == INSTAGRAM else part.format
    return parts


def repaired(text: str) -> str:
    """A string whose UTF-8 was taken for Latin-1, as it was meant; one that was not, as it is."""
    try:
        meant = text.encode("latin-1").decode()
    except UnicodeError:
        return clean(text)
    return clean_decoded(meant)


def _is_thread(document: Any) -> bool:
    return (
        isinstance(document, dict)
        and any(isinstance(document.get(name), str) for name in ("title", "thread_path"))
        and isinstance(document.get("participants"), list)
        and all(isinstance(person, dict) and isinstance(person.get("name"), str) for person in document["participants"])
        and isinstance(document.get("messages"), list)
        and mostly(document["messages"], _is_message)
    )


def _is_message(item: Any) -> bool:
    return (
        isinstance(item, dict)
        and isinstance(item.get("sender_name"), str)
        and isinstance(item.get("timestamp_ms"), int | float)
    )


def _is_encrypted_thread(document: Any) -> bool:
    return (
        isinstance(document, dict)
        and isinstance(document.get("threadName"), str)
        and isinstance(document.get("participants"), list)
        and all(isinstance(person, str) for person in document["participants"])
        and isinstance(document.get("messages"), list)
        and mostly(document["messages"], _is_encrypted)
    )


def _is_encrypted(item: Any) -> bool:
    return (
        isinstance(item, dict)
        and isinstance(item.get("senderName"), str)
        and isinstance(item.get("timestamp"), int | float)
    )


def _app(document: dict[str, Any]) -> str:
    """Whose thread this is: by its folders, else by what only one of the two writes."""
    items = [item for item in document["messages"] if isinstance(item, dict)]
    written = set().union(*items)
    if not ATTACHED.isdisjoint(written) and (app := _app_of_folders(items)):
        return app
    path = document.get("thread_path")
    if isinstance(path, str) and path.startswith(MESSENGER_THREADS):
        return MESSENGER
    # Without what only Messenger writes, all other signs are Instagram's.
    return INSTAGRAM if ONLY_MESSENGER.isdisjoint(written) else next(filter(None, map(_habit, items)), INSTAGRAM)


def _app_of_folders(items: list[dict[str, Any]]) -> str | None:
    uris = (uri for item in items for uri in _uris(item))
    return next((app for uri in uris for folder, app in FOLDERS.items() if uri.startswith(folder)), None)


def _habit(item: dict[str, Any]) -> str | None:
    share = item.get("share")
    if item.get("content") == LIKED or (isinstance(share, dict) and not ONLY_INSTAGRAM.isdisjoint(share)):
        return INSTAGRAM
    return None if ONLY_MESSENGER.isdisjoint(item) else MESSENGER


def _uris(item: dict[str, Any]) -> Iterator[str]:
    if ATTACHED.isdisjoint(item):
        return
    for name in ATTACHMENTS:
        held = item.get(name)
        for one in held if isinstance(held, list) else (held,):
            if isinstance(one, dict) and isinstance(one.get("uri"), str):
                yield one["uri"]


def _ascends(messages: list[Message]) -> bool:
    return bool(messages) and messages[0].sent_at < messages[-1].sent_at


def _with_names(chat: Chat, names: list[str], title: str) -> Chat:
    """The chat with who is who, where two take part: it is called by the name of the other."""
    if len(names) == ONE_TO_ONE and title in names:
        chat.partner_name = title
        chat.my_name = next((name for name in names if name != title), None)
    return chat


@dataclass
class _Thread:
    """Reads the messages of one thread."""

    zone: tzinfo
    # A sender's name by how it is written, with how a notice about them begins.
    senders: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)

    def message(self, item: Any) -> Message:
        sent_at = datetime.fromtimestamp(item["timestamp_ms"] // MS, self.zone)
        written = item["sender_name"]
        name, begins = self.senders.get(written) or self._know(written)
        content = item.get("content")
        text = repaired(content) if content else ""
        if item.get("is_unsent"):
            return Message(sent_at, name, Kind.DELETED, text or word(Kind.DELETED))
        if not ATTACHED.isdisjoint(item) and (attached := _attached(item, text)):
            kind, shown, count = attached
            return Message(sent_at, name, kind, shown, count)
        if not text:
            return Message(sent_at, name, Kind.FILE, wording()["unavailable"])
        kind, count = VOCABULARY.kind_of(text)
        if kind is SYSTEM or (text.startswith(begins) and VOCABULARY.is_notice(text)):
            return Message(sent_at, None, Kind.SYSTEM, text)
        return Message(sent_at, name, kind, text, 0 if kind is CALLED else count)

    def _know(self, written: str) -> tuple[str, tuple[str, ...]]:
        """A notice begins with the sender's name, or their first one, or what the app calls the one who exports."""
        name = name_of(repaired(written))
        known = self.senders[written] = name, (name.partition(" ")[0] or name, "You ", "회원님")
        return known


def _attached(item: dict[str, Any], text: str) -> tuple[Kind, str, int] | None:
    """What was attached, as kind, text and count; None where the fields for it are empty."""
    if CALL in item:
        return Kind.CALL, text or word(Kind.CALL), seconds(item[CALL])
    name = next((name for name in ATTACHMENTS if item.get(name)), None)
    if name is None:
        return None
    kind, held = ATTACHMENTS[name], item[name]
    caption = text if VOCABULARY.kind_of(text)[0] is Kind.TEXT else ""
    if name == "share":
        return (Kind.TEXT, caption, 1) if caption else (kind, _shared(held), 1)
    if kind is Kind.FILE:
        names = ", ".join(PurePosixPath(repaired(file["uri"])).name for file in held)
        return kind, f"{word(kind)}: {names}" + (f"\n{caption}" if caption else ""), 1
    return kind, caption or word(kind), len(held) if kind is Kind.PHOTO else 1


def _shared(share: Any) -> str:
    share = share[0] if isinstance(share, list) else share
    texts = (share.get(name) for name in ("link", "share_text"))
    return "\n".join(repaired(text) for text in texts if isinstance(text, str)) or word(Kind.FILE)


@dataclass
class _EncryptedThread:
    """Reads the messages of one encrypted chat."""

    zone: tzinfo
    clean: Callable[[str], str]
    names: dict[str, str] = field(default_factory=dict)

    def message(self, item: Any) -> Message:
        sent_at = datetime.fromtimestamp(item["timestamp"] // MS, self.zone)
        written = item["senderName"]
        sender = self.names.get(written) or self._know(written)
        text = self.clean(item.get("text") or "")
        if item.get("isUnsent"):
            return Message(sent_at, sender, Kind.DELETED, word(Kind.DELETED))
        if media := item.get("media"):
            kind = _kind_of_file(media[0]["uri"])
            return Message(sent_at, sender, kind, text or word(kind), len(media) if kind is Kind.PHOTO else 1)
        if not text:
            return Message(sent_at, sender, Kind.FILE, wording()["unavailable"])
        kind, count = VOCABULARY.kind_of(text)
        return Message(sent_at, None if kind is SYSTEM else sender, kind, text, count)

    def _know(self, written: str) -> str:
        name = self.names[written] = name_of(written)
        return name


def _kind_of_file(uri: str) -> Kind:
    """By its suffix; one that could not be downloaded has none."""
    return next((kind for kind, suffixes in SUFFIXES.items() if uri.lower().endswith(suffixes)), Kind.FILE)


FORMATS = (MetaThread(INSTAGRAM), MetaThread(MESSENGER), EncryptedThread())
