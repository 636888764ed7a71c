"""Read a chat in a fresh process: ``python -m benchmarks.read_probe love-q|limit FILE`` prints the CPU seconds as JSON.

CPU time is enough, because reading waits for nothing. ``love-q`` also prints the messages. ``limit`` does the minimum
work of any reader: ``csv.reader`` for CSV, ``json.loads`` for JSON, and for text one expression that matches the
beginning of each record in the formats of all apps.
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

# Later than the last message of every generated chat.
_NOW = datetime(2026, 11, 20, tzinfo=UTC)

_KO_TIME = r"(?:(?:오전|오후) )?\d{1,2}:\d{2}"
_EN_TIME = r"\d{1,2}:\d{2}(?:[ \u202f\u00a0]?[AaPp]\.?[Mm]\.?)?"
_DATE = r"\d{1,4}[./-] ?\d{1,2}[./-] ?\d{1,4}\.?"
# The time and the sender, with which every reader of text has to begin.
_RECORD_START = re.compile(
    "|".join(
        (
            rf"(\d{{4}}년 \d{{1,2}}월 \d{{1,2}}일 {_KO_TIME}), (.+?) : ",
            rf"([A-Z][a-z]+ \d{{1,2}}, \d{{4}}(?:,| at) {_EN_TIME}), (.+?) : ",
            rf"(\d{{4}}\. ?\d{{1,2}}\. ?\d{{1,2}}\. {_KO_TIME}), (.+?) : ",
            rf"\[(.+?)\] \[({_KO_TIME}|{_EN_TIME})\] ",
            rf"({_DATE}, {_EN_TIME}) - (.+?): ",
            rf"\[({_DATE}, \d{{1,2}}:\d{{2}}:\d{{2}}(?:[ \u202f][AP]M)?)\] (.+?): ",
            r"((?:[午前後]{2})?\d{1,2}:\d{2})\t([^\t\n]+)\t",
        )
    )
)


def read_with_love_q(path: Path) -> dict[str, Any]:
    """Return the messages and the seconds of Love Q, without reading the file from disk."""
    from chalicelib import parsing  # noqa: PLC0415 (the limit does not load it)

    content = path.read_bytes()
    start = time.process_time()
    chat = parsing.read(content, SEOUL, _NOW)
    seconds = time.process_time() - start
    messages = [[m.sent_at.replace(tzinfo=None).isoformat(), m.sender, m.text] for m in chat.messages]
    return {"seconds": seconds, "messages": messages, "format": chat.format}


def read_at_limit(path: Path) -> dict[str, Any]:
    """Return the seconds of the minimum work, without decoding the file or splitting it into records."""
    text = path.read_bytes().decode("utf-8-sig")
    if path.suffix == ".json":
        start = time.process_time()
        count = len(json.loads(text)["messages"])
    elif path.suffix == ".csv":
        start = time.process_time()
        count = sum(1 for _ in csv.reader(io.StringIO(text, newline=""))) - 1
    else:
        records, match = text.split("\r\n" if "\r\n" in text else "\n"), _RECORD_START.match
        start = time.process_time()
        count = sum(1 for record in records if match(record))
    return {"seconds": time.process_time() - start, "count": count}


if __name__ == "__main__":
    print(json.dumps({"love-q": read_with_love_q, "limit": read_at_limit}[sys.argv[1]](Path(sys.argv[2]))))
