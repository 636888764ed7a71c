"""The user's voice, from their analysed speech or from their messages in the conversation."""

from __future__ import annotations

import pytest

from chalicelib.coaching import voice
from chalicelib.coaching.conversation import read_conversation
from chalicelib.coaching.reply_rules import RelationshipKind, ReplyLevel
from tests.coaching.chats import briefing_of


def voice_of(*lines: str, friendship_only: bool = False, **chat):
    briefing = briefing_of({"lines": list(lines), "relationship": "썸", **chat})
    return voice.infer(briefing, read_conversation(briefing), friendship_only=friendship_only)


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("laughing", ReplyLevel.BANMAL),
        ("calm", ReplyLevel.BANMAL),
        ("polite", ReplyLevel.HAEYO),
        ("formal", ReplyLevel.HAEYO),
    ],
)
def test_the_level_is_that_of_the_analysed_speech(name, level):
    assert voice_of("M 안녕", voice=name).level is level


def test_the_level_is_that_of_the_messages_without_an_analysed_speech():
    assert voice_of("M 나 집이야", "M 뭐해?").level is ReplyLevel.BANMAL
    assert voice_of("M 저는 집이에요", "M 뭐 하세요?").level is ReplyLevel.HAEYO


def test_an_unknown_user_writes_politely_and_every_message_fits():
    unknown = voice_of("P 안녕")
    assert (unknown.level, unknown.speech) == (ReplyLevel.HAEYO, None)
    assert unknown.fits("안녕!")


def test_laughter_follows_a_space_if_the_user_writes_one():
    assert voice_of("M 나 집이야 ㅋㅋ", "M 뭐해 ㅋㅋ").laughter == " ㅋㅋ"
    assert voice_of("M 나 집이야ㅋㅋ", "M 뭐해ㅋㅋ").laughter == "ㅋㅋ"


def test_a_user_who_rarely_laughs_gets_no_laughter():
    assert voice_of("M 안녕", voice="formal").laughter_share == 0.0
    assert voice_of("M 안녕", voice="laughing").laughter_share > 0.5


@pytest.mark.parametrize(
    ("line", "address"),
    [
        ("오빠는 뭐해?", "오빠"),
        ("누나! 어디야", "누나"),
        ("우리 오빠가 왔어", None),
        ("오빠랑 싸웠어", None),
        ("뭐해?", None),
    ],
)
def test_the_address_is_the_word_that_the_user_calls_the_partner(line, address):
    assert voice_of(f"M {line}").address == address


def test_the_group_follows_the_relationship_unless_somebody_is_a_minor():
    assert voice_of("M 안녕").relationship_kind is RelationshipKind.SSEOM
    assert voice_of("M 안녕", relationship="동료").relationship_kind is RelationshipKind.FRIEND
    assert voice_of("M 안녕", friendship_only=True).relationship_kind is RelationshipKind.MINOR
