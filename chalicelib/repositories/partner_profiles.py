"""Table ``partner_profiles``: the user's descriptions of other people, and their analyses."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from chalicelib.domain import PartnerAnalysis, PartnerProfile
from chalicelib.repositories import json_columns
from chalicelib.repositories.database import Row, SortKey, UserTransaction, keyset

# Every field of ``PartnerProfile`` is a column: a new field needs a migration.
_PLAIN_COLUMNS = [column.name for column in fields(PartnerProfile) if column.name != "analysis"]
# The names of the user and the partner in the room that the evidence quotes.
_ROOM_NAMES = ", ".join(
    f"(SELECT {name} FROM chat_rooms WHERE user_id = :user_id AND partner_profile_id = partner_profiles.profile_id "
    f"ORDER BY last_activity_at DESC LIMIT 1) AS {name}"
    for name in ("my_name", "partner_name")
)
_SELECT = (
    f"SELECT {', '.join(_PLAIN_COLUMNS)}, analysis, CASE WHEN evidence_expire_at > :now THEN evidence END AS evidence, "
    f"{_ROOM_NAMES} FROM partner_profiles WHERE user_id = :user_id"
)


@dataclass(frozen=True, slots=True)
class StoredPartner:
    """A profile with masked quotes, and the names to restore in them."""

    profile: PartnerProfile
    names: tuple[str, ...]


def insert(tx: UserTransaction, profile: PartnerProfile, evidence_expire_at: datetime) -> None:
    """Add a profile."""
    tx.insert_many("partner_profiles", [_row(profile, evidence_expire_at)])


def update(tx: UserTransaction, profile: PartnerProfile, evidence_expire_at: datetime) -> bool:
    """Store a changed profile. Return False if there is no such profile."""
    row = _row(profile, evidence_expire_at)
    values = {name: value for name, value in row.items() if name not in ("profile_id", "created_at")}
    return tx.update("partner_profiles", values, {"profile_id": profile.profile_id}) == 1


def get(tx: UserTransaction, profile_id: str, now: datetime) -> StoredPartner | None:
    """Return a profile of the user, None if the user has no such profile."""
    row = tx.row(f"{_SELECT} AND profile_id = :id", id=profile_id, now=now)
    return _stored_partner(row) if row else None


def page(tx: UserTransaction, now: datetime, limit: int, after: SortKey | None, offset: int) -> list[StoredPartner]:
    """Return the profiles after the sort key ``after``, newest first."""
    page_start = keyset("created_at", "profile_id", after)
    rows = tx.rows(
        f"{_SELECT} AND {page_start.condition} ORDER BY created_at DESC, profile_id DESC LIMIT :limit OFFSET :offset",
        limit=limit,
        offset=offset,
        now=now,
        **page_start.values,
    )
    return [_stored_partner(row) for row in rows]


def erase(tx: UserTransaction, profile_id: str) -> bool:
    """Erase a profile and the references to it in rooms. Return False if there is no such profile."""
    tx.execute(
        "UPDATE chat_rooms SET partner_profile_id = NULL, version = version + 1 "
        "WHERE user_id = :user_id AND partner_profile_id = :id",
        id=profile_id,
    )
    return tx.execute("DELETE FROM partner_profiles WHERE user_id = :user_id AND profile_id = :id", id=profile_id) == 1


def _row(profile: PartnerProfile, evidence_expire_at: datetime) -> Row:
    values: Row = {name: getattr(profile, name) for name in _PLAIN_COLUMNS}
    values["interests"] = json_columns.dump(profile.interests, str | tuple[str, ...] | None)
    analysis = profile.analysis
    return values | {
        "analysis": json_columns.dump(analysis.without_quotes()) if analysis else None,
        "evidence": json_columns.dump(analysis) if analysis and analysis.evidence else None,
        "evidence_expire_at": evidence_expire_at,
    }


def _stored_partner(row: Row) -> StoredPartner:
    names = (row["name"], row.pop("my_name"), row.pop("partner_name"))
    analysis, evidence = row.pop("analysis"), row.pop("evidence")
    row["interests"] = json_columns.load(str | tuple[str, ...], row["interests"])  # type: ignore[arg-type]
    profile = PartnerProfile(**row, analysis=json_columns.load(PartnerAnalysis, evidence or analysis))
    return StoredPartner(profile, tuple(name for name in names if name))
