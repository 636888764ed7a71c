"""A decoded file, and the interface of all formats."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cached_property
from typing import NamedTuple, Protocol

from chalicelib.domain import Chat
from chalicelib.parsing import json_object
from chalicelib.parsing.decoding import to_nfc
from chalicelib.parsing.json_object import JsonObject

# A format is recognised by a sample of records: the first ones, and others spread over the rest of the file.
_SAMPLE_HEAD_SIZE = 200
_SAMPLE_SIZE = 600
_JSON_OBJECT_START = re.compile(r"\s*\{")


class Span(NamedTuple):
    """The offsets at which a part of a text begins and ends."""

    start: int
    end: int


@dataclass
class Export:
    """One file as text, with the views of it that several formats use.

    ``raw_text`` is the decoded file. ``zone`` is the time zone of times that are written without one. ``now`` is the
    time of the import, for texts without dates.
    """

    raw_text: str
    zone: tzinfo
    now: datetime

    @cached_property
    def text(self) -> str:
        """The file's text in NFC. NFKC would turn ㅋㅠ into 큐."""
        return to_nfc(self.raw_text)

    @cached_property
    def record_end(self) -> str:
        """The line end that ends a record.

        Apps end a record with CRLF and write a line break inside a message as a bare LF. If both occur, a record is
        the text between two CRLFs. If a program unified the line ends, a record is a line.
        """
        return next((end for end in ("\r\n", "\n") if end in self.text), "\r")

    @cached_property
    def lines(self) -> list[str]:
        """The file's lines, without their ends."""
        if self.record_end == "\r\n":
            return _split(self.text.replace("\r\n", "\n"), "\n")
        return _split(self.text, self.record_end)

    @cached_property
    def sample(self) -> list[str]:
        """Records that represent the file: the first ones, and others spread over the rest."""
        return [self.text[start:end] for start, end in self.sample_spans]

    @cached_property
    def sample_spans(self) -> list[Span]:
        """The spans of the sampled records in the text."""
        spans: list[Span] = []
        start = 0
        while start < len(self.text) and len(spans) < _SAMPLE_HEAD_SIZE:
            spans.append(self._record_at(start))
            start = spans[-1].end + len(self.record_end)
        step = max(0, len(self.text) - start) // (_SAMPLE_SIZE - _SAMPLE_HEAD_SIZE) + 1
        for offset in range(start, len(self.text), step):
            start = self._end_of_record(max(offset, spans[-1].end)) + len(self.record_end)
            if start < len(self.text):
                spans.append(self._record_at(start))
        return spans

    def _record_at(self, start: int) -> Span:
        return Span(start, self._end_of_record(start))

    def _end_of_record(self, offset: int) -> int:
        end = self.text.find(self.record_end, offset)
        return len(self.text) if end < 0 else end

    @cached_property
    def json_root(self) -> JsonObject:
        """The JSON object in the file. It has no fields if the file is not a JSON object."""
        return json_object.parse(self.raw_text) if _JSON_OBJECT_START.match(self.raw_text) else JsonObject({})


def _split(text: str, end: str) -> list[str]:
    parts = text.split(end)
    if not parts[-1]:
        parts.pop()  # nothing follows the last line end
    return parts


class Format(Protocol):
    """A form in which an app exports a chat."""

    @property
    def name(self) -> str:
        """The value of ``Chat.format``."""

    def claims(self, export: Export) -> AbstractSet[int]:
        """Return the indexes of the sampled records that this format recognises. Empty if the format does not fit."""

    def read(self, export: Export) -> Chat:
        """Read an export that this format claims.

        Raises:
            UnreadableFile: The export is cut off or violates the format.
            ValueError: A date does not exist.
        """
