"""Hostile JSON and archives are read or refused in bounded time."""

from __future__ import annotations

from contextlib import suppress

import pytest

from chalicelib.errors import UnreadableFile
from tests.support.complexity import is_linear
from tests.support.export_writers_json import FIRST_S, encrypted, telegram, telegram_item, thread, thread_item, to_json
from tests.support.exports import read, zip_members

MARKS = "a" + "\u0301\u0323" * 1_000
# Files on which a careless parser takes more than linear time, by their size ``n``.
BAIT = {
    "escaped marks": lambda n: to_json(telegram([("바다", MARKS * (n // 2_000), FIRST_S)])),
    "marks as Latin-1": lambda n: to_json(thread([("바다", MARKS * (n // 2_000), FIRST_S)])),
    "marks in names": lambda n: to_json(encrypted([("바" + MARKS * (n // 2_000), "응", FIRST_S)])),
    "pieces": lambda n: to_json(telegram([telegram_item(1, text=["가", {"text": "나"}] * (n // 20))])),
    "nulls": lambda n: to_json(telegram([telegram_item(1, text="응")] * 300 + [None] * (n // 5))),
    "names": lambda n: to_json(thread([(f"사람{number}", "응", FIRST_S) for number in range(n // 100)])),
    "names in reactions": lambda n: to_json(thread([("바다", "바다님이 " * 450, FIRST_S)] * (n // 2_000))),
    "reactions": lambda n: to_json(thread([("바다", "Reacted " * 280, FIRST_S)] * (n // 2_000))),
    "photos": lambda n: to_json(thread([thread_item(photos=[{"uri": "a"}] * (n // 15))])),
    "files": lambda n: to_json(thread([thread_item(files=[{"uri": "a/b"}] * (n // 15))])),
    "wrong escapes": lambda n: '{"a": "' + r"\x41" * (n // 4) + '"}',
    "backslashes": lambda n: '{"a": "' + "\\" * n + r"\x0" + '"}',
    "digits": lambda n: '{"messages": [' + "9" * n + "]}",
    "members": lambda n: zip_members(*((f"{number}.txt", "a\n" * 200) for number in range(n // 2_000))),
    "marks in names of members": lambda n: zip_members(*((f"{k}{MARKS}.jpg", "") for k in range(n // 4_000))),
    "directory": lambda n: b"PK\x03\x04" + b"PK\x01\x02" * (n // 4),
}


@pytest.mark.parametrize("bait", BAIT.values(), ids=BAIT)
def test_reading_time_grows_linearly_with_the_size(bait):
    size = 40_000
    contents = {size: bait(size), 8 * size: bait(8 * size)}

    def read_or_refuse(size):
        with suppress(UnreadableFile):
            read(contents[size])

    assert is_linear(read_or_refuse, size)
