"""The text that a user types as context is read as dialogue, as the partner's messages or as a description."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.analysis import speech
from chalicelib.coaching import conversation
from chalicelib.domain import Kind, Role
from tests.coaching.chats import briefing_of


def read(context: str, *lines: str, **chat):
    return conversation.read_conversation(
        briefing_of({"lines": list(lines), "relationship": "썸", "context": context, **chat})
    )


def test_lines_with_a_speaker_are_dialogue():
    lines = read("나: 뭐해?\n상대: 누워 있어\n심심하다").lines
    assert [(line.role, line.text) for line in lines] == [
        (Role.ME, "뭐해?"),
        (Role.PARTNER, "누워 있어\n심심하다"),
    ]


def test_the_names_of_the_room_are_recognised():
    lines = read("하늘: 잘 자\n바다: 너도", "M 안녕", "P 응").lines
    assert [line.role for line in lines[2:]] == [Role.ME, Role.PARTNER]


def test_lines_pasted_from_kakaotalk_are_dialogue():
    lines = read(
        "[바다] [오후 3:12] 주말에 뭐해?\n2026년 11월 20일 오후 3:15, 하늘 : 아직 몰라", "M 안녕", "P 응"
    ).lines
    assert [line.text for line in lines[2:]] == ["주말에 뭐해?", "아직 몰라"]
    assert lines[-1].role is Role.ME


def test_an_unknown_name_stands_for_the_partner():
    assert read("민지: 오늘 뭐 먹었어?").burst[0].role is Role.PARTNER


def test_plain_text_is_a_message_of_the_partner():
    chat = read("오늘 뭐 먹었어? 7:30에 볼까")
    assert chat.burst[0].text == "오늘 뭐 먹었어? 7:30에 볼까"
    assert chat.description == ""


def test_text_about_the_partner_is_a_description():
    chat = read("소개팅 상대가 답장이 없어요. 어떻게 보내야 할까요?")
    assert chat.lines == ()
    assert chat.description


def test_the_quotes_of_a_description_are_messages():
    lines = read("제가 '주말에 볼래요?'라고 했더니 상대가 \"글쎄요\"라고 왔어요").lines
    assert [(line.role, line.text) for line in lines] == [(Role.ME, "주말에 볼래요?"), (Role.PARTNER, "글쎄요")]


def test_the_label_of_a_note_is_not_a_speaker():
    chat = read("상황: 어제 다퉜음\n상대: 미안해")
    assert chat.description == "어제 다퉜음"
    assert [line.text for line in chat.burst] == ["미안해"]


def test_the_word_for_a_photo_is_read_as_a_photo():
    assert read("상대: 사진").burst[0].kind is Kind.PHOTO


def test_other_people_of_a_group_are_not_answered():
    chat = read("", "P 나 배고파", "O 나도", "O 치킨 ㄱ")
    assert [line.text for line in chat.burst] == ["나 배고파"]


def test_the_texts_of_a_person_do_not_include_other_kinds_of_messages():
    chat = read("", "M 안녕", "P 응", "P [photo]", "P 뭐해")
    assert chat.texts_of(Role.PARTNER) == ["응", "뭐해"]


def test_a_stored_speech_takes_precedence_over_the_texts():
    stored = speech.analyse(["안녕하세요"])
    assert conversation.resolve_speech(stored, ["안녕"]) is stored
    assert conversation.resolve_speech(replace(stored, total_messages=0), ["안녕"]) == speech.analyse(["안녕"])
    assert conversation.resolve_speech(None, []) is None
