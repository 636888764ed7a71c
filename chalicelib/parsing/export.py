"""A decoded file, and what every format is."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cached_property
from typing import Protocol

from chalicelib.domain import Chat
from chalicelib.parsing import json_object
from chalicelib.parsing.decoding import to_nfc
from chalicelib.parsing.json_object import JsonObject

# A format is told by records from the beginning and from all over the file.
_SAMPLE_HEAD_SIZE = 200
_SAMPLE_SIZE = 600
_JSON_OBJECT_START = re.compile(r"\s*\{")


@dataclass
class Export:
    """One file as text, and what several formats want to see of it.

    ``written`` is the file, decoded. ``zone`` is where its times are, where it
    does not say; ``now`` is when it is read, for texts that carry no date.
    """

    written: str
    zone: tzinfo
    now: datetime

    @cached_property
    def text(self) -> str:
        """The file's text, composed (NFC; NFKC would turn ㅋㅠ into 큐)."""
        return to_nfc(self.written)

    @cached_property
    def record_end(self) -> str:
        """What ends a record.

        Apps end a record with CRLF and write a line break inside a message as a
        bare LF. Where both occur, a record is what lies between two CRLFs. Where
        the line ends were made alike on the way, it is a line.
        """
        return next((end for end in ("\r\n", "\n") if end in self.text), "\r")

    @cached_property
    def records(self) -> list[str]:
        """The file's records, without their ends."""
        return _split(self.text, self.record_end)

    @cached_property
    def lines(self) -> list[str]:
        """The file's lines, without their ends."""
        if self.record_end == "\r\n":
            return _split(self.text.replace("\r\n", "\n"), "\n")
        return self.records

    @cached_property
    def sample(self) -> list[str]:
        """Records that stand for the file: its first ones, and some from all the rest."""
        return [self.text[start:end] for start, end in self.sampled]

    @cached_property
    def sampled(self) -> list[tuple[int, int]]:
        """Where the sampled records begin and end in the text."""
        spans: list[tuple[int, int]] = []
        start = 0
        while start < len(self.text) and len(spans) < _SAMPLE_HEAD_SIZE:
            spans.append(self._record_at(start))
            start = spans[-1][1] + len(self.record_end)
        step = max(0, len(self.text) - start) // (_SAMPLE_SIZE - _SAMPLE_HEAD_SIZE) + 1
        for place in range(start, len(self.text), step):
            start = self._end_of_record(max(place, spans[-1][1])) + len(self.record_end)
            if start < len(self.text):
                spans.append(self._record_at(start))
        return spans

    def _record_at(self, start: int) -> tuple[int, int]:
        return start, self._end_of_record(start)

    def _end_of_record(self, place: int) -> int:
        found = self.text.find(self.record_end, place)
        return len(self.text) if found < 0 else found

    @cached_property
    def document(self) -> JsonObject:
        """The file as a JSON object; one without fields when it is none."""
        return json_object.parse(self.written) if _JSON_OBJECT_START.match(self.written) else JsonObject({})


def _split(text: str, end: str) -> list[str]:
    parts = text.split(end)
    if not parts[-1]:
        parts.pop()  # what follows the last line end is no line
    return parts


class Format(Protocol):
    """One way in which an app exports a chat."""

    @property
    def name(self) -> str:
        """What the ``format`` of a file that was read by it says."""

    def claims(self, export: Export) -> AbstractSet[int]:
        """Which of the export's sampled records are a message or a mark of this format; empty when it is none."""

    def read(self, export: Export) -> Chat:
        """Read an export that this format claims.

        Raises:
            UnreadableFile: the export breaks off or breaks this format's rules.
            ValueError: a date does not exist.
        """
