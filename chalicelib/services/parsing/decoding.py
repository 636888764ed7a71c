"""Bytes to text."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Iterator

from chalicelib.errors import UnreadableFile

BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def decodings(content: bytes) -> Iterator[tuple[str, str]]:
    """The texts that ``content`` may be, likeliest first, each with its encoding's name.

    CP949 reads almost anything, so it is tried only where UTF-8 breaks at the
    first byte that is not ASCII: text that was UTF-8 up to there is damaged
    UTF-8. Texts are NFC: NFKC would turn ㅋㅠ into 큐.
    """
    for bom, encoding in BOMS:
        if content.startswith(bom):
            yield from _decoded(content[len(bom) :], encoding)
            return
    yield from _decoded(content, "utf-8")
    if (broken_at := _first_undecodable(content)) is not None and content[:broken_at].isascii():
        yield from _decoded(content, "cp949")


def _decoded(content: bytes, encoding: str) -> Iterator[tuple[str, str]]:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return
    if "\0" not in text:
        yield unicodedata.normalize("NFC", text), encoding


def undecodable(content: bytes) -> UnreadableFile:
    """The error that says at which byte ``content`` stops being text."""
    broken_at = _first_undecodable(content)
    return UnreadableFile("undecodable_text", offset=max(content.find(b"\0"), 0) if broken_at is None else broken_at)


def _first_undecodable(content: bytes) -> int | None:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return None
