"""Messages read per second by format, beside the minimum work of any reader and beside public parsers.

Every run is a fresh process that has the file in memory; its start does not count. Times are CPU times. The readers
that are compared alternate, so that other load on the machine affects all of them alike.
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

_PROJECT = Path(__file__).resolve().parent.parent
_PEER_PYTHON = _PROJECT / ".local" / "peers" / "bin" / "python"
_MESSAGES = 100_000
_ROUNDS = 5
# A reader that takes longer runs only once.
_SLOW_SECONDS = 10
# The goals: a share of the limit's speed, and a multiple of the fastest reliable parser's.
_MIN_LIMIT_RATIO = 0.2
_MIN_PARSER_RATIO = 3
# A parser is reliable if this share of the messages that it returns have the right time and sender.
_MIN_RELIABLE_SHARE = 0.99


@dataclass(frozen=True)
class Format:
    """A format, the function that writes it, and the public parsers of its app's exports."""

    name: str
    write: Callable[[Iterable[Line]], str]
    peers: tuple[str, ...] = ()
    file: str = "chat.txt"
    has_seconds: bool = False


def _chat_miner(app: str) -> tuple[str, ...]:
    """Return chat-miner's reader with and without ``get_df``, which is the only access to the messages it parses."""
    return f"chat-miner {app}", f"chat-miner {app} without get_df"


_WHATSAPP_PEERS = ("whatstk", "chat-miner whatsapp")
_FORMATS = (
    Format("kakaotalk_android_ko", chats.android_ko, ("kakaotalk-msg-preprocessor",)),
    Format("kakaotalk_android_en", chats.android_en, ("kakaotalk-msg-preprocessor",)),
    Format("kakaotalk_ios_ko", chats.ios_ko, ("kakaotalkparse", "kakao-chat-parser")),
    Format("kakaotalk_windows_ko", chats.windows_ko, ("kakaotalk-msg-preprocessor", "kakaotalkparse")),
    Format("kakaotalk_csv", chats.kakao_csv, ("kakao-analyzer",), file="chat.csv", has_seconds=True),
    Format("whatsapp_android", chats.whatsapp_android, _WHATSAPP_PEERS),
    Format("whatsapp_ios", chats.whatsapp_ios, _WHATSAPP_PEERS, has_seconds=True),
    Format("line", chats.line_ja),
    Format("telegram", chats.telegram, _chat_miner("telegram"), file="result.json", has_seconds=True),
    Format("instagram", chats.instagram, _chat_miner("instagram"), file="message_1.json", has_seconds=True),
)


@dataclass
class Reader:
    """A program that reads a file: its seconds, its latest output, and how many of its messages are right.

    ``returned`` is the number of its messages, ``attributed`` of those with the right time and sender, and ``right``
    of those with the right text too.
    """

    name: str
    command: Sequence[str | Path]
    seconds: list[float] = field(default_factory=list)
    output: dict[str, Any] = field(default_factory=dict)
    returned: int = 0
    attributed: int = 0
    right: int = 0

    @property
    def speed(self) -> float:
        """Messages of the chat per second."""
        return _MESSAGES / statistics.median(self.seconds)

    @property
    def is_reliable(self) -> bool:
        """Return whether the times and senders are right."""
        return self.attributed > _MIN_RELIABLE_SHARE * self.returned

    @property
    def correct_cell(self) -> str:
        """The number of right messages, and of those that only have a wrong text."""
        if self.attributed > self.right:
            return f"{self.right:,} ({self.attributed:,} without the text)"
        return f"{self.right:,}"

    def run(self, path: Path) -> None:
        """Read the file once more, unless the program failed before or is slow."""
        if "error" in self.output or (self.seconds and self.seconds[-1] > _SLOW_SECONDS):
            return
        self.output = _run([*self.command, path])
        if "error" not in self.output:
            self.seconds.append(self.output["seconds"])

    def compare(self, lines: list[Line], form: Format) -> None:
        """Count the messages that it returned, and the right ones."""
        actual = Counter((at, sender, text) for at, sender, text in self.output.pop("messages", []))
        expected = Counter((_time_in_format(line, form), line.sender, line.text) for line in lines)
        self.returned, self.right = actual.total(), (actual & expected).total()
        self.attributed = (_without_texts(actual) & _without_texts(expected)).total()


def _run(command: Sequence[str | Path]) -> dict[str, Any]:
    """Run a program and return the JSON in its last line, or an ``error``."""
    environment = {**os.environ, "TQDM_DISABLE": "1"}  # one parser draws progress bars
    try:
        completed = subprocess.run(command, check=False, capture_output=True, text=True, cwd=_PROJECT, env=environment)
    except FileNotFoundError:
        return {"error": "not installed"}
    if completed.returncode:
        return {"error": "fails: " + (completed.stderr.splitlines() or [str(completed.returncode)])[-1]}
    output: dict[str, Any] = json.loads(completed.stdout.splitlines()[-1])
    return output


def _time_in_format(line: Line, form: Format) -> str:
    """Return a message's time as precisely as the format writes it."""
    return (line.at if form.has_seconds else line.at.replace(second=0)).isoformat()


def _without_texts(messages: Counter[tuple[str, str, str]]) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for (at, sender, _), count in messages.items():
        counts[at, sender] += count
    return counts


def measure(table: Table) -> None:
    """Add the rows of every format."""
    lines = list(chats.chat(_MESSAGES))
    with tempfile.TemporaryDirectory() as folder:
        for form in _FORMATS:
            say(f"Reading {form.name}")
            path = Path(folder) / form.file
            path.write_bytes(form.write(lines).encode())
            _add_rows(table, form, *_run_all(path, lines, form))


def _run_all(path: Path, lines: list[Line], form: Format) -> tuple[Reader, Reader, list[Reader]]:
    """Run Love Q, the limit and the public parsers in turns, and return them."""
    probe = (sys.executable, "-m", "benchmarks.read_probe")
    love_q, limit = Reader("Love Q", (*probe, "love-q")), Reader("limit", (*probe, "limit"))
    peers = [Reader(name, (_PEER_PYTHON, "-I", _PROJECT / "benchmarks" / "peers.py", name)) for name in form.peers]
    for _ in range(_ROUNDS):
        for reader in (love_q, limit, *peers):
            reader.run(path)
    for reader in (love_q, *peers):
        reader.compare(lines, form)
    if limit.output.get("count") != _MESSAGES or love_q.output.get("format") != form.name:
        raise AssertionError(f"{form.name}: {limit.output} {love_q.output}")
    return love_q, limit, peers


def _add_rows(table: Table, form: Format, love_q: Reader, limit: Reader, peers: list[Reader]) -> None:
    speed = love_q.speed
    table.add(
        f"read {form.name}",
        _per_second(speed),
        comparison=f"limit {_per_second(limit.speed)}",
        ratio=f"{speed / limit.speed:.2f}",
        goal=f"≥ {_MIN_LIMIT_RATIO}",
        correct=love_q.correct_cell,
    )
    fastest = max((peer.speed for peer in peers if peer.is_reliable), default=None)
    for peer in peers:
        name = f"… and {peer.name} {peer.output.get('version', '')}".rstrip()
        if "error" in peer.output:
            table.add(name, _per_second(speed), comparison=peer.output["error"])
            continue
        table.add(
            name,
            _per_second(speed),
            comparison=_per_second(peer.speed),
            ratio=f"{speed / peer.speed:.2f}",
            goal=f"≥ {_MIN_PARSER_RATIO}" if peer.speed == fastest else "",
            correct=peer.correct_cell,
        )


def _per_second(speed: float) -> str:
    return f"{speed:,.0f}/s"
