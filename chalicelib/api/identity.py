"""Who asks: ID tokens and what gateways found in them.

Deployed, API Gateway verifies a token's signature, issuer and expiry; what it
leaves out (``aud``, ``token_use``) is checked here. Locally, where Chalice's
stand-in verifies nothing, and in the Lambda authorizer, the whole token is.
"""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from threading import Lock
from typing import Any

from chalicelib.errors import Unauthenticated, Unavailable
from chalicelib.settings import Settings, settings

# Keys rotate rarely; an unknown key id may ask for them again this often, so
# that made-up key ids cannot make us ask the issuer at every request.
REFETCH_AFTER_S = 60
FETCH_TIMEOUT_S = 3
CLOCK_SKEW_S = 30


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a verified token names, and since when it is good."""

    user_id: str
    email: str | None
    issued_at: datetime | None


def of_request(headers: Mapping[str, str], context: Mapping[str, Any]) -> Identity:
    """Who sent a request, by its headers and the gateway's request context.

    Raises:
        Unauthenticated: nobody proved who they are.
        Unavailable: the issuer's keys cannot be fetched.
    """
    stage = settings()
    if stage.authorizer == "none":
        return verify(bearer_token(headers.get("authorization")))
    authorizer = context.get("authorizer") or {}
    if stage.authorizer == "lambda":
        return _identity({**authorizer, "sub": authorizer.get("principalId")})
    return _checked(authorizer.get("claims") or {}, stage)


def bearer_token(header: str | None) -> str:
    """The token of an ``Authorization`` header.

    Raises:
        Unauthenticated: there is none.
    """
    if not header:
        raise Unauthenticated("token_missing")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("token_invalid")
    return token.strip()


def verify(token: str) -> Identity:
    """Verify an ID token: RS256 by the issuer's keys, ``iss``, ``aud``, ``token_use``, ``exp``.

    Raises:
        Unauthenticated: ``token_invalid`` or ``token_expired``.
        Unavailable: the issuer's keys cannot be fetched.
    """
    import jwt  # noqa: PLC0415 (only this and the Lambda authorizer need its cryptography)

    stage = settings()
    try:
        key = _keys().find(jwt.get_unverified_header(token).get("kid"))
        claims = jwt.decode(
            token,
            jwt.PyJWK(key).key,
            algorithms=["RS256"],
            audience=stage.cognito_client_id,
            issuer=stage.issuer,
            leeway=CLOCK_SKEW_S,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    except jwt.ExpiredSignatureError as error:
        raise Unauthenticated("token_expired") from error
    except (jwt.InvalidTokenError, jwt.PyJWKError) as error:
        raise Unauthenticated("token_invalid") from error
    return _checked(claims, stage)


def _checked(claims: Mapping[str, Any], stage: Settings) -> Identity:
    if not claims:
        raise Unauthenticated("token_missing")
    if claims.get("token_use") != "id" or claims.get("aud") != stage.cognito_client_id:
        raise Unauthenticated("token_invalid")
    return _identity(claims)


def _identity(claims: Mapping[str, Any]) -> Identity:
    if not claims.get("sub"):
        raise Unauthenticated("token_invalid")
    # API Gateway writes `iat` out as a date; `auth_time` stays a number there.
    issued_at = next((claims[name] for name in ("iat", "auth_time") if str(claims.get(name)).isdecimal()), None)
    return Identity(
        str(claims["sub"]),
        claims.get("email"),
        datetime.fromtimestamp(int(issued_at), UTC) if issued_at is not None else None,
    )


@dataclass
class KeySet:
    """An issuer's public keys, fetched when first needed and when an unknown key id comes by."""

    url: str
    clock: Callable[[], float] = time.monotonic
    _keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    _tried_at: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def find(self, key_id: str | None) -> dict[str, Any]:
        """The key with this id, as a JWK.

        Raises:
            Unauthenticated: the issuer has no such key.
            Unavailable: the keys cannot be fetched.
        """
        with self._lock:
            if key_id not in self._keys and self._may_fetch():
                self._fetch()
        if key_id is None or key_id not in self._keys:
            raise Unauthenticated("token_invalid")
        return self._keys[key_id]

    def _may_fetch(self) -> bool:
        return not self._keys or self.clock() - self._tried_at > REFETCH_AFTER_S

    def _fetch(self) -> None:
        self._tried_at = self.clock()
        try:
            with urllib.request.urlopen(self.url, timeout=FETCH_TIMEOUT_S) as reply:  # noqa: S310 (a setting, not input)
                keys = json.load(reply)["keys"]
        except (OSError, ValueError, KeyError) as error:
            raise Unavailable("identity_unavailable") from error
        self._keys = {key["kid"]: key for key in keys}


@cache
def _keys() -> KeySet:
    url = settings().jwks_url
    if url is None:
        raise Unavailable("identity_unavailable")
    return KeySet(url)
