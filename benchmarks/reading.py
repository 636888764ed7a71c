"""Messages read a second, by format: beside the least that any reader must do, and beside public parsers.

Every reading is a fresh process that has the file at hand; its start does not
count. Time is the processor's, and what is compared takes turns, so that what
else the machine does falls on all alike.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import chats
from benchmarks.chats import Line
from benchmarks.table import Table
from local.processes import say

PROJECT = Path(__file__).resolve().parent.parent
PEERS = PROJECT / ".local" / "peers" / "bin" / "python"
MESSAGES = 100_000
ROUNDS = 5
# Who takes longer than so many seconds reads once.
SLOW = 10
OF_THE_LIMIT = 0.2
OF_A_PARSER = 3
# A parser is one to beat when so many of the messages it returns have the right time and sender.
RIGHT = 0.99


@dataclass(frozen=True)
class Format:
    """A format, who writes it here, and the public parsers that read its app's exports."""

    name: str
    write: Callable[[Iterable[Line]], str]
    peers: tuple[str, ...] = ()
    file: str = "chat.txt"
    has_seconds: bool = False


def _from_json(app: str) -> tuple[str, ...]:
    """What chat-miner parses is had by its data frame alone; how long it takes without is shown as well."""
    return f"chat-miner {app}", f"chat-miner {app} without get_df"


READ_WHATSAPP = ("whatstk", "chat-miner whatsapp")
FORMATS = (
    Format("kakaotalk_android_ko", chats.android_ko, ("kakaotalk-msg-preprocessor",)),
    Format("kakaotalk_android_en", chats.android_en, ("kakaotalk-msg-preprocessor",)),
    Format("kakaotalk_ios_ko", chats.ios_ko, ("kakaotalkparse", "kakao-chat-parser")),
    Format("kakaotalk_windows_ko", chats.windows_ko, ("kakaotalk-msg-preprocessor", "kakaotalkparse")),
    Format("kakaotalk_csv", chats.kakao_csv, ("kakao-analyzer",), file="chat.csv", has_seconds=True),
    Format("whatsapp_android", chats.whatsapp_android, READ_WHATSAPP),
    Format("whatsapp_ios", chats.whatsapp_ios, READ_WHATSAPP, has_seconds=True),
    Format("line", chats.line_ja),
    Format("telegram", chats.telegram, _from_json("telegram"), file="result.json", has_seconds=True),
    Format("instagram", chats.instagram, _from_json("instagram"), file="message_1.json", has_seconds=True),
)


@dataclass
class Reading:
    """One way to read a file: its seconds, what it told last, and how many messages of that are right.

    ``placed`` have the right time and sender, ``right`` the right text too.
    """

    name: str
    command: Sequence[str | Path]
    taken: list[float] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)
    returned: int = 0
    placed: int = 0
    right: int = 0

    @property
    def speed(self) -> float:
        """Messages of the chat a second."""
        return MESSAGES / statistics.median(self.taken)

    @property
    def is_to_beat(self) -> bool:
        """Whether times and senders can be relied on."""
        return self.placed > RIGHT * self.returned

    @property
    def shown_right(self) -> str:
        """How many messages are right, and how many but for their text."""
        return f"{self.right:,}" + (f" ({self.placed:,} but for the text)" if self.placed > self.right else "")

    def read(self, path: Path) -> None:
        """Read once more, unless it failed before or is slow."""
        if "error" in self.told or (self.taken and self.taken[-1] > SLOW):
            return
        self.told = _told([*self.command, path])
        if "error" not in self.told:
            self.taken.append(self.told["seconds"])

    def compare(self, lines: list[Line], form: Format) -> None:
        """Count what it found, and what is right of that."""
        found = Counter((at, sender, text) for at, sender, text in self.told.pop("messages", []))
        wanted = Counter((_written(line, form), line.sender, line.text) for line in lines)
        self.returned, self.right = found.total(), (found & wanted).total()
        self.placed = (_without_texts(found) & _without_texts(wanted)).total()


def _told(command: Sequence[str | Path]) -> dict[str, Any]:
    """What a program prints in its last line, without the progress bars that one of them draws meanwhile."""
    environment = {**os.environ, "TQDM_DISABLE": "1"}
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=PROJECT, env=environment)
    except FileNotFoundError:
        return {"error": "not installed"}
    if done.returncode:
        return {"error": "fails: " + (done.stderr.splitlines() or [str(done.returncode)])[-1]}
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def _written(line: Line, form: Format) -> str:
    """A message's time, as far as the format writes it."""
    return (line.at if form.has_seconds else line.at.replace(second=0)).isoformat()


def _without_texts(messages: Counter[tuple[str, str, str]]) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for (at, sender, _), count in messages.items():
        counts[at, sender] += count
    return counts


def measure(table: Table) -> None:
    """Add the rows of every format."""
    lines = list(chats.chat(MESSAGES))
    with tempfile.TemporaryDirectory() as folder:
        for form in FORMATS:
            say(f"Reading {form.name}")
            path = Path(folder) / form.file
            path.write_bytes(form.write(lines).encode())
            _add(table, form, *_read(path, lines, form))


def _read(path: Path, lines: list[Line], form: Format) -> tuple[Reading, Reading, list[Reading]]:
    reader = (sys.executable, "-m", "benchmarks.read_probe")
    ours, limit = Reading("Love Q", (*reader, "love-q")), Reading("limit", (*reader, "limit"))
    peers = [Reading(name, (PEERS, "-I", PROJECT / "benchmarks" / "peers.py", name)) for name in form.peers]
    for _ in range(ROUNDS):
        for reading in (ours, limit, *peers):
            reading.read(path)
    for reading in (ours, *peers):
        reading.compare(lines, form)
    if limit.told.get("found") != MESSAGES or ours.told.get("format") != form.name:
        raise AssertionError(f"{form.name}: {limit.told} {ours.told}")
    return ours, limit, peers


def _add(table: Table, form: Format, ours: Reading, limit: Reading, peers: list[Reading]) -> None:
    speed = ours.speed
    table.add(
        f"read {form.name}",
        _a_second(speed),
        beside=f"limit {_a_second(limit.speed)}",
        ratio=f"{speed / limit.speed:.2f}",
        goal=f"≥ {OF_THE_LIMIT}",
        right=ours.shown_right,
    )
    to_beat = max((peer.speed for peer in peers if peer.is_to_beat), default=None)
    for peer in peers:
        name = f"… and {peer.name} {peer.told.get('version', '')}".rstrip()
        if "error" in peer.told:
            table.add(name, _a_second(speed), beside=peer.told["error"])
            continue
        table.add(
            name,
            _a_second(speed),
            beside=_a_second(peer.speed),
            ratio=f"{speed / peer.speed:.2f}",
            goal=f"≥ {OF_A_PARSER}" if peer.speed == to_beat else "",
            right=peer.shown_right,
        )


def _a_second(speed: float) -> str:
    return f"{speed:,.0f}/s"
