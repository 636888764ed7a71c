"""A dialogue without dates and times, as people type or paste one: ``나: …``, ``상대: …``.

Much else is labels and colons: settings, logs, recipes, lists of questions and
answers. So this is a format only where nothing else is one, and a strict one.
Questions with their answers (``Q:``, ``A:``) are no chat: who asks and who
answers there is nobody the user talks with. Neither are the choices of a
question: three letters or more, each with one line.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from chalicelib.domain import Chat, LineReport, Message
from chalicelib.parsing.export import Export
from chalicelib.parsing.kakaotalk import VOCABULARY

LABELS = Path(__file__).parent / "labels.json"
# Nobody pastes more by hand.
MAX_CHARACTERS = 1_000_000
_MIN_LINES = 2
_MIN_SPEAKERS, _MAX_SPEAKERS = 2, 10
# Of the lines that are not blank, so many have a label.
_MIN_LABELLED_SHARE = 0.6
# Of the labelled lines, so many say something in words: tables of numbers do not.
_MIN_WORDED_SHARE = 0.5
_MIN_LINES_PER_SPEAKER = 2

# No time, address, path or operator has its colon so.
_LABELLED_LINE = re.compile(
    r"(?P<label>[^\s:：][^:：\n]{0,19}?)[ \t]{0,2}(?:(?<!\d):(?![/\\:=])|:(?![\d/\\:=])|：)[ \t]*(?P<text>[^\n]*)"
)
_INVALID_LABEL = re.compile(r"""[.,;!?…"'“”‘’()\[\]{}<>=/\\|@#$%^&*+~`\t-]""")

_UNTIMED_WARNING = "날짜와 시간이 없는 대화예요. 언제 보냈는지 알 수 없어서 답장 시간은 말하지 않아요."


@dataclass(frozen=True)
class _Words:
    me: frozenset[str]
    partner: frozenset[str]
    others: frozenset[str]
    no_names: frozenset[str]

    def know(self, label: str) -> bool:
        return any(label.casefold() in words for words in (self.me, self.partner, self.others))


@cache
def _words() -> _Words:
    words = json.loads(LABELS.read_text(encoding="utf-8"))
    return _Words(**{name: frozenset(labels) for name, labels in words.items()})


class PastedDialogue:
    """``label: text``; a line without a label continues the one before. It is a ``Format``."""

    name = "pasted_dialogue"

    def claims(self, export: Export) -> set[int]:
        """The sampled records with a label; none where the whole is no dialogue."""
        if len(export.text) > MAX_CHARACTERS or not _is_dialogue(export.lines):
            return set()
        return {place for place, record in enumerate(export.sample) if _parse_line(record)}

    def read(self, export: Export) -> Chat:
        """The dialogue as if all of it had been said when it is read."""
        now = export.now.astimezone(export.zone)
        said, blank = _split_turns(export.lines)
        messages = [_to_message(now, label, lines) for label, lines in said]
        return Chat(
            format=self.name,
            messages=messages,
            report=LineReport(
                lines=len(export.lines),
                messages=len(messages),
                continuations=sum(len(lines) - 1 for _, lines in said),
                system=0,
                headers=0,
                blank=blank,
                unrecognised=0,
            ),
            partner_name=_first_sender(messages, _words().partner),
            my_name=_first_sender(messages, _words().me),
            warnings=[_UNTIMED_WARNING],
            timed=False,
        )


def _split_turns(lines: list[str]) -> tuple[list[tuple[str, list[str]]], int]:
    """Who said which lines, and how many blank lines there are between."""
    said: list[tuple[str, list[str]]] = []
    blank: list[str] = []
    blanks = 0
    for line in lines:
        if labelled := _parse_line(line):
            blanks += len(blank)
            said.append((labelled[0], [labelled[1]]))
        elif not line.strip():
            blank.append(line)
            continue
        else:
            said[-1][1].extend((*blank, line))
        blank = []
    return said, blanks + len(blank)


def _parse_line(line: str) -> tuple[str, str] | None:
    """The label and the text of a line that has a label."""
    found = _LABELLED_LINE.match(line)
    if found is None or _INVALID_LABEL.search(found["label"]) or not any(map(str.isalpha, found["label"])):
        return None
    return found["label"], found["text"].rstrip()


def _is_dialogue(lines: list[str]) -> bool:
    written = [line for line in lines if line.strip()]
    said = [_parse_line(line) for line in written]
    texts = [labelled for labelled in said if labelled is not None]
    worded = sum(any(map(str.isalpha, text)) for _, text in texts)
    return (
        said[:1] != [None]
        and len(texts) >= max(_MIN_LINES, _MIN_LABELLED_SHARE * len(written))
        and worded >= _MIN_WORDED_SHARE * len(texts)
        and _are_speakers(Counter(label for label, _ in texts))
    )


def _are_speakers(labels: Counter[str]) -> bool:
    if not _MIN_SPEAKERS <= len(labels) <= _MAX_SPEAKERS:
        return False
    if any(label.casefold() in _words().no_names for label in labels):
        return False
    if min(labels.values()) >= _MIN_LINES_PER_SPEAKER:
        return True
    choices = len(labels) > _MIN_SPEAKERS and all(len(label) == 1 and label.isascii() for label in labels)
    return not choices and all(map(_words().know, labels))


def _to_message(sent_at: datetime, label: str, lines: list[str]) -> Message:
    # A label may stand on a line of its own.
    text = "\n".join(lines).lstrip("\n")
    kind, count = VOCABULARY.kind_of(text)
    return Message(sent_at, label, kind, text, count)


def _first_sender(messages: list[Message], names: frozenset[str]) -> str | None:
    return next((m.sender for m in messages if m.sender is not None and m.sender.casefold() in names), None)


FORMATS = (PastedDialogue(),)
