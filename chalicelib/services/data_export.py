"""Everything kept about a user, for the user."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain import Caller, Profile
from chalicelib.repositories import data_export
from chalicelib.repositories.database import Row, database
from chalicelib.services import accounts

# Lambda answers at most 6 MB; what other tables hold takes its part of it.
MAX_MESSAGES = 10_000
MAX_CHARACTERS = 1_200_000


@dataclass(frozen=True, slots=True)
class Export:
    """A user's rows by table, which columns are JSON, and the rooms whose messages go on elsewhere."""

    profile: Profile
    tables: dict[str, list[Row]]
    documents: frozenset[str]
    continued_in: tuple[str, ...]


def export_user(caller: Caller) -> Export:
    """All that is kept of the caller and has not expired."""
    profile = accounts.profile(caller)
    tables = database().transaction(caller.user_id, lambda tx: data_export.tables(tx, caller.now))
    messages, continued_in = _fitting(
        database().read(caller.user_id, lambda tx: data_export.messages(tx, caller.now, MAX_MESSAGES + 1))
    )
    return Export(profile, tables | {"messages": messages}, data_export.JSON_COLUMNS, continued_in)


def _fitting(messages: list[Row]) -> tuple[list[Row], tuple[str, ...]]:
    """As many messages as an answer holds, the latest first, and the rooms of the others."""
    fitting: list[Row] = []
    characters = 0
    for number, message in enumerate(messages):
        characters += len(message["text"])
        if number >= MAX_MESSAGES or characters > MAX_CHARACTERS:
            left = dict.fromkeys(str(other["room_id"]) for other in messages[number:])
            return fitting, tuple(left)
        fitting.append(message)
    return fitting, ()
