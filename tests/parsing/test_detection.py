"""A file is what most of it is; two exports in one are none."""

from datetime import datetime, timedelta
from itertools import permutations

import pytest

from chalicelib.errors import UnreadableFile
from tests.support.export_writers_text import WRITERS, SentMessage
from tests.support.exports import read

FIRST = datetime(2026, 3, 13, 9)  # noqa: DTZ001 (exports carry no zone)
CHAT = [
    SentMessage(FIRST + timedelta(minutes=number), "하늘" if number % 2 else "바다", f"안녕 {number}")
    for number in range(30)
]
APPS = ["kakaotalk_android_ko", "kakaotalk_windows_ko", "whatsapp_android", "whatsapp_ios", "line"]
WRITER_OF = {writer.format: writer for writer in reversed(WRITERS)}


@pytest.mark.parametrize(("first", "second"), list(permutations(APPS, 2)))
def test_half_of_one_export_and_half_of_another_are_none(first, second):
    halves = [WRITER_OF[name].write(CHAT, "\n").decode().removeprefix("\ufeff") for name in (first, second)]
    with pytest.raises(UnreadableFile) as refused:
        read("".join(halves))
    assert refused.value.code == "unrecognised_format"


@pytest.mark.parametrize("alike", [False, True], ids=["line ends of the app", "line ends made alike"])
@pytest.mark.parametrize(("app", "pasted"), list(permutations(APPS, 2)))
def test_some_lines_of_another_app_belong_to_the_message_they_were_pasted_into(app, pasted, alike):
    lines = WRITER_OF[pasted].write(CHAT[:3], "\n").decode().removeprefix("\ufeff").strip("\n")
    chat = [*CHAT[:7], SentMessage(CHAT[7].at, CHAT[7].sender, f"이거 봐\n{lines}"), *CHAT[8:]]
    found = read(WRITER_OF[app].write(chat, "\n" if alike else None))
    assert found.format == app
    assert [message.text for message in found.messages] == [said.text for said in chat]
