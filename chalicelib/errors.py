"""What can go wrong, in the domain's words.

Each error carries the stable ``code`` that clients see. What HTTP makes of it
(status, sentence) is decided in one place, ``chalicelib.api.problems``.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as dataclass_field


class LoveQError(Exception):
    """Something a client may be told about. ``code`` is stable English snake_case."""

    code = "internal_error"

    def __init__(self, code: str | None = None, **facts: object) -> None:
        """Keep the code and the facts that the client's sentence needs."""
        super().__init__(code or self.code)
        self.code = code or self.code
        self.facts = facts


class Unauthenticated(LoveQError):
    """There is no token, or it proves nothing."""

    code = "unauthenticated"


class Forbidden(LoveQError):
    """The caller is known and may not do this."""

    code = "forbidden"


class NotFound(LoveQError):
    """There is no such thing, or it is another user's."""

    code = "not_found"


class Conflict(LoveQError):
    """Somebody else changed it at the same time."""

    code = "conflict"


class UnreadableBody(LoveQError):
    """The body cannot be read as JSON."""

    code = "unreadable_body"


class UnsupportedMediaType(LoveQError):
    """The body is not said to be JSON."""

    code = "unsupported_media_type"


class TooLarge(LoveQError):
    """More was sent than this way of sending takes."""

    code = "too_large"


@dataclass(frozen=True)
class Fault:
    """What is wrong with one field: its dotted path, the kind of fault and figures its sentence needs."""

    field: str
    kind: str
    facts: dict[str, object] = dataclass_field(default_factory=dict)


class Invalid(LoveQError):
    """A field has a value it cannot have."""

    code = "invalid_field"

    def __init__(self, *errors: Fault, code: str | None = None) -> None:
        """Keep the fields."""
        super().__init__(code)
        self.errors = errors


class MethodNotAllowed(LoveQError):
    """The address exists and does not take this method."""

    code = "method_not_allowed"

    def __init__(self, allowed: tuple[str, ...]) -> None:
        """Keep the methods it takes."""
        super().__init__()
        self.allowed = allowed


class LimitReached(LoveQError):
    """The caller did this too often. ``retry_after`` is in seconds."""

    code = "limit_reached"

    def __init__(self, code: str, retry_after: int) -> None:
        """Keep when to come back."""
        super().__init__(code)
        self.retry_after = retry_after


class Unavailable(LoveQError):
    """Something we depend on is down. ``retry_after`` is in seconds."""

    code = "unavailable"

    def __init__(self, code: str | None = None, retry_after: int = 5) -> None:
        """Keep when to come back."""
        super().__init__(code)
        self.retry_after = retry_after


class UnreadableFile(LoveQError):
    """An uploaded file that no chat can be read from.

    Codes: ``empty_file``, ``undecodable_text``, ``unrecognised_format``,
    ``no_messages``, ``file_too_large``, ``archive_unsafe``, ``interrupted``.
    """

    code = "unrecognised_format"


class NoAccount(LoveQError):
    """The user has no account, or none any more."""

    code = "account_erased"


class ImportInProgress(LoveQError):
    """Another import holds the file; its event must come again."""

    code = "import_in_progress"
