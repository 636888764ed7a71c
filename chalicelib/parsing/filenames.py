"""Names of exported files."""

from __future__ import annotations

import re
import unicodedata

# The names that apps give to their exports. An export without a header has the partner's name only here.
_EXPORT_NAMES = re.compile(
    r"KakaoTalk_Chat_(.+)_\d{4}-\d{2}-\d{2}"
    r"|WhatsApp Chat (?:with|-) (.+?)(?:\.txt|\.zip)?\Z"
    r"|\[LINE\] ?(.+?)(?:님과의 대화|とのトーク)"
)


def partner_in_filename(filename: str) -> str | None:
    """Return the partner's name if the app wrote it into the file's name."""
    match = _EXPORT_NAMES.match(unicodedata.normalize("NFC", filename))
    return next(filter(None, match.groups()), None) if match else None
