"""The match of an export to its room, and the roles of the participants."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain import Room
from chalicelib.merging.match import apply_match, assign_roles, match_export
from tests.support.exports import FIRST, android, read

TEXTS = ("오늘 회의 길었다", "저녁은 먹었어?", "내일 거기 갈래?", "좋아 7시에 보자")
ROOM_NAMES = ("하늘", "바다")
EXPORT_NAMES = ("회원님", "하늘이")


def room(**names):
    return Room("room", "썸", created_at=FIRST, updated_at=FIRST, last_activity_at=FIRST, **names)


def chat(names, texts=TEXTS, minutes=0):
    lines = [(names[number % 2], text) for number, text in enumerate(texts)]
    return read(android(lines, times=[FIRST + timedelta(minutes=minutes + number) for number in range(len(lines))]))


def match(texts, minutes=0):
    stored = chat(ROOM_NAMES, texts).messages
    return match_export(room(), ROOM_NAMES, stored, chat(EXPORT_NAMES, texts, minutes))


@pytest.mark.parametrize(("texts", "matches"), [(TEXTS[:1], False), (TEXTS[:2], True)])
def test_two_equal_texts_at_the_same_minute_are_a_match(texts, matches):
    assert match(texts).names == (dict(zip(EXPORT_NAMES, ROOM_NAMES, strict=True)) if matches else {})


@pytest.mark.parametrize(
    ("count", "minutes", "matches"), [(2, 60, False), (3, 60, True), (3, -45, True), (3, 20, False)]
)
def test_three_equal_texts_that_are_shifted_by_quarters_of_an_hour_are_a_match(count, minutes, matches):
    shift = match(TEXTS[:count], minutes).shift
    assert shift == (timedelta(minutes=-minutes) if matches else timedelta())


def test_a_matched_chat_has_the_names_and_times_of_the_room():
    export = chat(EXPORT_NAMES, minutes=60)
    matched = apply_match(export, match(TEXTS, minutes=60))
    stored = chat(ROOM_NAMES).messages
    assert [(each.sender, each.text, each.sent_at.timestamp()) for each in matched.messages] == [
        (each.sender, each.text, each.sent_at.timestamp()) for each in stored
    ]
    assert len(matched.warnings) == len(export.warnings) + 2


@pytest.mark.parametrize(
    ("names", "stored", "my_name", "roles"),
    [
        (("하늘", "바다"), {}, "하늘", ("하늘", "바다")),
        (("하늘", "바다"), {"partner_name": "바다"}, None, ("하늘", "바다")),
        (("하늘", "바다"), {}, None, (None, None)),
        (("하늘", "바다", "구름"), {}, "하늘", ("하늘", None)),
        (("하늘", "바다", "구름"), {"partner_name": "구름"}, "하늘", ("하늘", "구름")),
        (("하늘",), {"partner_name": "바다"}, "하늘", ("하늘", "바다")),
    ],
)
def test_in_a_chat_of_two_one_name_determines_the_other(names, stored, my_name, roles):
    export = replace(chat(ROOM_NAMES), partner_name=None)
    assigned = assign_roles(room(**stored), export, names, my_name)
    assert (assigned.my_name, assigned.partner_name) == roles
