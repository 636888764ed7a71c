"""A room's statistics: each definition, and counting on where the chat was left."""

import json
import random
from datetime import datetime, timedelta

import pytest

from chalicelib.analysis.statistics import SESSION_GAP_S, Tally, _mean_share
from chalicelib.domain import Kind, Message, Role
from tests.support.exports import SEOUL, android, read

MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=SEOUL)
ROLES = {"하늘": Role.ME, "바다": Role.PARTNER}


def message(minute, sender, text="응", kind=Kind.TEXT, count=1):
    return Message(MONDAY + timedelta(minutes=minute), sender, kind, text, count)


def counted(*messages):
    tally = Tally()
    tally.add(messages)
    return tally


def statistics(*messages):
    return counted(*messages).statistics(lambda name: ROLES.get(name, Role.OTHER))


def people(*messages):
    return {person.name: person for person in statistics(*messages).participants}


def test_nothing_is_nothing_and_divides_by_nothing():
    empty = statistics()
    assert (empty.participants, empty.days_active, empty.sessions, empty.weekly) == ((), 0, 0, ())
    assert empty.first_message_at is empty.last_message_at is None


def test_messages_shares_and_roles_the_most_talkative_first():
    me, partner = statistics(message(0, "하늘"), message(1, "바다", "안녕하세요"), message(2, "하늘")).participants
    assert (me.name, me.role, me.messages, me.characters, me.share) == ("하늘", Role.ME, 2, 2, 0.6667)
    assert (partner.role, partner.characters) == (Role.PARTNER, 5)


def test_a_reply_is_timed_from_the_end_of_the_others_run():
    person = people(message(0, "하늘"), message(5, "하늘"), message(7, "바다"))["바다"]
    assert person.reply_time.median == pytest.approx(120, rel=0.035)
    assert people(message(0, "하늘"))["하늘"].reply_time.median is None


def test_a_long_silence_begins_a_session_and_is_no_reply_time():
    gap = SESSION_GAP_S // 60 + 1
    found = statistics(message(0, "하늘"), message(1, "바다"), message(1 + gap, "하늘"), message(2 + gap, "하늘"))
    me, partner = found.participants
    assert found.sessions == 2
    assert (me.initiations, partner.initiations) == (2, 0)
    assert (me.unanswered, partner.unanswered) == (0, 1)
    assert me.reply_time.median is None


def test_runs_are_counted_until_the_other_speaks():
    found = people(*(message(number, "하늘") for number in range(3)), message(3, "바다"), message(4, "하늘"))
    assert (found["하늘"].longest_run, found["바다"].longest_run) == (3, 1)


def test_kinds_are_counted_as_what_they_are():
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


def test_notices_are_nobodys_messages():
    found = statistics(Message(MONDAY, None, Kind.SYSTEM, "바다님이 들어왔습니다."), message(1, "하늘"))
    assert [person.messages for person in found.participants] == [1]
    assert sum(map(sum, found.heatmap)) == 1


def test_days_streaks_nights_and_the_heatmap():
    day = 24 * 60
    found = statistics(
        message(0, "하늘"), message(day, "하늘"), message(3 * day, "하늘"), message(4 * day + 11 * 60, "하늘")
    )
    assert (found.days_active, found.streak) == (4, 2)
    assert [(weekday, row.index(1)) for weekday, row in enumerate(found.heatmap) if any(row)] == [
        (0, 12),
        (1, 12),
        (3, 12),
        (4, 23),
    ]
    assert found.participants[0].night_share == 0.25


def test_weeks_say_who_began():
    found = statistics(message(0, "하늘"), message(1, "바다"), message(7 * 24 * 60, "바다"))
    assert [(week.week, week.messages, week.initiation_share) for week in found.weekly] == [
        ("2026-W10", 2, 1.0),
        ("2026-W11", 1, 0.0),
    ]
    nobody = counted(message(0, "하늘")).statistics(lambda _: Role.OTHER)
    assert nobody.weekly[0].initiation_share is None


