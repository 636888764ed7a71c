"""Export of a user's data: the profile, the tables of ``repositories/data_export.py`` and the messages.

The export has no idempotency keys and no Comprehend results.
"""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain import Caller, Profile
from chalicelib.repositories import data_export
from chalicelib.repositories.database import Row, database
from chalicelib.services import accounts

# A Lambda reply is at most 6 MB. These limits leave space for the other tables.
MAX_MESSAGES = 10_000
_MAX_CHARACTERS = 1_200_000


@dataclass(frozen=True, slots=True)
class UserData:
    """A user's profile, and the rows of the exported tables by table.

    ``json_columns`` are the names of the columns that hold JSON. ``continued_in`` are the ids of the rooms with further
    messages.
    """

    profile: Profile
    tables: dict[str, list[Row]]
    json_columns: frozenset[str]
    continued_in: tuple[str, ...]


def export_user(caller: Caller) -> UserData:
    """Return the caller's profile, tables and messages, without expired data."""
    profile = accounts.get_or_create_profile(caller)
    tables = database().transaction(caller.user_id, lambda tx: data_export.tables(tx, caller.now))
    messages, continued_in = _limit_messages(
        database().read(caller.user_id, lambda tx: data_export.messages(tx, caller.now, MAX_MESSAGES + 1))
    )
    return UserData(profile, tables | {"messages": messages}, data_export.JSON_COLUMNS, continued_in)


def _limit_messages(messages: list[Row]) -> tuple[list[Row], tuple[str, ...]]:
    """Return the messages that fit into a reply, latest first, and the ids of the rooms with further messages."""
    characters = 0
    for index, message in enumerate(messages):
        characters += len(message["text"])
        if index >= MAX_MESSAGES or characters > _MAX_CHARACTERS:
            room_ids = dict.fromkeys(str(other["room_id"]) for other in messages[index:])
            return messages[:index], tuple(room_ids)
    return messages, ()
