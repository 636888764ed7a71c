"""Masking: recall by kind of personal data, clean lines changed, third parties recognised, messages per second."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.chats import NAMES, chat
from benchmarks.table import Table
from chalicelib.masking.masker import Masker

MIN_RECALL, MAX_CHANGED_SHARE, MIN_MESSAGES_PER_SECOND = 0.99, 0.01, 20_000
_MESSAGES, _ROUNDS = 20_000, 5
# The participants of the room that the lines with personal data belong to. The room of the clean lines has none.
PARTICIPANTS = ("김지민🐰", "하늘", "바다", "Michael Kim")
_DATA = Path(__file__).parent.parent / "tests" / "masking" / "data"
_MARKED = re.compile("«(.*?)»")


class Line(NamedTuple):
    """A chat line, the kind of personal data in it, and the words to mask."""

    kind: str
    text: str
    secrets: tuple[str, ...]


class Share(NamedTuple):
    """A number of cases and the number of all cases."""

    hits: int
    total: int

    @property
    def value(self) -> float:
        """Return the share, 0.0 to 1.0."""
        return self.hits / self.total


def measure(table: Table) -> None:
    """Add all rows."""
    lines = list(personal_lines())
    for kind in dict.fromkeys(line.kind for line in lines):
        _add(table, f"masked: {kind}", recall([line for line in lines if line.kind == kind]), f"≥ {MIN_RECALL}")
    _add(table, "masked: all kinds", recall(lines), f"≥ {MIN_RECALL}")
    clean = list(clean_lines())
    _add(table, "clean lines changed", Share(len(changed_lines(clean)), len(clean)), f"≤ {MAX_CHANGED_SHARE}")
    _add(table, "names of third parties masked", recall(list(third_party_lines()), ()), "")
    table.add("mask one message", f"{1 / _seconds_per_message():,.0f}/s", goal=f"≥ {MIN_MESSAGES_PER_SECOND:,}/s")


def personal_lines() -> Iterator[Line]:
    """Yield lines with personal data of every kind that masking promises to find."""
    for line in _lines("personal.tsv"):
        kind, text = line.split("\t")
        yield _line(kind, text)


def third_party_lines() -> Iterator[Line]:
    """Yield lines that name people who are not in the room."""
    return (_line("third party", line) for line in _lines("third_parties.tsv"))


def clean_lines() -> Iterator[str]:
    """Yield lines without personal data."""
    return _lines("clean.txt")


def recall(lines: list[Line], participants: tuple[str, ...] = PARTICIPANTS) -> Share:
    """Return the share of the secrets that masking removes."""
    masked = [secret not in Masker("room", participants).mask(line.text) for line in lines for secret in line.secrets]
    return Share(sum(masked), len(masked))


def changed_lines(lines: list[str]) -> list[str]:
    """Return the lines that masking changes in a room without participants."""
    return [line for line in lines if Masker("room", ()).mask(line) != line]


def _line(kind: str, marked: str) -> Line:
    return Line(kind, _MARKED.sub(r"\1", marked), tuple(_MARKED.findall(marked)))


def _lines(name: str) -> Iterator[str]:
    lines = (_DATA / name).read_text(encoding="utf-8").splitlines()
    return (line for line in lines if line and not line.startswith("# "))


def _add(table: Table, label: str, share: Share, goal: str) -> None:
    table.add(label, ratio=f"{share.value:.4f}", goal=goal, correct=f"{share.hits:,}/{share.total:,}")


def _seconds_per_message() -> float:
    """Return the median processor time of several rounds, per message."""
    texts = [line.text for line in chat(_MESSAGES)]
    masker = Masker("room", NAMES)
    seconds = []
    for _ in range(_ROUNDS):
        started_at = time.process_time()
        for text in texts:
            masker.mask(text)
        seconds.append(time.process_time() - started_at)
    return statistics.median(seconds) / len(texts)
