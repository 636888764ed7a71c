"""Texts of JSON exports can be stored."""

from __future__ import annotations

from tests.support.export_writers_json import FIRST_S, telegram, to_json
from tests.support.exports import read


def test_characters_that_postgresql_cannot_store_are_replaced():
    chat = read(
        to_json(telegram([("바\0다", "가\0나\ud800다\udc00", FIRST_S), ("하늘", "😀\u1112\u1161\u11ab", FIRST_S)]))
    )
    assert [(message.sender, message.text) for message in chat.messages] == [
        ("바\ufffd다", "가\ufffd나\ufffd다\ufffd"),
        ("하늘", "😀한"),
    ]
