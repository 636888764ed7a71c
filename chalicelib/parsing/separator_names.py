"""Names that contain the separator between a name and its message."""

from __future__ import annotations

from chalicelib.domain import MAX_NAME_LENGTH, Message
from chalicelib.parsing.placeholders import Vocabulary

# If a sender has at least this many messages and all begin alike, the beginning belongs to the name.
_MIN_MESSAGES = 3


def restore_names(messages: list[Message], separator: str, partner_name: str | None, vocabulary: Vocabulary) -> None:
    """Move the rest of a name from the sender's messages to the name, in place.

    The reader ends a name at the first separator. A sender is ``하늘 : 서울`` instead of ``하늘`` if every message
    of 하늘 begins with ``서울 : ``, and there are at least three or the file's header contains the longer name.
    """
    for name, own_messages in _messages_of_candidates(messages, separator).items():
        full_name = name
        while rest := _rest_of_name(full_name, own_messages, separator, partner_name):
            full_name += separator + rest
            for message in own_messages:
                message.sender, message.text = full_name, message.text[len(rest) + len(separator) :]
                vocabulary.classify(message)


def _messages_of_candidates(messages: list[Message], separator: str) -> dict[str, list[Message]]:
    """Return the messages of the senders whose first message contains a separator."""
    first_messages = {message.sender: message for message in reversed(messages)}
    candidates: dict[str, list[Message]] = {
        name: [] for name, first in first_messages.items() if name is not None and separator in first.text
    }
    if not candidates:
        return {}
    for message in messages:
        if message.sender in candidates:
            candidates[message.sender].append(message)
    return candidates


def _rest_of_name(name: str, messages: list[Message], separator: str, partner_name: str | None) -> str | None:
    """Return the next part of a name if all of the sender's messages begin with it."""
    rest, separator_found, _ = messages[0].text.partition(separator)
    if not separator_found or "\n" in rest or not all(m.text.startswith(rest + separator) for m in messages):
        return None
    longer_name = name + separator + rest
    if len(longer_name) > MAX_NAME_LENGTH:
        return None
    is_in_header = partner_name is not None and (partner_name + separator).startswith(longer_name + separator)
    return rest if is_in_header or len(messages) >= _MIN_MESSAGES else None
