"""Regular expressions do not take quadratic time on lines of one megabyte that repeat a part of a match."""

from __future__ import annotations

from contextlib import suppress

import pytest

from chalicelib.errors import UnreadableFile
from tests.support.exports import read

SIZE = 1_000_000
# In seconds, on a slow machine. Quadratic time would be hours.
MAX_SECONDS = 60
# The records before the bait. They determine which expressions see it.
BEGINNINGS = {
    "nothing": "",
    "an Android name": "5/14/23, 9:01 PM - 하늘: 안녕\n5/14/23, 9:02 PM - ",
    "an Android message": "5/14/23, 9:01 PM - 하늘: 안녕\n5/14/23, 9:02 PM - 하늘: ",
    "a text of WhatsApp on iOS": "[14/05/2023, 21:01:22] 하늘: 안녕\n[14/05/2023, 21:01:23] 하늘: \u200e",
    "a name of LINE": "2025/04/18(金)\n09:00\t花子\tはい\n09:01\t",
    "a message of LINE": "2025/04/18(金)\n09:00\t花子\tはい\n09:01\t花子\t",
    "a message of LINE on a PC": "2025.04.18 Friday\n09:00 하늘 응\n09:01 하늘 왜\n09:02 ",
    "a label": "나: 응\n상대: 그래\n나: ",
}
# Parts of matches, to be repeated.
BAIT = [
    *("[", "1/1/23, ", "1", " ", " - ", "\t", '"', "“", ": ", ":", "："),
    *("<", "\u200e", "\u200e<", "~\u202f", "a.b ", "(file attached)", "<attached: ", "1 hr ", "POLL: "),
    *(
        "09:00\t",
        '09:00\ta\t"',
        "Fri, ",
        "님과의 대화",
        "とのトーク",
        "☎ ",
        "오후 ",
        "나:",
        "2023. 5. 4. ",
        "created group “",
    ),
]


@pytest.mark.timeout(MAX_SECONDS)
@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS)
@pytest.mark.parametrize("bait", BAIT)
def test_a_line_of_bait_is_read_or_refused(beginning, bait):
    with suppress(UnreadableFile):
        read(beginning + bait * (SIZE // len(bait)) + "\n")


LINES = [
    '09:00\ta\t"x\n',
    '09:00\ta\t"\n',
    '"\n',
    '09:00\ta\t"\nx\n',
    "x\n",
    "\n",
    "나: 응\n응\n",
    "31/12/23, 9:01 - a: b\n",
]


@pytest.mark.timeout(MAX_SECONDS)
@pytest.mark.parametrize(
    "beginning", ["5/14/23, 9:01 PM - 하늘: 안녕\n", '2025/04/18(金)\n09:00\ta\t"', "나: 응\n상대: 자\n"]
)
@pytest.mark.parametrize("line", LINES)
def test_many_lines_of_bait_are_read_or_refused(beginning, line):
    with suppress(UnreadableFile):
        read(beginning + line * (SIZE // 8 // len(line)))


@pytest.mark.timeout(MAX_SECONDS)
def test_a_name_with_many_separators_is_read():
    line = "14/05/2023, 21:01 - " + "a: " * (SIZE // 12) + "\n"
    assert len({message.sender for message in read(line * 3).messages}) == 1
