"""The Lambda authorizer, ``auth_middleware``: the same verification, asked by API Gateway."""

from __future__ import annotations

from chalice.app import AuthResponse

from chalicelib.api import identity
from chalicelib.errors import Unauthenticated


def authorize(header: str | None) -> AuthResponse:
    """Let a verified token call every route, as its user.

    Raises:
        Exception: ``Unauthorized``, the word by which API Gateway answers 401.
    """
    try:
        who = identity.verify(identity.bearer_token(header))
    except Unauthenticated as error:
        raise Exception("Unauthorized") from error  # noqa: TRY002 (API Gateway knows this word alone)
    issued_at = str(int(who.issued_at.timestamp())) if who.issued_at else ""
    return AuthResponse(routes=["*"], principal_id=who.user_id, context={"email": who.email or "", "iat": issued_at})
