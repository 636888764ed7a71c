"""Names that hold what stands between a name and its message."""

from __future__ import annotations

from chalicelib.domain import MAX_NAME_LENGTH, Message
from chalicelib.parsing.placeholders import Vocabulary

# A name that is part of every message somebody sent, this often, is no coincidence.
_MIN_MESSAGES = 3


def restore_names(messages: list[Message], separator: str, partner_name: str | None, vocabulary: Vocabulary) -> None:
    """Give back to names what a reading up to the first ``separator`` left with the messages, in place.

    A sender is ``하늘 : 서울`` rather than ``하늘`` where the file's own header says
    so, or where each of at least three messages of 하늘 goes on with ``서울 : ``.
    """
    firsts = {message.sender: message for message in reversed(messages)}
    in_question: dict[str, list[Message]] = {
        name: [] for name, first in firsts.items() if name is not None and separator in first.text
    }
    for message in messages if in_question else ():
        if message.sender in in_question:
            in_question[message.sender].append(message)
    for name, said in in_question.items():
        while rest := _rest_of_name(name, said, separator, partner_name):
            name += separator + rest  # noqa: PLW2901 (longer by a part each time)
            for message in said:
                message.sender, message.text = name, message.text[len(rest) + len(separator) :]
                message.kind, message.count = vocabulary.kind_of(message.text)


def _rest_of_name(name: str, said: list[Message], separator: str, partner_name: str | None) -> str | None:
    rest, found, _ = said[0].text.partition(separator)
    if not found or "\n" in rest or not all(message.text.startswith(rest + separator) for message in said):
        return None
    longer = name + separator + rest
    if len(longer) > MAX_NAME_LENGTH:
        return None
    told = partner_name is not None and (partner_name + separator).startswith(longer + separator)
    return rest if told or len(said) >= _MIN_MESSAGES else None
