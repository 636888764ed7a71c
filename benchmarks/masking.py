"""How masking does: recall by kind, clean lines touched, other people's names found, messages a second."""

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

RECALL, TOUCHED, A_SECOND = 0.99, 0.01, 20_000
MESSAGES, ROUNDS = 20_000, 5
# Who talks in the room that the personal lines are from; nobody the clean lines' room knows.
PARTICIPANTS = ("김지민🐰", "하늘", "바다", "Michael Kim")
_DATA = Path(__file__).parent.parent / "tests" / "masking" / "data"
_MARKED = re.compile("«(.*?)»")


class Line(NamedTuple):
    """A chat line, what kind of personal data it holds, and which words these are."""

    kind: str
    text: str
    secrets: tuple[str, ...]


class Found(NamedTuple):
    """How many were found, of how many."""

    found: int
    cases: int

    @property
    def share(self) -> float:
        """The share found."""
        return self.found / self.cases


def measure(table: Table) -> None:
    """Add all rows."""
    lines = list(personal_lines())
    for kind in dict.fromkeys(line.kind for line in lines):
        _add(table, f"masked, {kind}", recall([line for line in lines if line.kind == kind]), f"≥ {RECALL}")
    _add(table, "masked, of all kinds", recall(lines), f"≥ {RECALL}")
    clean = list(clean_lines())
    _add(table, "clean lines touched", Found(len(touched(clean)), len(clean)), f"≤ {TOUCHED}")
    _add(table, "other people's names", recall(list(people_lines()), ()), "")
    table.add("mask a message", f"{1 / _seconds_each():,.0f}/s", goal=f"≥ {A_SECOND:,}/s")


def personal_lines() -> Iterator[Line]:
    """Lines with personal data of the kinds that are promised."""
    for line in _lines("personal.tsv"):
        kind, text = line.split("\t")
        yield _line(kind, text)


def people_lines() -> Iterator[Line]:
    """Lines that name people who do not talk in the room."""
    return (_line("person", line) for line in _lines("people.tsv"))


def clean_lines() -> Iterator[str]:
    """Lines with nothing personal."""
    return _lines("clean.txt")


def recall(lines: list[Line], participants: tuple[str, ...] = PARTICIPANTS) -> Found:
    """How many of the secrets are not in the masked lines."""
    gone = [secret not in Masker("room", participants).mask(line.text) for line in lines for secret in line.secrets]
    return Found(sum(gone), len(gone))


def touched(lines: list[str]) -> list[str]:
    """The lines that masking changes, in a room of nobody."""
    return [line for line in lines if Masker("room", ()).mask(line) != line]


def _line(kind: str, marked: str) -> Line:
    return Line(kind, _MARKED.sub(r"\1", marked), tuple(_MARKED.findall(marked)))


def _lines(name: str) -> Iterator[str]:
    lines = (_DATA / name).read_text(encoding="utf-8").splitlines()
    return (line for line in lines if line and not line.startswith("# "))


def _add(table: Table, what: str, found: Found, goal: str) -> None:
    table.add(what, ratio=f"{found.share:.4f}", goal=goal, right=f"{found.found:,}/{found.cases:,}")


def _seconds_each() -> float:
    """The median of some rounds of the processor's time for a message."""
    texts = [line.text for line in chat(MESSAGES)]
    masker = Masker("room", NAMES)
    taken = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for text in texts:
            masker.mask(text)
        taken.append(time.process_time() - started)
    return statistics.median(taken) / len(texts)
