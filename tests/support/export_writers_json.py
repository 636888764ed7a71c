"""Write chats as the apps' JSON exports, damage the documents, and check what reading them returns."""

from __future__ import annotations

import copy
import json
import unicodedata
from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st

from chalicelib.domain import Kind
from chalicelib.errors import UnreadableFile
from tests.support.exports import SEOUL, read

FIRST_S = 1_772_323_200  # 2026-03-01 09:00 in Seoul, in seconds since 1970
NAMES = ("하늘", "바다")

# Chats as (index of the sender in NAMES, text, seconds since the previous line). The prefix keeps a text from being one
# of the app's own sentences, which would not be text.
CHAT_LINES = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40).map("ㅎ{}".format),
        st.integers(0, 100_000),
    ),
    min_size=1,
    max_size=30,
)


def with_timestamps(chat_lines):
    """Return (sender, text, seconds since 1970) of ``CHAT_LINES``."""
    at, lines = FIRST_S, []
    for sender, text, pause in chat_lines:
        at += pause
        lines.append((NAMES[sender], text, at))
    return lines


def expected_rows(lines):
    """Return the ``timed_rows`` of a chat that was written with these lines."""
    return [
        (sender, Kind.TEXT, unicodedata.normalize("NFC", text), datetime.fromtimestamp(at, SEOUL))
        for sender, text, at in lines
    ]


def timed_rows(chat):
    """Return (sender, kind, text, time) of every message."""
    return [(message.sender, message.kind, message.text, message.sent_at) for message in chat.messages]


def minute_lines(*minutes, senders=NAMES):
    """Return one line (sender, text, seconds since 1970) for each of these minutes after the first."""
    return [(senders[minute % len(senders)], f"{minute}분", FIRST_S + 60 * minute) for minute in minutes]


def telegram(items, **chat):
    """Write Telegram's ``result.json`` of one chat.

    Args:
        items: The messages: objects, or (sender, text, seconds since 1970).
        chat: Other fields of the chat.
    """
    items = [telegram_item(number, *item) if isinstance(item, tuple) else item for number, item in enumerate(items, 1)]
    return {"name": "바다", "type": "personal_chat", "id": 2, "messages": items} | chat


def telegram_item(number, sender="바다", text="", at=FIRST_S, **fields):
    """Write one message of Telegram."""
    local = datetime.fromtimestamp(at, UTC).astimezone(SEOUL).replace(tzinfo=None)
    return {
        "id": number,
        "type": "message",
        "date": local.isoformat(),
        "date_unixtime": str(at),
        "from": sender,
        "from_id": f"user{sender}",
        "text": text,
        "text_entities": [{"type": "plain", "text": text}] if text else [],
    } | fields


def thread(items, *, title="바다", participants=NAMES, **document):
    """Write ``message_1.json`` of Instagram or Messenger, newest message first. ``items`` are in order of time."""
    items = [thread_item(*item) if isinstance(item, tuple) else item for item in items]
    return {
        "participants": [{"name": as_latin1(name)} for name in participants],
        "messages": items[::-1],
        "title": as_latin1(title),
        "is_still_participant": True,
        "thread_path": "inbox/bada_1234567890",
        "magic_words": [],
    } | document


def thread_item(sender="바다", text=None, at=FIRST_S, **fields):
    """Write one message of Instagram or Messenger."""
    content = {} if text is None else {"content": as_latin1(text)}
    return (
        {"sender_name": as_latin1(sender), "timestamp_ms": at * 1000 + 123}
        | content
        | {"is_geoblocked_for_viewer": False}
        | fields
    )


def as_latin1(text):
    """Decode the UTF-8 of a text as Latin-1, as Meta does with every string."""
    return text.encode().decode("latin-1")


def encrypted(items, *, name="바다_7", participants=NAMES):
    """Write a chat of Messenger's encrypted storage, oldest message first."""
    items = [encrypted_item(*item) if isinstance(item, tuple) else item for item in items]
    return {"participants": list(participants), "threadName": name, "messages": items}


def encrypted_item(sender="바다", text="", at=FIRST_S, **fields):
    """Write one message of an encrypted chat."""
    return {
        "isUnsent": False,
        "media": [],
        "reactions": [],
        "senderName": sender,
        "text": text,
        "timestamp": at * 1000 + 123,
        "type": "text",
    } | fields


def to_json(document, *, escaped=True):
    """Write a document as JSON, with or without escapes for characters outside of ASCII."""
    return json.dumps(document, ensure_ascii=escaped)


# Values that may be in any field of a hostile or damaged document.
UNEXPECTED_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**25), 10**25),
    st.integers(-(10**6), 10**6),
    st.floats(),
    st.sampled_from(["", "\0", "\ud800", "\udc00\ud800", "ᄒ\u1161\u11ab", "NaN", "9" * 30, "message", "service"]),
    st.just([]),
    st.just({}),
    st.just([[]]),
    st.just([{}]),
    st.just({"text": 1}),
    st.just([None, "a", {"text": "b"}, {"uri": 5}]),
)


@st.composite
def damaged_documents(draw, document):
    """Generate copies of a document with up to four values, at any depth, replaced or deleted."""
    document = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 4))):
        container, key = draw(st.sampled_from(list(value_locations(document)) or [({"": 0}, "")]))
        if draw(st.booleans()) or isinstance(container, list):
            container[key] = copy.deepcopy(draw(UNEXPECTED_VALUES))
        else:
            del container[key]
    return document


def value_locations(value):
    """Yield the location of every value in a document: its container and its key."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield value, key
        yield from value_locations(inner)


def read_or_refused(export):
    """Read a document with any content. Return a chat that can be stored, or None if it was refused."""
    try:
        chat = read(export)
    except UnreadableFile as error:
        if error.code not in {"unrecognised_format", "no_messages"}:
            raise
        return None
    chat.report.check()
    assert chat.report.messages + chat.report.system == len(chat.messages)
    for message in chat.messages:
        assert message.sender is None or (message.sender and is_storable(message.sender))
        assert isinstance(message.text, str)
        assert is_storable(message.text)
        assert type(message.count) is int
        assert 0 <= message.count < 2**31
        assert isinstance(message.kind, Kind)
        assert (message.kind is Kind.SYSTEM) == (message.sender is None)
        # Seoul had summer time until 1988.
        assert message.sent_at.utcoffset() == timedelta(hours=9) or message.sent_at.year < 1989
    for name in (chat.partner_name, chat.my_name):
        assert name is None or is_storable(name)
    return chat


def is_storable(text):
    """Return whether PostgreSQL can store a text: it is UTF-8 without NUL. It must be in NFC too."""
    return "\0" not in text and bool(text.encode() or True) and unicodedata.is_normalized("NFC", text)
