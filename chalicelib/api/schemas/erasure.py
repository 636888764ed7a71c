"""Erasure and the export of the user's data."""

from __future__ import annotations

import json
from typing import Any, Self

from chalicelib.api.schemas.accounts import UserProfile
from chalicelib.api.schemas.common import Moment, ReplyModel
from chalicelib.domain import Receipt
from chalicelib.services import data_export


class ReceiptReply(ReplyModel):
    """The receipt of an erased account, with the number of erased items by kind."""

    receipt_id: str
    erased_at: Moment
    erased: dict[str, int]

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        """Return the wire form of a receipt."""
        return cls.model_validate(receipt)


class Done(ReplyModel):
    """Confirmation for the user."""

    message: str


class ExportReply(ReplyModel):
    """Everything that is stored about the user.

    ``messages_continue_in`` lists the rooms whose older messages did not fit. ``GET /messages`` returns them.
    """

    profile: UserProfile
    partner_profiles: list[dict[str, Any]]
    chat_rooms: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    files: list[dict[str, Any]]
    analyses: list[dict[str, Any]]
    conversations: list[dict[str, Any]]
    usage: list[dict[str, Any]]
    request_counts: list[dict[str, Any]]
    messages_continue_in: list[str]

    @classmethod
    def of(cls, data: data_export.UserData) -> Self:
        """Return the wire form of a user's data."""
        tables = {name: [_decode_json(row, data.json_columns) for row in rows] for name, rows in data.tables.items()}
        return cls(profile=UserProfile.of(data.profile), messages_continue_in=list(data.continued_in), **tables)


def _decode_json(row: dict[str, Any], json_columns: frozenset[str]) -> dict[str, Any]:
    """Return the row with its JSON columns decoded."""
    return {name: json.loads(value) if name in json_columns and value else value for name, value in row.items()}
