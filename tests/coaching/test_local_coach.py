"""The local coach's answer to each golden conversation."""

from __future__ import annotations

import pytest

from chalicelib.coaching.local_coach import coach
from chalicelib.domain import Role
from tests.coaching.chats import CHATS, briefing_of


@pytest.fixture(params=CHATS, ids=lambda chat: chat["id"])
def chat(request):
    return request.param


def test_the_same_chat_gets_the_same_answer(chat):
    assert coach(briefing_of(chat)) == coach(briefing_of(chat))


def test_the_recommendation_and_the_help_lines_are_as_expected(chat):
    answer = coach(briefing_of(chat))
    assert answer.recommendation.action == chat.get("action", answer.recommendation.action)
    assert answer.recommendation.code == chat.get("code", answer.recommendation.code)
    contacts = [line.contact for line in answer.help]
    assert contacts[: len(chat.get("help", []))] == chat.get("help", [])
    assert bool(contacts) == bool(chat.get("help"))


def test_the_evidence_of_a_trait_quotes_the_partner(chat):
    briefing = briefing_of(chat)
    partner_texts = {line.message_id: line.text for line in briefing.lines if line.role is Role.PARTNER}
    for trait in coach(briefing).partner_traits:
        assert trait.inferred is not bool(trait.evidence)
        assert all(evidence.quote in partner_texts[evidence.message_id] for evidence in trait.evidence)


def test_a_briefing_without_messages_is_answered():
    answer = coach(briefing_of({"lines": [], "relationship": "기타"}))
    assert all(response.message for response in answer.responses)
    assert answer.interest is None
    assert answer.interest_note
