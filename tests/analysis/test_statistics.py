"""The figures of a room, each by its definition."""

from __future__ import annotations

import pytest

from chalicelib.analysis.statistics import room_statistics
from chalicelib.analysis.tally import SESSION_GAP_SECONDS
from chalicelib.domain import Kind, Message, Role
from tests.analysis.messages import MONDAY, counted, message

ROLES = {"하늘": Role.ME, "바다": Role.PARTNER}


def statistics(*messages):
    return room_statistics(counted(*messages), lambda name: ROLES.get(name, Role.OTHER))


def people(*messages):
    return {person.name: person for person in statistics(*messages).participants}


def test_a_room_without_messages_has_no_figures():
    empty = statistics()
    assert (empty.participants, empty.days_active, empty.sessions, empty.weekly) == ((), 0, 0, ())
    assert empty.first_message_at is empty.last_message_at is None


def test_participants_have_counts_shares_and_roles_the_most_active_first():
    me, partner = statistics(message(0, "하늘"), message(1, "바다", "안녕하세요"), message(2, "하늘")).participants
    assert (me.name, me.role, me.messages, me.characters, me.share) == ("하늘", Role.ME, 2, 2, 0.6667)
    assert (partner.role, partner.characters) == (Role.PARTNER, 5)


def test_a_reply_time_begins_at_the_end_of_the_others_run():
    person = people(message(0, "하늘"), message(5, "하늘"), message(7, "바다"))["바다"]
    assert person.reply_time.median == pytest.approx(120, rel=0.035)
    assert people(message(0, "하늘"))["하늘"].reply_time.median is None


def test_a_long_silence_begins_a_session_and_is_not_a_reply_time():
    gap = SESSION_GAP_SECONDS // 60 + 1
    figures = statistics(message(0, "하늘"), message(1, "바다"), message(1 + gap, "하늘"), message(2 + gap, "하늘"))
    me, partner = figures.participants
    assert figures.sessions == 2
    assert (me.initiations, partner.initiations) == (2, 0)
    assert (me.unanswered, partner.unanswered) == (0, 1)
    assert me.reply_time.median is None


def test_a_run_ends_when_the_other_writes():
    by_name = people(*(message(number, "하늘") for number in range(3)), message(3, "바다"), message(4, "하늘"))
    assert (by_name["하늘"].longest_run, by_name["바다"].longest_run) == (3, 1)


def test_photos_calls_deleted_and_text_messages_are_counted_by_kind():
    me = people(
        message(0, "하늘", "사진 3장", Kind.PHOTO, 3),
        message(1, "하늘", "사진", Kind.PHOTO),
        message(2, "하늘", "보이스톡 1:00", Kind.CALL, 60),
        message(3, "하늘", "삭제된 메시지입니다.", Kind.DELETED),
        message(4, "하늘", "뭐해? ㅋㅋ"),
        message(5, "하늘", "좋다 😊"),
    )["하늘"]
    assert (me.messages, me.photos, me.calls, me.deleted) == (6, 4, 1, 1)
    assert (me.questions, me.laughter, me.emoji) == (1, 1, 2)


def test_notices_belong_to_no_participant():
    figures = statistics(Message(MONDAY, None, Kind.SYSTEM, "바다님이 들어왔습니다."), message(1, "하늘"))
    assert [person.messages for person in figures.participants] == [1]
    assert sum(map(sum, figures.heatmap)) == 1


def test_active_days_streaks_nights_and_the_heatmap_follow_the_times():
    day = 24 * 60
    figures = statistics(
        message(0, "하늘"), message(day, "하늘"), message(3 * day, "하늘"), message(4 * day + 11 * 60, "하늘")
    )
    assert (figures.days_active, figures.streak) == (4, 2)
    assert [(weekday, row.index(1)) for weekday, row in enumerate(figures.heatmap) if any(row)] == [
        (0, 12),
        (1, 12),
        (3, 12),
        (4, 23),
    ]
    assert figures.participants[0].night_share == 0.25


def test_weeks_have_the_users_share_of_the_sessions_begun():
    figures = statistics(message(0, "하늘"), message(1, "바다"), message(7 * 24 * 60, "바다"))
    assert [(week.week, week.messages, week.initiation_share) for week in figures.weekly] == [
        ("2026-W10", 2, 1.0),
        ("2026-W11", 1, 0.0),
    ]
    without_user = room_statistics(counted(message(0, "하늘")), lambda _: Role.OTHER)
    assert without_user.weekly[0].initiation_share is None


def test_top_words_occur_three_times_and_are_not_names():
    lines = ["떡볶이 먹자", "떡볶이가 좋아", "떡볶이는 성수", "성수 갈래", "바다야 떡볶이", "바다는 바다가 바다"]
    words = people(*(message(number, "하늘", text) for number, text in enumerate(lines)), message(9, "바다"))[
        "하늘"
    ].top_words
    assert [(word.text, word.count) for word in words] == [("떡볶이", 4)]
