"""The intent of the latest messages of each golden conversation."""

from __future__ import annotations

import pytest

from chalicelib.coaching import intents
from chalicelib.coaching.local_coach import understand
from tests.coaching.chats import CHATS, briefing_of


@pytest.mark.parametrize("chat", [chat for chat in CHATS if "intent" in chat], ids=lambda chat: chat["id"])
def test_the_intent_is_as_expected(chat):
    assert understand(briefing_of(chat)).intent.name == chat["intent"]


def test_the_golden_conversations_cover_at_least_fifty_intents():
    assert len({understand(briefing_of(chat)).intent.name for chat in CHATS}) >= 50


def test_every_intent_that_a_rule_refers_to_exists():
    rules = intents.load_rules().intents
    for rule in rules.values():
        others = {*rule.beside, *(successor.intent for successor in rule.outdated)}
        assert others | ({rule.friendship_only} if rule.friendship_only else set()) <= set(rules)