def test_top_words_are_said_three_times_and_are_no_names():
    lines = ["떡볶이 먹자", "떡볶이가 좋아", "떡볶이는 성수", "성수 갈래", "바다야 떡볶이", "바다는 바다가 바다"]
    words = people(*(message(number, "하늘", text) for number, text in enumerate(lines)), message(9, "바다"))[
        "하늘"
    ].top_words
    assert [(word.text, word.count) for word in words] == [("떡볶이", 4)]


def random_chat(seed, size=400):
    chance = random.Random(seed)
    minute, messages = 0, []
    for _ in range(size):
        minute += chance.choice([0, 0, 1, 3, 30, 500])
        text = chance.choice(["뭐해?", "떡볶이 먹을래요", "ㅋㅋㅋ", "좋아", "그래요~", "오늘 너무 힘들었어ㅠㅠ"])
        messages.append(message(minute, chance.choice(["하늘", "바다", None]), text))
        if messages[-1].sender is None:
            messages[-1].kind = Kind.SYSTEM
    return messages


@pytest.mark.parametrize("seed", range(8))
def test_counting_on_later_gives_what_counting_at_once_gives(seed):
    messages = random_chat(seed)
    cut = random.Random(seed).randrange(len(messages))
    parts = counted(*messages[:cut])
    parts = Tally.from_document(json.loads(json.dumps(parts.to_document())))
    parts.add(messages[cut:])
    assert parts.to_document() == counted(*messages).to_document()


@pytest.mark.parametrize("seed", range(8))
def test_an_overlapping_export_brings_just_what_was_not_known(seed):
    messages = random_chat(seed)
    chance = random.Random(seed)
    known, start = chance.randrange(1, len(messages)), 0
    first_minute = messages[0].sent_at
    start = next((n for n, m in enumerate(messages) if m.sent_at > first_minute), 0)
    assert counted(*messages[:known]).unseen(messages[start:]) == messages[max(known, start) :]


@pytest.mark.parametrize("messages", [1, 2, 3, 4, 7, 16, 40, 64, 125, 400])
def test_a_point_s_shares_are_rounded_to_four_places(messages):
    chance = random.Random(messages)
    for part in (*range(101), *(chance.randrange(1_000 * messages + 1) for _ in range(500))):
        assert _mean_share(part, messages) == round(part / messages / 1000, 4)


def test_the_sample_s_figures_hold_for_every_variant(sample):
    chats = [read(sample(f"kakaotalk_{name}.txt")) for name in ("android", "ios", "windows")]
    documents = [counted(*chat.messages).to_document() for chat in chats]
    assert documents[0] == documents[1] == documents[2]


def test_a_long_chat_keeps_a_document_that_fits_a_column():
    lines = [("하늘" if n % 2 else "바다", f"{n}번째 {chr(0xAC00 + n % 11_000)}나다라 이야기") for n in range(20_000)]
    chat = read(android(lines, minutes=37))
    document = json.dumps(counted(*chat.messages).to_document(), ensure_ascii=False)
    assert len(document.encode()) < 1024 * 1024 / 4


@pytest.mark.slow
def test_the_document_of_the_largest_room_fits_into_a_column():
    """DSQL takes a mebibyte: here many people for many years, each with words and habits of their own."""
    chance = random.Random(7)
    tally = Tally()
    people = [f"{number}번째 손님의 아주 긴 이름입니다" for number in range(300)]
    tally.add(
        [
            message(
                at * 1_800, chance.choice(people), f"{_word(chance)} {_word(chance)}가 {_word(chance)} 했잖아 ㅋㅋㅋ"
            )
            for at in range(20_000)
        ]
    )
    forgotten = tally.forget_the_quiet(but=(people[0],))
    assert forgotten in (249, 250)
    assert people[0] in tally.people
    assert len(json.dumps(tally.to_document(), ensure_ascii=False).encode()) < 1_048_576
    assert tally.messages == 20_000


def _word(chance):
    return "".join(chr(chance.randrange(ord("가"), ord("힣"))) for _ in range(4))
