"""The written replies, whatever the chat: enough of them, in both levels, for everybody."""

from __future__ import annotations

import re

import pytest

from chalicelib.analysis import speech
from chalicelib.coaching import resources, templates
from chalicelib.coaching.conversation import read
from chalicelib.coaching.templates import DEGREES, GROUPS, Filling, Variant
from chalicelib.coaching.voice import Voice
from chalicelib.coaching.voice import infer as voice_of
from chalicelib.domain import SpeechLevel
from chalicelib.korean.particles import with_particle
from tests.coaching.chats import VOICES, briefing_of

ALLOWED = {
    "yo": {SpeechLevel.HASIPSIO, SpeechLevel.HAEYO, SpeechLevel.NEUTRAL},
    "banmal": {SpeechLevel.HAE, SpeechLevel.HAERA, SpeechLevel.NEUTRAL},
}
ROMANTIC = {"goal_confess", "ask_heart", "confession", "affection"}


def variants_of(intent: str) -> list[Variant]:
    return [variant for degree in DEGREES for variant in templates.entries()[intent].degrees[degree].variants]


def rendered(variant: Variant, level: str, address: str | None = None) -> str:
    voice = Voice(level, "", 0.0, "", 20, 40, address, "some", None)
    return templates.render(variant, voice, Filling(laughs=False, cries=False, lead="", topics=Topics()))


class Topics(dict):
    def __missing__(self, kind):
        return "영화"


@pytest.mark.parametrize("intent", templates.entries())
@pytest.mark.parametrize("level", ["yo", "banmal"])
def test_a_reply_keeps_its_level(intent, level):
    for variant in variants_of(intent):
        for sentence in re.split(r"(?<=[.?!])\s+", rendered(variant, level)):
            assert speech.level_of(sentence) in ALLOWED[level], sentence


@pytest.mark.parametrize("intent", templates.entries())
def test_a_reply_leaves_nothing_open(intent):
    for variant in variants_of(intent):
        assert not re.search(r"[{}]", rendered(variant, "yo") + rendered(variant, "banmal"))


@pytest.mark.parametrize("intent", templates.entries())
def test_nobody_is_called_you_who_should_not_be(intent):
    for variant in variants_of(intent):
        assert not re.search(r"(?<![가-힣])(?:너|네가|니가)(?=[는도랑를한 ]|$)", rendered(variant, "yo"))
        assert not re.search(r"(?<![가-힣])(?:너는|너도|너랑|네가|너를)", rendered(variant, "banmal", "오빠"))


@pytest.mark.parametrize("intent", templates.entries())
@pytest.mark.parametrize("degree", DEGREES)
@pytest.mark.parametrize("group", GROUPS)
def test_everybody_has_three_to_choose_from(intent, degree, group):
    if group == "minor" and intent in ROMANTIC:
        assert resources.load("intents")["intents"][intent]["friendly"]
        return
    variants = [variant for variant in templates.entries()[intent].degrees[degree].variants if group in variant.groups]
    assert len([variant for variant in variants if variant.topic is None]) >= 3
    assert any(not (variant.topic or variant.asks or variant.hours) for variant in variants)


@pytest.mark.parametrize("intent", templates.entries())
@pytest.mark.parametrize("voice", VOICES)
def test_every_way_to_write_has_a_reply_that_fits(intent, voice):
    briefing = briefing_of({"lines": [], "relationship": "썸", "voice": voice})
    mine = voice_of(briefing, read(briefing), friendship_only=False)
    for degree in templates.entries()[intent].degrees.values():
        free = [variant for variant in degree.variants if not (variant.topic or variant.asks or variant.hours)]
        messages = [
            templates.render(variant, mine, Filling(laughs=laughs, cries=True, lead="", topics={}))
            for variant in free
            for laughs in {mine.laughing > 0, False}
        ]
        assert any(map(mine.fits, messages)), messages


def test_every_intent_has_replies_and_every_reply_an_intent():
    assert set(resources.load("intents")["intents"]) == set(templates.entries())
    assert len(templates.entries()) >= 40


def test_what_a_variant_asks_is_known():
    answered = resources.load("asks")["answered"]
    asked = {variant.asks for intent in templates.entries() for variant in variants_of(intent) if variant.asks}
    assert asked <= set(answered)


def test_every_mood_has_words_to_begin_and_advice():
    style = resources.load("style")
    for entry in templates.entries().values():
        assert entry.mood in style["leads"]
        assert all(entry.mood in style["advice_also"][degree] for degree in DEGREES[1:])


def test_particles_follow_the_last_sound():
    assert with_particle("떡볶이", "은/는") == "떡볶이는"
    assert with_particle("라면", "은/는") == "라면은"
    assert with_particle("서울", "으로/로") == "서울로"
    assert with_particle("형", "이랑/랑") == "형이랑"
