"""Bytes to text."""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import NamedTuple

from chalicelib.errors import UnreadableFile

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Where UTF-16 has no mark, its ASCII characters (line ends, digits, blanks) show which byte comes first.
_UTF16_PROBE_SIZE = 4_096
_BYTES_PER_ZERO = 20
# Text below is in at most two bytes of UTF-8, and such pairs occur in CP949 by chance; three do not.
_FIRST_THREE_BYTE_CHARACTER = "\u0800"
_BOM = "\ufeff"
_NON_BLANK_BYTE = re.compile(rb"[^\xef\xbb\xbf\xff\xfe \t\r\n\0]")


# Sorting the marks on one letter takes the square of their number; Unicode's Stream-Safe Text Format
# (UAX 15) allows thirty. All marks lie in these blocks, with much else.
_MAX_MARKS = 30
# The first of them apart: where a pattern begins with one letter of a class, the engine skips to the next such letter.
_MARK_CLASS = (
    r"[\u0300-\u036f\u0483-\u10ff\u135d-\u135f\u1700-\u1dff\u20d0-\u20ff\u2cef-\u2dff"
    r"\u302a-\u302f\u3099\u309a\ua66f-\uabed\ufb1e\ufe20-\ufe2f\U00010000-\U0001ffff]"
)
MARK_RUN = re.compile(f"{_MARK_CLASS}{_MARK_CLASS}{{{_MAX_MARKS},}}")
_ONE_MARK = re.compile(_MARK_CLASS)


class Decoded(NamedTuple):
    """A text and its encoding."""

    text: str
    encoding: str


def decode(content: bytes) -> Decoded:
    """The text in ``content``, as it is written: not composed.

    Raises:
        UnreadableFile: ``empty_file``, or ``undecodable_text`` with the byte ``offset``.
    """
    if _NON_BLANK_BYTE.search(content) is None:
        raise UnreadableFile("empty_file")
    mark, encoding = next(
        ((bom, name) for bom, name in _BOMS if content.startswith(bom)), (b"", _guess_encoding(content))
    )
    try:
        text = str(memoryview(content)[len(mark) :], encoding)
    except UnicodeDecodeError as error:
        undecodable = UnreadableFile("undecodable_text", offset=len(mark) + error.start)
        if mark or encoding != "utf-8":
            raise undecodable from error
        text, encoding = _decode_cp949(content, undecodable, error.start)
    # What is no text has one soon, and bytes are searched faster.
    if b"\0" in content and "\0" in text:
        width = 2 if encoding.startswith("utf-16") else 1
        raise UnreadableFile("undecodable_text", offset=content.find(b"\0" * width))
    # Files that were put together by hand keep the mark that the later ones began with.
    if _BOM in text:
        text = text.replace("\n" + _BOM, "\n")
    return Decoded(text, encoding)


def to_nfc(text: str) -> str:
    """The text in NFC, or as it is where a letter carries more marks than any language puts on one."""
    if len(text) > _MAX_MARKS and _has_mark_overflow(text):
        return text
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def is_nfc(text: str) -> bool:
    """Whether the text is in NFC, and no letter carries more marks than any language puts on one."""
    return not _has_mark_overflow(text) and unicodedata.is_normalized("NFC", text)


def _has_mark_overflow(text: str) -> bool:
    """Whether more marks than any language's follow each other. Every step of so many letters meets one of them."""
    step = _MAX_MARKS + 1
    return any(
        _is_mark_overflow(found[0])
        for met in _ONE_MARK.finditer(text[::step])
        for found in MARK_RUN.finditer(text, max(0, (met.start() - 1) * step), (met.start() + 1) * step)
    )


def _is_mark_overflow(text: str) -> bool:
    marks = "".join("m" if unicodedata.combining(letter) else " " for letter in text)
    return "m" * (_MAX_MARKS + 1) in marks


def _guess_encoding(content: bytes) -> str:
    head = content[:_UTF16_PROBE_SIZE]
    for encoding, first in (("utf-16-le", 1), ("utf-16-be", 0)):
        if head[first::2].count(0) * _BYTES_PER_ZERO > len(head) > head[1 - first :: 2].count(0) * _BYTES_PER_ZERO:
            return encoding
    return "utf-8"


def _decode_cp949(content: bytes, undecodable: UnreadableFile, broken_at: int) -> Decoded:
    """CP949 reads almost anything: what was UTF-8 of three bytes before it broke is damaged UTF-8 instead."""
    if max(content[:broken_at].decode("utf-8"), default="") >= _FIRST_THREE_BYTE_CHARACTER:
        raise undecodable
    try:
        text = content.decode("cp949")
    except UnicodeDecodeError as error:
        raise undecodable from error
    if "\0" in text:
        raise undecodable
    return Decoded(text, "cp949")
