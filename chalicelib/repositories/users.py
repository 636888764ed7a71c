"""Tables ``users``, ``user_profiles`` and ``usage``, and the figures about ``conversations`` in a profile."""

from __future__ import annotations

from datetime import date, datetime

from chalicelib.domain import CoachingStats, Consents, Profile, Speech
from chalicelib.repositories import json_columns
from chalicelib.repositories.database import Row, UserTransaction

_SELECT_PROFILE = """
SELECT u.email, u.consent_age_over_14, u.consent_terms, u.consent_overseas_transfer, p.username, p.birth_year,
       p.preferred_speech_level, p.timezone, p.speech, p.response_examples, p.response_examples_expire_at,
       p.last_analysis_at, p.created_at, p.updated_at, coalesce(d.credits_used, 0) AS credits_used,
       c.total, c.today, c.average_rating, c.rated, c.liked,
       (SELECT selected_response_type FROM conversations
         WHERE user_id = :user_id AND selected_response_type IS NOT NULL
         GROUP BY selected_response_type ORDER BY count(*) DESC, selected_response_type LIMIT 1) AS favourite_type
  FROM users u
  JOIN user_profiles p ON p.user_id = u.user_id
  LEFT JOIN usage d ON d.user_id = u.user_id AND d.day = (cast(:now AS timestamptz) AT TIME ZONE p.timezone)::date
  CROSS JOIN (SELECT count(*) AS total, avg(feedback_rating) AS average_rating, count(feedback_rating) AS rated,
                     count(*) FILTER (WHERE feedback_rating >= 4) AS liked,
                     count(*) FILTER (WHERE (created_at AT TIME ZONE z.timezone)::date =
                                            (cast(:now AS timestamptz) AT TIME ZONE z.timezone)::date) AS today
                FROM conversations, (SELECT timezone FROM user_profiles WHERE user_id = :user_id) z
               WHERE user_id = :user_id) c
 WHERE u.user_id = :user_id
"""

_SELECT_CONSENTS = (
    "SELECT consent_age_over_14, consent_terms, consent_overseas_transfer FROM users WHERE user_id = :user_id"
)


def create(tx: UserTransaction, email: str | None, timezone: str, now: datetime) -> None:
    """Add the user's rows unless they exist."""
    tx.execute(
        "INSERT INTO users (user_id, email, created_at) VALUES (:user_id, :email, :now) ON CONFLICT DO NOTHING",
        email=email,
        now=now,
    )
    tx.execute(
        "INSERT INTO user_profiles (user_id, timezone, created_at, updated_at) "
        "VALUES (:user_id, :timezone, :now, :now) ON CONFLICT DO NOTHING",
        timezone=timezone,
        now=now,
    )


def profile(tx: UserTransaction, now: datetime) -> Profile | None:
    """Return the user's profile, None if the user has no account."""
    row = tx.row(_SELECT_PROFILE, now=now)
    return _profile(tx.user_id, row, now) if row else None


def consents(tx: UserTransaction) -> Consents:
    """Return the user's consents. A user without an account has given no consent."""
    row = tx.row(_SELECT_CONSENTS)
    return _consents(row) if row else Consents()


def lock_account(tx: UserTransaction) -> bool:
    """Lock the user's account against erasure until the transaction ends. Return False if there is no account."""
    return tx.row("SELECT 1 AS one FROM users WHERE user_id = :user_id FOR KEY SHARE") is not None


def update(tx: UserTransaction, profile: Profile, examples_expire_at: datetime | None) -> None:
    """Store the fields of a profile that a user may change.

    Without ``examples_expire_at``, the example messages keep their expiry.
    """
    consents = profile.consents
    tx.update(
        "users",
        {
            "consent_age_over_14": consents.age_over_14,
            "consent_terms": consents.terms,
            "consent_overseas_transfer": consents.overseas_transfer,
        },
        {},
    )
    values = {
        "username": profile.username,
        "birth_year": profile.birth_year,
        "timezone": profile.timezone,
        "preferred_speech_level": profile.preferred_speech_level,
        "last_analysis_at": profile.last_analysis_at,
        "updated_at": profile.updated_at,
        **_speech_columns(profile.speech),
    }
    if profile.speech and examples_expire_at:
        values["response_examples_expire_at"] = examples_expire_at
    tx.update("user_profiles", values, {})


def take_credit(tx: UserTransaction, day: date, limit: int) -> int | None:
    """Use one of the day's credits. Return the number of credits used, None if no credit was left."""
    row = tx.row(
        "INSERT INTO usage (user_id, day, credits_used) SELECT :user_id, cast(:day AS date), 1 "
        "WHERE cast(:limit AS integer) > 0 "
        "ON CONFLICT (user_id, day) DO UPDATE SET credits_used = usage.credits_used + 1 "
        "WHERE usage.credits_used < cast(:limit AS integer) RETURNING credits_used",
        day=day,
        limit=limit,
    )
    return row["credits_used"] if row else None


def give_credit_back(tx: UserTransaction, day: date) -> None:
    """Return a credit of the day that was taken for an analysis that failed or was degraded."""
    tx.execute(
        "UPDATE usage SET credits_used = credits_used - 1 WHERE user_id = :user_id AND day = :day AND credits_used > 0",
        day=day,
    )


def _speech_columns(speech: Speech | None) -> Row:
    if speech is None:
        return {"speech": None, "response_examples": None}
    return {
        "speech": json_columns.dump(speech.without_examples()),
        # The examples are the user's own words. They expire, unlike the figures.
        "response_examples": json_columns.dump(speech.response_examples, tuple[str, ...]),
    }


def _consents(row: Row) -> Consents:
    return Consents(row["consent_age_over_14"], row["consent_terms"], row["consent_overseas_transfer"])


def _profile(user_id: str, row: Row, now: datetime) -> Profile:
    speech = json_columns.load(Speech, row["speech"])
    expires_at = row["response_examples_expire_at"]
    if speech and expires_at and expires_at > now:
        speech = speech.with_examples(json_columns.load(tuple[str, ...], row["response_examples"]) or ())
    return Profile(
        user_id=user_id,
        email=row["email"],
        username=row["username"],
        birth_year=row["birth_year"],
        preferred_speech_level=row["preferred_speech_level"],
        timezone=row["timezone"],
        consents=_consents(row),
        speech=speech,
        last_analysis_at=row["last_analysis_at"],
        credits_used=row["credits_used"],
        coaching_stats=_coaching_stats(row),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _coaching_stats(row: Row) -> CoachingStats:
    rated = row["rated"]
    return CoachingStats(
        total=row["total"],
        today=row["today"],
        average_rating=round(float(row["average_rating"]), 2) if rated else None,
        success_rate=round(row["liked"] / rated, 2) if rated else None,
        favourite_type=row["favourite_type"],
    )
