"""The score of interest, its signals and its interval. A short chat has no score."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from chalicelib.coaching.interest import estimate
from chalicelib.domain import ChatLine, Kind, Role
from tests.coaching.chats import briefing_of


def chat_of(days: int, *, reply_minutes: int, partner_begins: bool, affectionate: bool, messages: int = 8):
    """Return a briefing of a chat over several days in which the two alternate."""
    briefing = briefing_of({"lines": [], "relationship": "썸"})
    at = briefing.now - timedelta(days=days + 1)
    lines = []
    for _ in range(days):
        at = at.replace(hour=10) + timedelta(days=1)
        for number in range(messages):
            by_partner = (number % 2 == 0) is partner_begins
            at += timedelta(minutes=reply_minutes if by_partner else 3)
            text = (
                ("오늘 뭐 먹었어? 보고 싶다" if affectionate else "ㅇㅇ") if by_partner else "나는 오늘 일이 좀 많았어"
            )
            role = Role.PARTNER if by_partner else Role.ME
            lines.append(ChatLine(role, "", Kind.TEXT, text, at, f"m{len(lines)}"))
    return replace(briefing, lines=tuple(lines))


def signal_of(briefing, name):
    return next(signal for signal in estimate(briefing).interest.signals if signal.name == name)


WARM = chat_of(10, reply_minutes=2, partner_begins=True, affectionate=True)
COLD = chat_of(10, reply_minutes=90, partner_begins=False, affectionate=False)


def test_a_short_chat_has_no_score_and_a_note_with_the_reason():
    result = estimate(chat_of(2, reply_minutes=2, partner_begins=True, affectionate=True))
    assert result.interest is None
    assert "16" in result.note


def test_a_chat_of_one_person_has_no_score():
    briefing = replace(WARM, lines=tuple(line for line in WARM.lines if line.role is Role.ME))
    assert estimate(briefing).interest is None


def test_an_affectionate_chat_scores_higher_than_a_cold_one():
    warm, cold = estimate(WARM).interest, estimate(COLD).interest
    assert warm.low > cold.high
    assert warm.level in {"호감", "높은 호감"}
    assert cold.level in {"관심이 적어 보임", "보통"}


def test_the_interval_contains_the_score_and_narrows_with_more_messages():
    few = estimate(chat_of(4, reply_minutes=20, partner_begins=True, affectionate=True)).interest
    many = estimate(chat_of(40, reply_minutes=20, partner_begins=True, affectionate=True)).interest
    assert 0 <= few.low <= few.score <= few.high <= 100
    assert many.score - many.low < few.score - few.low


def test_every_signal_has_a_note_and_an_effect():
    for briefing in (WARM, COLD):
        signals = estimate(briefing).interest.signals
        assert {signal.effect for signal in signals} <= {"up", "down", "flat"}
        assert {"reply_time", "initiative", "questions", "length_balance"} <= {signal.name for signal in signals}
        assert all(signal.note.endswith("요.") and "{" not in signal.note for signal in signals)
        assert "laughter" not in {signal.name for signal in signals}


def test_regular_reply_times_raise_the_score_and_irregular_ones_lower_it():
    regular = chat_of(10, reply_minutes=9, partner_begins=False, affectionate=True)
    shifts = (timedelta(minutes=-8), timedelta(0), timedelta(minutes=100))
    irregular_lines = tuple(
        replace(line, sent_at=line.sent_at + shifts[index // 2 % 3]) if line.role is Role.PARTNER else line
        for index, line in enumerate(regular.lines)
    )
    signal = signal_of(regular, "reply_spread")
    assert (signal.value, signal.effect) == (0, "up")
    assert signal_of(replace(regular, lines=irregular_lines), "reply_spread").effect == "down"


def test_night_messages_are_counted_in_the_users_time_zone():
    seoul = replace(WARM, now=WARM.now.astimezone(ZoneInfo("Asia/Seoul")))
    # The messages begin at 10:00 UTC, which is 19:00 in Seoul.
    assert signal_of(WARM, "night_share").value == 0
    assert signal_of(seoul, "night_share").value == 0
    late_lines = tuple(replace(line, sent_at=line.sent_at + timedelta(hours=4)) for line in WARM.lines)
    assert signal_of(replace(seoul, lines=late_lines), "night_share").value == 1


def test_polite_words_are_not_affection():
    polite = replace(WARM, lines=tuple(replace(line, text="네 좋아요") for line in WARM.lines))
    assert signal_of(polite, "affection").value == 0


def test_a_chat_without_times_has_a_score_without_reply_times():
    briefing = replace(WARM, lines=tuple(replace(line, sent_at=None) for line in WARM.lines))
    assert "reply_time" not in {signal.name for signal in estimate(briefing).interest.signals}
