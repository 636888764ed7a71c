"""Every data file of the coach is decoded into its type. A file with a typo cannot be loaded."""

from __future__ import annotations

import itertools
import re
from typing import Any

import msgspec
import pytest

from chalicelib import data_files
from chalicelib.coaching import DATA
from chalicelib.coaching.compose import QuestionRules
from chalicelib.coaching.conversation import ContextRules
from chalicelib.coaching.drafts import DraftRules, Substitution
from chalicelib.coaching.intents import IntentRules
from chalicelib.coaching.interest import Effect, InterestRules, SignalName
from chalicelib.coaching.llm.answer_checks import AnswerRules
from chalicelib.coaching.llm.models import ModelTable
from chalicelib.coaching.partner_rules import PartnerRules
from chalicelib.coaching.patterns import Patterns
from chalicelib.coaching.reply_rules import Mood, ReplyRules
from chalicelib.coaching.safety import SafetyRules
from chalicelib.coaching.templates import IntentReplies
from chalicelib.coaching.topics import TopicKind, TopicLists
from chalicelib.coaching.traits import TraitRules
from chalicelib.data_files import InvalidDataFile
from chalicelib.domain import ReplyType
from tests.coaching.chats import CHATS

FILES = {
    "answer_schema.json": dict[str, Any],
    "answers.json": AnswerRules,
    "asks.json": QuestionRules,
    "context.json": ContextRules,
    "drafts.json": DraftRules,
    "intents.json": IntentRules,
    "interest.json": InterestRules,
    "models.json": ModelTable,
    "partner_analysis.json": PartnerRules,
    "safety.json": SafetyRules,
    "reply_rules.json": ReplyRules,
    "topics.json": TopicLists,
    "traits.json": TraitRules,
    **{
        f"replies/{name}.json": dict[str, IntentReplies]
        for name in ("daily", "feelings", "plans", "questions", "states")
    },
}
TEXTS = [line[2:] for chat in CHATS for line in chat["lines"]]


def load(name):
    return data_files.load(DATA / name, FILES[name])


def values_in(value, kind):
    """Yield all values of a type within a decoded file."""
    if isinstance(value, kind):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from values_in(getattr(value, name), kind)
    elif isinstance(value, dict | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            yield from values_in(part, kind)


def test_every_data_file_has_a_type():
    assert {str(path.relative_to(DATA)) for path in DATA.rglob("*.json")} == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_every_data_file_matches_its_type(name):
    assert load(name)


@pytest.mark.parametrize("name", FILES)
def test_the_compiled_patterns_match_what_the_plain_patterns_match(name):
    for patterns in values_in(load(name), Patterns):
        plain = re.compile("|".join(f"(?:{source})" for source in patterns.sources) or r"(?!)")
        differences = [text for text in TEXTS if patterns.matches(text) != bool(plain.search(text))]
        assert not differences, patterns.sources


def test_every_substitution_of_a_draft_is_a_regular_expression():
    substitutions = list(values_in(load("drafts.json"), Substitution))
    assert len(substitutions) > 100
    for substitution in substitutions:
        assert isinstance(substitution.apply("안녕하세요"), str)


@pytest.mark.parametrize(
    ("correct", "typo", "message"),
    [
        ('"except": ["[ㅋㅎ]{2,}"', '"excpet": ["[ㅋㅎ]{2,}"', "unknown field `excpet` - at `$.rules[0]`"),
        ('"role": "partner"', '"role": "partnr"', "Invalid enum value 'partnr' - at `$.rules[0].role`"),
        ('"code": "threat"', '"code": "treat"', "Invalid enum value 'treat' - at `$.rules[0].code`"),
        ('"described": []', '"described": null', "Expected a list of regular expressions - at `$.rules[1].described`"),
        ('"contact": "109", ', "", "Object missing required field `contact` - at `$.help[...]`"),
        ('"adult_age": 19', '"adult_age": "19"', "Expected `int`, got `str` - at `$.adult_age`"),
    ],
)
def test_a_typo_in_the_safety_rules_is_reported_with_its_path(tmp_path, correct, typo, message):
    text = (DATA / "safety.json").read_text("utf-8")
    path = tmp_path / "safety.json"
    path.write_text(text.replace(correct, typo, 1), "utf-8")
    with pytest.raises(InvalidDataFile, match="safety.json: .*" + re.escape(message)):
        data_files.load(path, SafetyRules)


def test_the_rules_of_interest_cover_every_signal_and_effect():
    rules = load("interest.json")
    assert set(rules.signals) == set(SignalName)
    assert all(set(rule.notes) == set(Effect) for rule in rules.signals.values())


def test_the_level_texts_cover_every_pair_of_levels():
    pairs = itertools.product(("polite", "casual"), ("polite", "casual", "unknown"))
    assert set(load("partner_analysis.json").levels) == {f"{partner}_{user}" for partner, user in pairs}


def test_the_topic_lists_cover_every_kind():
    assert {*load("topics.json").words, TopicKind.ANY} == set(TopicKind)


def test_the_reply_rules_cover_every_mood_and_type_of_reply():
    rules = load("reply_rules.json")
    assert set(rules.leads) == set(Mood)
    assert set(rules.confidence_factors) == set(ReplyType)
    for kind in (ReplyType.BALANCED, ReplyType.BOLD):
        assert set(rules.advice_also[kind]) == set(Mood)
