"""Reads a chat in a fresh process: ``python -m benchmarks.read_probe love-q|limit FILE`` prints the seconds it took.

They are the processor's: reading waits for nothing. ``love-q`` also prints what
it found. ``limit`` does the least that any reader must: CSV goes through
``csv.reader``, JSON through ``json.loads``, and of a text one expression for all
apps matches each record's header.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.chats import SEOUL

# After the last message of any chat made up here.
NOW = datetime(2026, 11, 20, tzinfo=UTC)

KO_TIME = r"(?:(?:오전|오후) )?\d{1,2}:\d{2}"
EN_TIME = r"\d{1,2}:\d{2}(?:[ \u202f\u00a0]?[AaPp]\.?[Mm]\.?)?"
NUMBERS = r"\d{1,4}[./-] ?\d{1,2}[./-] ?\d{1,4}\.?"
# When it was sent and by whom: with this every reader of texts begins.
HEADER = re.compile(
    "|".join(
        (
            rf"(\d{{4}}년 \d{{1,2}}월 \d{{1,2}}일 {KO_TIME}), (.+?) : ",
            rf"([A-Z][a-z]+ \d{{1,2}}, \d{{4}}(?:,| at) {EN_TIME}), (.+?) : ",
            rf"(\d{{4}}\. ?\d{{1,2}}\. ?\d{{1,2}}\. {KO_TIME}), (.+?) : ",
            rf"\[(.+?)\] \[({KO_TIME}|{EN_TIME})\] ",
            rf"({NUMBERS}, {EN_TIME}) - (.+?): ",
            rf"\[({NUMBERS}, \d{{1,2}}:\d{{2}}:\d{{2}}(?:[ \u202f][AP]M)?)\] (.+?): ",
            r"((?:[午前後]{2})?\d{1,2}:\d{2})\t([^\t\n]+)\t",
        )
    )
)


def love_q(path: Path) -> dict[str, Any]:
    """What Love Q finds in a file whose bytes are at hand."""
    from chalicelib import parsing  # noqa: PLC0415 (the limit needs nothing of it)

    content = path.read_bytes()
    started = time.process_time()
    chat = parsing.read(content, SEOUL, NOW)
    seconds = time.process_time() - started
    messages = [[m.sent_at.replace(tzinfo=None).isoformat(), m.sender, m.text] for m in chat.messages]
    return {"seconds": seconds, "messages": messages, "format": chat.format}


def limit(path: Path) -> dict[str, Any]:
    """The seconds that the least takes, with the file decoded and its records split beforehand."""
    text = path.read_bytes().decode("utf-8-sig")
    if path.suffix == ".json":
        started = time.process_time()
        found = len(json.loads(text)["messages"])
    elif path.suffix == ".csv":
        started = time.process_time()
        found = sum(1 for _ in csv.reader(io.StringIO(text, newline=""))) - 1
    else:
        records, match = text.split("\r\n" if "\r\n" in text else "\n"), HEADER.match
        started = time.process_time()
        found = sum(1 for record in records if match(record))
    return {"seconds": time.process_time() - started, "found": found}


if __name__ == "__main__":
    print(json.dumps({"love-q": love_q, "limit": limit}[sys.argv[1]](Path(sys.argv[2]))))
