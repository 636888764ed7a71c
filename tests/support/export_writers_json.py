"""Writes chats the way apps export them as JSON, and documents that no app would write."""

import copy
import json
import unicodedata
from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st

from chalicelib.domain import Kind
from chalicelib.errors import UnreadableFile
from tests.support.exports import SEOUL, read

FIRST_S = 1_772_323_200  # 2026-03-01 09:00 in Seoul
NAMES = ("하늘", "바다")

# A chat: who (0 or 1), what, how many seconds later. A text that is one of an app's own sentences would be no text.
CHAT_LINES = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40).map("ㅎ{}".format),
        st.integers(0, 100_000),
    ),
    min_size=1,
    max_size=30,
)


def with_timestamps(said):
    """(sender, text, seconds since 1970) of a chat of ``SAID``."""
    at, out = FIRST_S, []
    for who, text, later in said:
        at += later
        out.append((NAMES[who], text, at))
    return out


def expected_rows(lines):
    """What reading a chat that was written without loss gives."""
    return [
        (sender, Kind.TEXT, unicodedata.normalize("NFC", text), datetime.fromtimestamp(at, SEOUL))
        for sender, text, at in lines
    ]


def rows(chat):
    return [(message.sender, message.kind, message.text, message.sent_at) for message in chat.messages]


def telegram(items, **chat):
    """``result.json`` of one chat; ``items`` are its messages, or (sender, text, seconds) of them."""
    items = [telegram_item(number, *item) if isinstance(item, tuple) else item for number, item in enumerate(items, 1)]
    return {"name": "바다", "type": "personal_chat", "id": 2, "messages": items} | chat


def telegram_item(number, sender="바다", text="", at=FIRST_S, **fields):
    """One message of it."""
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
    """``message_1.json`` of Instagram or Messenger, newest first; ``items`` come in time's order."""
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
    """One message of it."""
    content = {} if text is None else {"content": as_latin1(text)}
    return (
        {"sender_name": as_latin1(sender), "timestamp_ms": at * 1000 + 123}
        | content
        | {"is_geoblocked_for_viewer": False}
        | fields
    )


def as_latin1(text):
    """UTF-8 taken for Latin-1, as Meta writes every string."""
    return text.encode().decode("latin-1")


def encrypted(items, *, name="바다_7", participants=NAMES):
    """A chat of Messenger's encrypted storage, oldest first."""
    items = [encrypted_item(*item) if isinstance(item, tuple) else item for item in items]
    return {"participants": list(participants), "threadName": name, "messages": items}


def encrypted_item(sender="바다", text="", at=FIRST_S, **fields):
    """One message of it."""
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
    return json.dumps(document, ensure_ascii=escaped)


def minute_lines(*offsets, senders=NAMES):
    """One line for each minute counted from the first: (sender, text, seconds)."""
    return [(senders[offset % len(senders)], f"{offset}분", FIRST_S + 60 * offset) for offset in offsets]


# Whatever stands where something else is meant.
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
    """The document with up to four of its values, at any depth, replaced or gone."""
    document = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 4))):
        holder, key = draw(st.sampled_from(list(value_locations(document)) or [({"": 0}, "")]))
        if draw(st.booleans()) or isinstance(holder, list):
            holder[key] = copy.deepcopy(draw(UNEXPECTED_VALUES))
        else:
            del holder[key]
    return document


def value_locations(value):
    """Every place of a document, as what holds it and its key."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, held in pairs:
        yield value, key
        yield from value_locations(held)


def read_or_refused(export):
    """Read what may be anything: a chat that can be stored, or the declared error."""
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
        assert message.sent_at.utcoffset() == timedelta(hours=9) or message.sent_at.year < 1989
    for name in (chat.partner_name, chat.my_name):
        assert name is None or is_storable(name)
    return chat


def is_storable(text):
    """Whether PostgreSQL takes it: it is UTF-8 without NUL; and composed."""
    return "\0" not in text and bool(text.encode() or True) and unicodedata.is_normalized("NFC", text)
