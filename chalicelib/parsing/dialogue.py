"""A dialogue without dates and times, as people type or paste one: ``나: …``, ``상대: …``.

Many other texts have labels and colons: settings, logs, recipes, questions with answers. Therefore this format is
strict, and is tried only if no other format fits. It rejects questions with answers (``Q:``, ``A:``), because neither
side is the user. It rejects the choices of a question: three or more one-letter labels, each on one line only.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from chalicelib import data_files
from chalicelib.data_files import Data
from chalicelib.domain import Chat, Kind, LineReport, Message
from chalicelib.parsing.export import Export
from chalicelib.parsing.kakaotalk import VOCABULARY

_LABELS_FILE = Path(__file__).parent / "labels.json"
# A longer text was not pasted by hand.
MAX_CHARACTERS = 1_000_000
_MIN_LINES = 2
_MIN_SPEAKERS, _MAX_SPEAKERS = 2, 10
# The minimum share of lines with a label among the lines that are not blank.
_MIN_LABELLED_SHARE = 0.6
# The minimum share of labelled lines whose text has letters. Tables of numbers have few.
_MIN_WORDED_SHARE = 0.5
# If a label occurs on fewer lines, every label must be in labels.json.
_MIN_LINES_PER_SPEAKER = 2

# Excludes the colons of times, addresses, paths and operators.
_LABELLED_LINE = re.compile(
    r"(?P<label>[^\s:：][^:：\n]{0,19}?)[ \t]{0,2}(?:(?<!\d):(?![/\\:=])|:(?![\d/\\:=])|：)[ \t]*(?P<text>[^\n]*)"
)
_NOT_IN_LABELS = re.compile(r"""[.,;!?…"'“”‘’()\[\]{}<>=/\\|@#$%^&*+~`\t-]""")

_UNTIMED_WARNING = "날짜와 시간이 없는 대화예요. 언제 보냈는지 알 수 없어서 답장 시간은 분석하지 않아요."


class _Labels(Data, frozen=True):
    """Case-folded labels: words for the user, the partner and other people, and words that are not names."""

    me: frozenset[str]
    partner: frozenset[str]
    others: frozenset[str]
    not_names: frozenset[str]

    def is_person(self, label: str) -> bool:
        """Return whether the label is a word for a person."""
        return any(label.casefold() in names for names in (self.me, self.partner, self.others))


@cache
def _labels() -> _Labels:
    return data_files.load(_LABELS_FILE, _Labels)


class _LabelledLine(NamedTuple):
    label: str
    text: str


@dataclass
class _Turn:
    """A labelled line and the lines that continue it."""

    label: str
    lines: list[str]


class _PastedDialogueFormat:
    """``label: text``. A line without a label continues the turn above it. Implements ``Format``."""

    name = "pasted_dialogue"

    def claims(self, export: Export) -> set[int]:
        """Claim the sampled records with a label if the whole text is a dialogue."""
        if len(export.text) > MAX_CHARACTERS or not _is_dialogue(export.lines):
            return set()
        return {index for index, record in enumerate(export.sample) if _parse_line(record)}

    def read(self, export: Export) -> Chat:
        """Read the dialogue. Every message gets the time of the import."""
        now = export.now.astimezone(export.zone)
        turns, blank = _split_turns(export.lines)
        messages = [_to_message(now, turn) for turn in turns]
        return Chat(
            format=self.name,
            messages=messages,
            report=LineReport(
                lines=len(export.lines),
                messages=len(messages),
                continuations=sum(len(turn.lines) - 1 for turn in turns),
                system=0,
                headers=0,
                blank=blank,
                unrecognised=0,
            ),
            partner_name=_first_sender(messages, _labels().partner),
            my_name=_first_sender(messages, _labels().me),
            warnings=[_UNTIMED_WARNING],
            timed=False,
        )


def _split_turns(lines: list[str]) -> tuple[list[_Turn], int]:
    """Return the turns, and the number of blank lines outside of them."""
    turns: list[_Turn] = []
    blank: list[str] = []
    blanks_outside = 0
    for line in lines:
        if not line.strip():
            blank.append(line)
            continue
        if parsed_line := _parse_line(line):
            blanks_outside += len(blank)
            turns.append(_Turn(parsed_line.label, [parsed_line.text]))
        else:
            turns[-1].lines.extend((*blank, line))
        blank = []
    return turns, blanks_outside + len(blank)


def _parse_line(line: str) -> _LabelledLine | None:
    match = _LABELLED_LINE.match(line)
    if match is None or _NOT_IN_LABELS.search(match["label"]) or not any(map(str.isalpha, match["label"])):
        return None
    return _LabelledLine(match["label"], match["text"].rstrip())


def _is_dialogue(lines: list[str]) -> bool:
    parsed_lines = [_parse_line(line) for line in lines if line.strip()]
    labelled_lines = [line for line in parsed_lines if line is not None]
    lines_with_words = sum(any(map(str.isalpha, line.text)) for line in labelled_lines)
    return (
        len(labelled_lines) >= max(_MIN_LINES, _MIN_LABELLED_SHARE * len(parsed_lines))
        and parsed_lines[0] is not None
        and lines_with_words >= _MIN_WORDED_SHARE * len(labelled_lines)
        and _are_speakers(Counter(line.label for line in labelled_lines))
    )


def _are_speakers(labels: Counter[str]) -> bool:
    if not _MIN_SPEAKERS <= len(labels) <= _MAX_SPEAKERS:
        return False
    if any(label.casefold() in _labels().not_names for label in labels):
        return False
    if min(labels.values()) >= _MIN_LINES_PER_SPEAKER:
        return True
    are_choices = len(labels) > _MIN_SPEAKERS and all(len(label) == 1 and label.isascii() for label in labels)
    return not are_choices and all(map(_labels().is_person, labels))


def _to_message(sent_at: datetime, turn: _Turn) -> Message:
    # If the label is on a line of its own, the first line of the text is empty.
    text = "\n".join(turn.lines).lstrip("\n")
    message = Message(sent_at, turn.label, Kind.TEXT, text)
    VOCABULARY.classify(message)
    return message


def _first_sender(messages: list[Message], names: frozenset[str]) -> str | None:
    return next((m.sender for m in messages if m.sender is not None and m.sender.casefold() in names), None)


FORMATS = (_PastedDialogueFormat(),)
