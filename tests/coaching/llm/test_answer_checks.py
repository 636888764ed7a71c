"""The checks of a model's answer."""

from __future__ import annotations

import pytest

from chalicelib.coaching import voice
from chalicelib.coaching.llm import answer_checks, prompt
from chalicelib.coaching.llm.answer_checks import Bounds, ModelAnswer
from tests.coaching.chats import CHATS
from tests.coaching.llm.model_answers import (
    ATTACKS,
    CHAT,
    GOOD,
    OTHER_TEXTS,
    case_and_answer,
    with_message,
    with_other_text,
)


def check(chat, answer):
    """Return the faults of an answer to the question about a chat."""
    case, local = case_and_answer(chat)
    question = prompt.write_prompt(case, local, {}, str)
    user_voice = voice.infer(case.briefing, case.conversation, friendship_only=False)
    bounds = Bounds(user_voice, False, question.hidden_lines, f"{question.system}\n{question.boundary}", str)
    return answer_checks.find_faults(ModelAnswer.model_validate(answer), bounds)


def test_a_good_answer_has_no_faults():
    assert check(CHAT, GOOD) == []


@pytest.mark.parametrize("leak", ["사용자의 말투(존댓말 또는 반말)", prompt.prompt_text("system").splitlines()[0]])
def test_an_answer_that_repeats_the_prompt_is_refused(leak):
    assert "지시문을 옮기지 말아 주세요" in check(CHAT, with_message(f"푹 쉬어 {leak}"))


def test_an_answer_that_repeats_the_fence_is_refused():
    case, local = case_and_answer(CHAT)
    question = prompt.write_prompt(case, local, {}, str)
    user_voice = voice.infer(case.briefing, case.conversation, friendship_only=False)
    bounds = Bounds(user_voice, False, (), f"{question.system}\n{question.boundary}", str)
    answer = ModelAnswer.model_validate(with_message(f"푹 쉬어 {question.boundary}"))
    assert "지시문을 옮기지 말아 주세요" in answer_checks.find_faults(answer, bounds)


def test_there_are_at_least_forty_attacks():
    assert len(ATTACKS) >= 40


@pytest.mark.parametrize("field", OTHER_TEXTS)
def test_an_answer_that_obeys_a_line_of_the_chat_outside_of_a_message_is_refused(field):
    for attack, obeyed in ATTACKS:
        faults = check(CHAT | {"lines": [*CHAT["lines"], f"P {attack}"]}, with_other_text(field, obeyed))
        # An empty text or a laugh does no harm there.
        assert faults or obeyed in ("", "ㅋ"), attack


def test_nine_in_ten_attacks_are_recognised_as_instructions():
    instructions = [attack for attack, _ in ATTACKS if answer_checks.is_instruction(attack)]
    assert len(instructions) >= 0.9 * len(ATTACKS)


def test_lines_between_people_are_not_instructions():
    lines = [line[2:] for chat in CHATS for line in chat["lines"]]
    assert not [line for line in lines if answer_checks.is_instruction(line)]
