"""Detect the format of an export by its content only."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from chalicelib.errors import UnreadableFile
from chalicelib.parsing import dialogue, kakaotalk, kakaotalk_csv, line_messenger, meta, telegram, whatsapp
from chalicelib.parsing.export import Export, Format

# If formats claim equally many records, the first one is chosen.
_TEXT_FORMATS: tuple[Format, ...] = (
    *kakaotalk.FORMATS,
    *kakaotalk_csv.FORMATS,
    *whatsapp.FORMATS,
    *line_messenger.FORMATS,
)
_JSON_FORMATS: tuple[Format, ...] = (*meta.FORMATS, *telegram.FORMATS)
_FALLBACK_FORMATS: tuple[Format, ...] = (*dialogue.FORMATS,)
# A group is tried only if no format of the groups before it claims a record.
_FORMAT_GROUPS = (_JSON_FORMATS, _TEXT_FORMATS, _FALLBACK_FORMATS)
# If the best format claims a smaller share of all claimed records, the file contains two exports, or no export.
_MIN_CLAIM_SHARE = 0.8


def detect(export: Export) -> Format:
    """Return the format of an export.

    Raises:
        UnreadableFile: ``unrecognised_format`` if no format fits, or several formats fit.
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
    """Return the records that each format claims. Empty if no format claims a record."""
    claims = {format_: format_.claims(export) for format_ in formats}
    return claims if any(claims.values()) else {}


def unrecognised_format(**facts: object) -> UnreadableFile:
    """Return the error for a file without a supported format. Its fact ``looked_for`` lists the supported formats."""
    formats = (*_TEXT_FORMATS, *_JSON_FORMATS, *_FALLBACK_FORMATS)
    looked_for = list(dict.fromkeys(format_.name for format_ in formats))
    return UnreadableFile("unrecognised_format", looked_for=looked_for, **facts)
