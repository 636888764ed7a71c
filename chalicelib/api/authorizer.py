"""The Lambda authorizer, ``auth_middleware``: API Gateway calls it to verify a token."""

from __future__ import annotations

from chalice.app import AuthResponse

from chalicelib.api import identity
from chalicelib.errors import Unauthenticated


def authorize(header: str | None) -> AuthResponse:
    """Allow a verified token to call every route as its user.

    Raises:
        Exception: ``Unauthorized``, the text for which API Gateway replies 401.
    """
    try:
        user = identity.verify(identity.bearer_token(header))
    except Unauthenticated as error:
        raise Exception("Unauthorized") from error  # noqa: TRY002 (API Gateway compares the text)
    issued_at = str(int(user.issued_at.timestamp())) if user.issued_at else ""
    return AuthResponse(routes=["*"], principal_id=user.user_id, context={"email": user.email or "", "iat": issued_at})
