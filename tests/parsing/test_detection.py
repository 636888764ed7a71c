"""The format of most records is the format of the file. Two exports in one file are refused."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations

import pytest

from tests.support.export_writers_text import WRITERS, SentMessage
from tests.support.exports import read, refusal, texts

FIRST = datetime(2026, 3, 13, 9)  # noqa: DTZ001 (exports carry no zone)
CHAT = [
    SentMessage(FIRST + timedelta(minutes=number), "하늘" if number % 2 else "바다", f"안녕 {number}")
    for number in range(30)
]
APPS = ["kakaotalk_android_ko", "kakaotalk_windows_ko", "whatsapp_android", "whatsapp_ios", "line"]
WRITER_BY_FORMAT = {writer.format: writer for writer in reversed(WRITERS)}


@pytest.mark.parametrize(("first", "second"), list(permutations(APPS, 2)))
def test_two_exports_in_one_file_are_refused(first, second):
    exports = [WRITER_BY_FORMAT[name].write(CHAT, "\n").decode().removeprefix("\ufeff") for name in (first, second)]
    assert refusal("".join(exports)).code == "unrecognised_format"


@pytest.mark.parametrize("unified", [False, True], ids=["the app's line ends", "unified line ends"])
@pytest.mark.parametrize(("app", "pasted"), list(permutations(APPS, 2)))
def test_pasted_lines_of_another_app_belong_to_their_message(app, pasted, unified):
    lines = WRITER_BY_FORMAT[pasted].write(CHAT[:3], "\n").decode().removeprefix("\ufeff").strip("\n")
    chat = [*CHAT[:7], SentMessage(CHAT[7].at, CHAT[7].sender, f"이거 봐\n{lines}"), *CHAT[8:]]
    result = read(WRITER_BY_FORMAT[app].write(chat, "\n" if unified else None))
    assert result.format == app
    assert texts(result) == [message.text for message in chat]
