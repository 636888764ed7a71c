"""Errors of the domain.

Each error has the stable ``code`` that clients see. ``chalicelib.api.problems`` maps it to an HTTP status and a
message.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as dataclass_field


class LoveQError(Exception):
    """Base of all errors that a client may see. ``code`` is stable English in snake_case."""

    code = "internal_error"

    def __init__(self, code: str | None = None, **facts: object) -> None:
        """Store the code and the facts that the message to the client needs."""
        super().__init__(code or self.code)
        self.code = code or self.code
        self.facts = facts


class Unauthenticated(LoveQError):
    """The token is missing or invalid."""

    code = "unauthenticated"


class Forbidden(LoveQError):
    """The caller is authenticated but not allowed to do this."""

    code = "forbidden"


class NotFound(LoveQError):
    """The resource does not exist, or it belongs to another user."""

    code = "not_found"


class Conflict(LoveQError):
    """Another request changed the resource at the same time."""

    code = "conflict"


class UnreadableBody(LoveQError):
    """The request body is not valid JSON."""

    code = "unreadable_body"


class UnsupportedMediaType(LoveQError):
    """The content type of the request is not JSON."""

    code = "unsupported_media_type"


class TooLarge(LoveQError):
    """The payload exceeds the limit of the route."""

    code = "too_large"


@dataclass(frozen=True)
class Fault:
    """An invalid field: its dotted path, the kind of fault, and the facts that the message needs."""

    field: str
    kind: str
    facts: dict[str, object] = dataclass_field(default_factory=dict)


class Invalid(LoveQError):
    """One or more fields are invalid."""

    code = "invalid_field"

    def __init__(self, *errors: Fault, code: str | None = None) -> None:
        """Store the invalid fields."""
        super().__init__(code)
        self.errors = errors


class MethodNotAllowed(LoveQError):
    """The path exists but does not support the method."""

    code = "method_not_allowed"

    def __init__(self, allowed: tuple[str, ...]) -> None:
        """Store the supported methods."""
        super().__init__()
        self.allowed = allowed


class LimitReached(LoveQError):
    """The caller exceeded a limit. ``retry_after`` is in seconds."""

    code = "limit_reached"

    def __init__(self, code: str, retry_after: int) -> None:
        """Store the number of seconds after which the client may retry."""
        super().__init__(code)
        self.retry_after = retry_after


class Unavailable(LoveQError):
    """A dependency is down. ``retry_after`` is in seconds."""

    code = "unavailable"

    def __init__(self, code: str | None = None, retry_after: int = 5) -> None:
        """Store the number of seconds after which the client may retry."""
        super().__init__(code)
        self.retry_after = retry_after


class UnreadableFile(LoveQError):
    """An uploaded file does not contain a readable chat.

    Codes: ``empty_file``, ``undecodable_text``, ``unrecognised_format``, ``no_messages``, ``file_too_large``,
    ``archive_unsafe``, ``interrupted``.
    """

    code = "unrecognised_format"


class NoAccount(LoveQError):
    """The user has no account, or the account was erased."""

    code = "account_erased"


class ImportInProgress(LoveQError):
    """Another import holds the lease of the file. The event must be delivered again."""

    code = "import_in_progress"
