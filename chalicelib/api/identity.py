"""Identify the caller, from an ID token or from the claims that API Gateway found in one.

API Gateway verifies a token's signature, issuer and expiry. This module checks the claims that it leaves out (``aud``,
``token_use``). The local stage, where Chalice's gateway verifies nothing, and the Lambda authorizer verify the whole
token here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib.errors import Unauthenticated, Unavailable
from chalicelib.settings import Settings, settings

if TYPE_CHECKING:
    from jwt import PyJWK, PyJWKClient

# An unknown key id makes us fetch the keys again, because keys rotate. The cooldown keeps made-up key ids from causing
# a fetch at every request.
REFETCH_COOLDOWN_S = 60
_FETCH_TIMEOUT_S = 3
_CLOCK_SKEW_S = 30


@dataclass(frozen=True, slots=True)
class Identity:
    """The user named by a verified token, and when the token was issued."""

    user_id: str
    email: str | None
    issued_at: datetime | None


def identify(headers: Mapping[str, str], context: Mapping[str, Any]) -> Identity:
    """Identify the sender of a request, by its headers and the gateway's request context.

    Raises:
        Unauthenticated: The request has no valid token.
        Unavailable: The issuer's keys cannot be fetched.
    """
    config = settings()
    if config.authorizer == "none":
        return verify(bearer_token(headers.get("authorization")))
    authorizer = context.get("authorizer") or {}
    if config.authorizer == "lambda":
        return _identity({**authorizer, "sub": authorizer.get("principalId")})
    return _check_claims(authorizer.get("claims") or {}, config)


def bearer_token(header: str | None) -> str:
    """Return the token of an ``Authorization`` header.

    Raises:
        Unauthenticated: The header is missing or has no bearer token.
    """
    if not header:
        raise Unauthenticated("token_missing")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("token_invalid")
    return token.strip()


def verify(token: str) -> Identity:
    """Verify an ID token: its RS256 signature by the issuer's keys, ``iss``, ``aud``, ``token_use`` and ``exp``.

    Raises:
        Unauthenticated: ``token_invalid`` or ``token_expired``.
        Unavailable: The issuer's keys cannot be fetched.
    """
    import jwt  # noqa: PLC0415 (loads cryptography, which most requests do not need)

    config = settings()
    try:
        claims = jwt.decode(
            token,
            _signing_key(token),
            algorithms=["RS256"],
            audience=config.cognito_client_id,
            issuer=config.issuer,
            leeway=_CLOCK_SKEW_S,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    except jwt.ExpiredSignatureError as error:
        raise Unauthenticated("token_expired") from error
    except (jwt.InvalidTokenError, jwt.PyJWKClientError) as error:
        raise Unauthenticated("token_invalid") from error
    return _check_claims(claims, config)


def _check_claims(claims: Mapping[str, Any], config: Settings) -> Identity:
    if not claims:
        raise Unauthenticated("token_missing")
    if claims.get("token_use") != "id" or claims.get("aud") != config.cognito_client_id:
        raise Unauthenticated("token_invalid")
    return _identity(claims)


def _identity(claims: Mapping[str, Any]) -> Identity:
    if not claims.get("sub"):
        raise Unauthenticated("token_invalid")
    # API Gateway writes `iat` as a date text, and leaves `auth_time` a number.
    issued_at = next((claims[name] for name in ("iat", "auth_time") if str(claims.get(name)).isdecimal()), None)
    return Identity(
        str(claims["sub"]),
        claims.get("email"),
        datetime.fromtimestamp(int(issued_at), UTC) if issued_at is not None else None,
    )


def _signing_key(token: str) -> PyJWK:
    """Return the issuer's key that the token names.

    Raises:
        jwt.InvalidTokenError: The token's header cannot be read.
        jwt.PyJWKClientError: The issuer has no such key.
        Unavailable: The keys cannot be fetched.
    """
    import jwt  # noqa: PLC0415 (see verify)

    key_id = jwt.get_unverified_header(token).get("kid", "")
    try:
        return _key_client(settings().jwks_url).get_signing_key(key_id)
    except (jwt.PyJWKClientConnectionError, jwt.PyJWKSetError, OSError, ValueError) as error:
        raise Unavailable("identity_unavailable") from error


@cache
def _key_client(url: str | None) -> PyJWKClient:
    import jwt  # noqa: PLC0415 (see verify)

    if url is None:
        raise Unavailable("identity_unavailable")
    # Fetched keys never expire, so that an outage of the issuer does not lock out its users.
    return jwt.PyJWKClient(url, timeout=_FETCH_TIMEOUT_S, lifespan=math.inf, cooldown_duration=REFETCH_COOLDOWN_S)
