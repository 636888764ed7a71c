"""``partner_profiles``: what the user told about other people, and what was made of it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from chalicelib.domain import PartnerAnalysis, PartnerProfile
from chalicelib.repositories import json_columns
from chalicelib.repositories.database import Row, UserTransaction

PLAIN = [column.name for column in fields(PartnerProfile) if column.name != "analysis"]
COLUMNS = ", ".join(PLAIN)
LIVE_EVIDENCE = "CASE WHEN evidence_expire_at > :now THEN evidence END AS evidence"
# What the two are called in the room that the evidence is of.
CALLED = ", ".join(
    f"(SELECT {name} FROM chat_rooms WHERE user_id = :user_id AND partner_profile_id = partner_profiles.profile_id "
    f"ORDER BY last_activity_at DESC LIMIT 1) AS {name}"
    for name in ("my_name", "partner_name")
)
STORED = f"SELECT {COLUMNS}, analysis, {LIVE_EVIDENCE}, {CALLED} FROM partner_profiles WHERE user_id = :user_id"
SortKey = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class StoredPartner:
    """A profile as it is kept, with masked quotes, and what the two are called in its room."""

    profile: PartnerProfile
    called: tuple[str, ...]


def insert(tx: UserTransaction, profile: PartnerProfile, evidence_expire_at: datetime) -> None:
    """Add a profile."""
    tx.insert_many("partner_profiles", [_row(profile, evidence_expire_at)])


def update(tx: UserTransaction, profile: PartnerProfile, evidence_expire_at: datetime) -> bool:
    """Write a profile; say whether it was there."""
    values = _row(profile, evidence_expire_at)
    names = [name for name in values if name not in ("profile_id", "created_at")]
    assignments = ", ".join(f"{name} = :{name}" for name in names)
    sql = f"UPDATE partner_profiles SET {assignments} WHERE user_id = :user_id AND profile_id = :profile_id"
    return tx.execute(sql, profile_id=profile.profile_id, **{name: values[name] for name in names}) == 1


def get(tx: UserTransaction, profile_id: str, now: datetime) -> StoredPartner | None:
    """A profile of the user, None when there is none."""
    row = tx.row(f"{STORED} AND profile_id = :id", id=profile_id, now=now)
    return _stored(row) if row else None


def page(tx: UserTransaction, now: datetime, limit: int, after: SortKey | None, offset: int) -> list[StoredPartner]:
    """Profiles, newest first, those behind ``after``."""
    created_at, profile_id = after or (None, None)
    rows = tx.rows(
        f"{STORED} AND (cast(:created_at AS timestamptz) IS NULL "
        "     OR (created_at, profile_id) < (cast(:created_at AS timestamptz), cast(:profile_id AS uuid))) "
        "ORDER BY created_at DESC, profile_id DESC LIMIT :limit OFFSET :offset",
        created_at=created_at,
        profile_id=profile_id,
        limit=limit,
        offset=offset,
        now=now,
    )
    return [_stored(row) for row in rows]


def erase(tx: UserTransaction, profile_id: str) -> bool:
    """Erase a profile, and take it from the rooms that name it; say whether it was there."""
    tx.execute(
        "UPDATE chat_rooms SET partner_profile_id = NULL, version = version + 1 "
        "WHERE user_id = :user_id AND partner_profile_id = :id",
        id=profile_id,
    )
    return tx.execute("DELETE FROM partner_profiles WHERE user_id = :user_id AND profile_id = :id", id=profile_id) == 1


def _row(profile: PartnerProfile, evidence_expire_at: datetime) -> Row:
    values: Row = {name: getattr(profile, name) for name in PLAIN}
    values["interests"] = json_columns.dump(profile.interests, str | tuple[str, ...] | None)
    analysis = profile.analysis
    return values | {
        "analysis": json_columns.dump(analysis.without_quotes()) if analysis else None,
        "evidence": json_columns.dump(analysis) if analysis and analysis.evidence else None,
        "evidence_expire_at": evidence_expire_at,
    }


def _stored(row: Row) -> StoredPartner:
    analysis, evidence = row.pop("analysis"), row.pop("evidence")
    called = tuple(name for name in (row["name"], row.pop("my_name"), row.pop("partner_name")) if name)
    values: dict[str, Any] = {**row, "profile_id": str(row["profile_id"])}
    values["interests"] = json_columns.load(str | tuple[str, ...], row["interests"])  # type: ignore[arg-type]
    return StoredPartner(
        PartnerProfile(**values, analysis=json_columns.load(PartnerAnalysis, evidence or analysis)), called
    )
