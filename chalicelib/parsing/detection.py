"""Which format an export is in, told from its content alone."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from chalicelib.errors import UnreadableFile
from chalicelib.parsing import dialogue, kakaotalk, kakaotalk_csv, line_messenger, meta, telegram, whatsapp
from chalicelib.parsing.export import Export, Format

# One line for each source; of formats that claim alike the first is taken.
_TEXT_FORMATS: tuple[Format, ...] = (
    *kakaotalk.FORMATS,
    *kakaotalk_csv.FORMATS,
    *whatsapp.FORMATS,
    *line_messenger.FORMATS,
)
_JSON_FORMATS: tuple[Format, ...] = (*meta.FORMATS, *telegram.FORMATS)
_FALLBACK_FORMATS: tuple[Format, ...] = (*dialogue.FORMATS,)
# Each is only asked where none before it claims anything; what is JSON as a whole is no text.
_FORMAT_GROUPS = (_JSON_FORMATS, _TEXT_FORMATS, _FALLBACK_FORMATS)
# What is less sure is two exports in one, or none.
_MIN_CLAIM_SHARE = 0.8


def detect(export: Export) -> Format:
    """Return the format of an export.

    Raises:
        UnreadableFile: it has none of them, or several; ``looked_for`` names them.
    """
    claims = next(filter(None, (_claims(formats, export) for formats in _FORMAT_GROUPS)), None)
    if claims is None:
        raise unrecognised_format()
    best = max(claims, key=lambda format_: len(claims[format_]))
    claimed = claims[best]
    foreign: set[int] = set().union(*claims.values()) - claimed
    if len(claimed) < _MIN_CLAIM_SHARE * (len(claimed) + len(foreign)):
        raise unrecognised_format()
    return best


def _claims(formats: tuple[Format, ...], export: Export) -> dict[Format, AbstractSet[int]]:
    claims = {format_: format_.claims(export) for format_ in formats}
    return claims if any(claims.values()) else {}


def unrecognised_format(**facts: object) -> UnreadableFile:
    """The error of a file that is in no format, or breaks off in one."""
    looked_for = list(dict.fromkeys(format_.name for format_ in (*_TEXT_FORMATS, *_JSON_FORMATS, *_FALLBACK_FORMATS)))
    return UnreadableFile("unrecognised_format", looked_for=looked_for, **facts)
