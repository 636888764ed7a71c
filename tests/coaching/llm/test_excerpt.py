"""The messages that a question quotes."""

from __future__ import annotations

from chalicelib.coaching.llm import excerpt
from tests.coaching.chats import briefing_of
from tests.coaching.llm.model_answers import CHAT


def chosen_numbers(lines, budget=4_000):
    return [quoted.number for quoted in excerpt.choose(briefing_of(CHAT | {"lines": lines}).lines, budget)]


def test_the_latest_and_the_most_informative_messages_are_chosen():
    lines = [f"{'PM'[number % 2]} {number}번째로 그냥 하는 말이야 별일은 없었고" for number in range(150)]
    lines[4] = "P 나 사실 너 보고 싶었어"
    numbers = chosen_numbers(lines)
    assert numbers == sorted(numbers)
    assert numbers[-20:] == list(range(131, 151))
    assert 5 in numbers
    assert 1 not in numbers


def test_an_empty_budget_chooses_nothing():
    assert chosen_numbers(CHAT["lines"], 0) == []


def test_the_chosen_messages_stay_within_the_budget():
    lines = [f"{'PM'[number % 2]} {number}번째로 하는 말" for number in range(150)]
    quoted = excerpt.choose(briefing_of(CHAT | {"lines": lines}).lines, 500)
    assert 400 < sum(each.tokens for each in quoted) <= 500


def test_a_row_has_the_number_the_speaker_and_the_kind():
    lines = briefing_of(CHAT | {"lines": ["M 안녕\n잘 지내?", "P [photo]", "O 응"]}).lines
    assert [quoted.row for quoted in excerpt.choose(lines, 1_000)] == [
        "1 나: 안녕 잘 지내?",
        "2 상대: (photo) ",
        "3 다른 사람: 응",
    ]
