"""Non-standard JSON of Telegram and Python is read."""

from __future__ import annotations

import math

from chalicelib.domain import Kind
from tests.support.export_writers_json import FIRST_S, telegram, telegram_item, to_json
from tests.support.exports import read, texts


def test_telegrams_escapes_of_control_characters_are_read():
    export = to_json(telegram([("바다", "QUOTE", FIRST_S), ("바다", "C:\\xAB", FIRST_S)]), escaped=False)
    chat = read(export.replace("QUOTE", r"가\x0C나\\x0C\x00"))
    assert texts(chat) == ["가\x0c나\\x0C\ufffd", "C:\\xAB"]


def test_json_that_only_python_accepts_is_read():
    nowhere = telegram_item(1, location_information={"latitude": math.nan, "longitude": 127.1})
    (message,) = read(to_json(telegram([nowhere]))).messages
    assert message.kind is Kind.MAP
