"""There are enough written replies for every relationship, in both speech levels."""

from __future__ import annotations

import re

import pytest

from chalicelib.analysis import speech
from chalicelib.coaching import compose, intents, templates
from chalicelib.coaching.conversation import read_conversation
from chalicelib.coaching.reply_rules import RelationshipKind, ReplyLevel
from chalicelib.coaching.templates import Filling, Variant
from chalicelib.coaching.voice import Voice, infer
from chalicelib.domain import SpeechLevel
from tests.coaching.chats import VOICES, briefing_of

ALLOWED = {
    ReplyLevel.HAEYO: {SpeechLevel.HASIPSIO, SpeechLevel.HAEYO, SpeechLevel.NEUTRAL},
    ReplyLevel.BANMAL: {SpeechLevel.HAE, SpeechLevel.HAERA, SpeechLevel.NEUTRAL},
}
ROMANTIC = {"goal_confess", "ask_heart", "confession", "affection"}


def variants_of(intent: str) -> list[Variant]:
    return [variant for degree in templates.replies_by_intent()[intent].degrees for variant in degree.variants]


def render(variant: Variant, level: ReplyLevel, address: str | None = None) -> str:
    voice = Voice(level, "", 0.0, "", 20, 40, address, RelationshipKind.SSEOM, None)
    return templates.render(variant, voice, Filling(laughs=False, lead="", topics=Topics()))


class Topics(dict):
    def __missing__(self, kind):
        return "영화"


@pytest.mark.parametrize("intent", templates.replies_by_intent())
@pytest.mark.parametrize("level", ReplyLevel)
def test_a_reply_has_the_speech_level_it_is_written_for(intent, level):
    for variant in variants_of(intent):
        for sentence in re.split(r"(?<=[.?!])\s+", render(variant, level)):
            assert speech.level_of(sentence) in ALLOWED[level], sentence


@pytest.mark.parametrize("intent", templates.replies_by_intent())
def test_every_slot_of_a_reply_is_filled(intent):
    for variant in variants_of(intent):
        assert not re.search(r"[{}]", render(variant, ReplyLevel.HAEYO) + render(variant, ReplyLevel.BANMAL))


@pytest.mark.parametrize("intent", templates.replies_by_intent())
def test_no_reply_says_neo_in_haeyo_or_where_the_user_has_a_form_of_address(intent):
    for variant in variants_of(intent):
        assert not re.search(r"(?<![가-힣])(?:너|네가|니가)(?=[는도랑를한 ]|$)", render(variant, ReplyLevel.HAEYO))
        assert not re.search(r"(?<![가-힣])(?:너는|너도|너랑|네가|너를)", render(variant, ReplyLevel.BANMAL, "오빠"))


@pytest.mark.parametrize("intent", templates.replies_by_intent())
@pytest.mark.parametrize("degree", range(3))
@pytest.mark.parametrize("kind", RelationshipKind)
def test_every_relationship_has_three_replies_to_choose_from(intent, degree, kind):
    if kind is RelationshipKind.MINOR and intent in ROMANTIC:
        assert intents.load_rules().intents[intent].friendship_only
        return
    replies = templates.replies_by_intent()[intent].degrees[degree]
    variants = [variant for variant in replies.variants if kind in variant.relationship_kinds]
    assert len([variant for variant in variants if variant.topic is None]) >= 3
    assert any(not (variant.topic or variant.asks or variant.hours) for variant in variants)


@pytest.mark.parametrize("intent", templates.replies_by_intent())
@pytest.mark.parametrize("voice", VOICES)
def test_every_voice_has_a_reply_that_fits(intent, voice):
    briefing = briefing_of({"lines": [], "relationship": "썸", "voice": voice})
    user_voice = infer(briefing, read_conversation(briefing), friendship_only=False)
    for degree in templates.replies_by_intent()[intent].degrees:
        unconditional = [variant for variant in degree.variants if not (variant.topic or variant.asks or variant.hours)]
        messages = [
            templates.render(variant, user_voice, Filling(laughs=laughs, lead="", topics={}))
            for variant in unconditional
            for laughs in {user_voice.laughter_share > 0, False}
        ]
        assert any(map(user_voice.fits, messages)), messages


def test_every_intent_has_replies_and_every_reply_an_intent():
    assert set(intents.load_rules().intents) == set(templates.replies_by_intent())
    assert len(templates.replies_by_intent()) >= 40


def test_every_question_of_a_reply_has_patterns_of_its_answer():
    variants = [variant for intent in templates.replies_by_intent() for variant in variants_of(intent)]
    assert {variant.asks for variant in variants if variant.asks} <= set(compose.question_rules().answered)
