"""Decode the bytes of a file, and compose its text (NFC)."""

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
_BOM = "\ufeff"
# UTF-16 without a byte order mark is recognised by the first bytes: its ASCII characters (line ends, digits, spaces)
# have a zero byte on one side. At least one byte in 20 must be such a zero.
_UTF16_PROBE_SIZE = 4_096
_BYTES_PER_ZERO = 20
# Characters below this one take at most two bytes in UTF-8. Valid sequences of two bytes also occur by chance in CP949,
# but sequences of three bytes do not.
_FIRST_THREE_BYTE_CHARACTER = "\u0800"
_NON_BLANK_BYTE = re.compile(rb"[^\xef\xbb\xbf\xff\xfe \t\r\n\0]")

# Normalisation sorts the combining marks of one letter in quadratic time. Unicode's Stream-Safe Text Format (UAX 15)
# allows thirty marks. All combining marks are in these blocks, together with many other characters.
_MAX_MARKS = 30
_MARK_CLASS = (
    r"[\u0300-\u036f\u0483-\u10ff\u135d-\u135f\u1700-\u1dff\u20d0-\u20ff\u2cef-\u2dff"
    r"\u302a-\u302f\u3099\u309a\ua66f-\uabed\ufb1e\ufe20-\ufe2f\U00010000-\U0001ffff]"
)
# The first character is separate from the repetition: the engine skips to the next match of a leading character class.
MARK_RUN = re.compile(f"{_MARK_CLASS}{_MARK_CLASS}{{{_MAX_MARKS},}}")
_ONE_MARK = re.compile(_MARK_CLASS)


class DecodedText(NamedTuple):
    """A text and its encoding."""

    text: str
    encoding: str


def decode(content: bytes) -> DecodedText:
    """Decode a file without composing its text.

    Raises:
        UnreadableFile: ``empty_file``, or ``undecodable_text`` with the byte ``offset``.
    """
    if _NON_BLANK_BYTE.search(content) is None:
        raise UnreadableFile("empty_file")
    text, encoding = _decode_with_bom(content) or _decode_without_bom(content)
    # A text with a NUL is a binary file. Searching the bytes first is faster than searching the text.
    if b"\0" in content and "\0" in text:
        width = 2 if encoding.startswith("utf-16") else 1
        raise _undecodable(content.find(b"\0" * width))
    # In concatenated files, the later ones keep their byte order marks.
    if _BOM in text:
        text = text.replace("\n" + _BOM, "\n")
    return DecodedText(text, encoding)


def to_nfc(text: str) -> str:
    """Compose a text (NFC). Return it unchanged if a letter has more combining marks than any language uses."""
    if len(text) > _MAX_MARKS and _has_excess_marks(text):
        return text
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def is_nfc(text: str) -> bool:
    """Return whether a text is in NFC and no letter has more combining marks than any language uses."""
    return not _has_excess_marks(text) and unicodedata.is_normalized("NFC", text)


def _has_excess_marks(text: str) -> bool:
    """Return whether the text contains more than 30 combining marks in a row.

    Inspect every 31st character first: every run of 31 marks contains one of them.
    """
    step = _MAX_MARKS + 1
    return any(
        _is_excess(run[0])
        for mark in _ONE_MARK.finditer(text[::step])
        for run in MARK_RUN.finditer(text, max(0, (mark.start() - 1) * step), (mark.start() + 1) * step)
    )


def _is_excess(run: str) -> bool:
    marks = "".join("m" if unicodedata.combining(letter) else " " for letter in run)
    return "m" * (_MAX_MARKS + 1) in marks


def _decode_with_bom(content: bytes) -> DecodedText | None:
    bom, encoding = next(((bom, name) for bom, name in _BOMS if content.startswith(bom)), (b"", ""))
    if not bom:
        return None
    try:
        # A memory view skips the mark without a copy of the file.
        return DecodedText(str(memoryview(content)[len(bom) :], encoding), encoding)
    except UnicodeDecodeError as error:
        raise _undecodable(len(bom) + error.start) from error


def _decode_without_bom(content: bytes) -> DecodedText:
    encoding = _guess_encoding(content)
    try:
        return DecodedText(content.decode(encoding), encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise _undecodable(error.start) from error
        return _decode_cp949(content, error.start)


def _guess_encoding(content: bytes) -> str:
    head = content[:_UTF16_PROBE_SIZE]
    for encoding, zero_side in (("utf-16-le", 1), ("utf-16-be", 0)):
        zeros, other_zeros = head[zero_side::2].count(0), head[1 - zero_side :: 2].count(0)
        if zeros * _BYTES_PER_ZERO > len(head) > other_zeros * _BYTES_PER_ZERO:
            return encoding
    return "utf-8"


def _decode_cp949(content: bytes, utf8_error_at: int) -> DecodedText:
    """Decode a file that is not UTF-8 as CP949, unless it is damaged UTF-8.

    CP949 decodes almost anything. If the text before the error has characters of three bytes, the file is UTF-8.
    """
    undecodable = _undecodable(utf8_error_at)
    if max(content[:utf8_error_at].decode("utf-8"), default="") >= _FIRST_THREE_BYTE_CHARACTER:
        raise undecodable
    try:
        text = content.decode("cp949")
    except UnicodeDecodeError as error:
        raise undecodable from error
    if "\0" in text:
        raise undecodable
    return DecodedText(text, "cp949")


def _undecodable(offset: int) -> UnreadableFile:
    return UnreadableFile("undecodable_text", offset=offset)
