"""Which format an export is in, told from its content alone."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from chalicelib.errors import UnreadableFile
from chalicelib.parsing import dialogue, kakaotalk, kakaotalk_csv, line_messenger, meta, telegram, whatsapp
from chalicelib.parsing.export import Export, Format

# One line for each source; of formats that claim alike the first is taken.
TEXTS: tuple[Format, ...] = (*kakaotalk.FORMATS, *kakaotalk_csv.FORMATS, *whatsapp.FORMATS, *line_messenger.FORMATS)
DOCUMENTS: tuple[Format, ...] = (*meta.FORMATS, *telegram.FORMATS)
FALLBACKS: tuple[Format, ...] = (*dialogue.FORMATS,)
# Each is only asked where none before it claims anything; what is JSON as a whole is no text.
ASKED = (DOCUMENTS, TEXTS, FALLBACKS)
# What is less sure is two exports in one, or none.
SURE = 0.8


@dataclass(frozen=True)
class Detected:
    """A format, and how much of what looks like a message in the export is one of this format: 0 to 1."""

    format: Format
    confidence: float


def detect(export: Export) -> Detected:
    """The format of an export.

    Raises:
        UnreadableFile: it has none of them, or several; ``looked_for`` names them.
    """
    claims = next(filter(None, (_claims(formats, export) for formats in ASKED)), None)
    if claims is None:
        raise unrecognised()
    best = max(claims, key=lambda format_: len(claims[format_]))
    claimed = claims[best]
    foreign: set[int] = set().union(*claims.values()) - claimed
    if len(claimed) < SURE * (len(claimed) + len(foreign)):
        raise unrecognised()
    return Detected(best, len(claimed) / (len(claimed) + len(foreign)))


def _claims(formats: tuple[Format, ...], export: Export) -> dict[Format, AbstractSet[int]]:
    claims = {format_: format_.claims(export) for format_ in formats}
    return claims if any(claims.values()) else {}


def unrecognised(**facts: object) -> UnreadableFile:
    """The error of a file that is in no format, or breaks off in one."""
    looked_for = list(dict.fromkeys(format_.name for format_ in (*TEXTS, *DOCUMENTS, *FALLBACKS)))
    return UnreadableFile("unrecognised_format", looked_for=looked_for, **facts)
