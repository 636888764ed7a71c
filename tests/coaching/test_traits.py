"""The partner's traits and the lines that show them."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.coaching import traits
from chalicelib.domain import PartnerFacts
from tests.coaching.chats import briefing_of


def traits_of(*lines: str, **facts):
    briefing = briefing_of({"lines": list(lines), "relationship": "썸"})
    return traits.find_traits(replace(briefing, partner=PartnerFacts(**facts)))


def test_a_trait_quotes_the_lines_that_show_it():
    partner_traits = traits_of("M 나 감기인가 봐", "P 밥은 먹었어?", "P 푹 쉬어")
    trait = next(trait for trait in partner_traits if trait.name == "배려심")
    assert not trait.inferred
    assert {evidence.quote for evidence in trait.evidence} == {"밥은 먹었어?", "푹 쉬어"}


def test_lines_of_the_user_show_no_trait_of_the_partner():
    assert traits_of("M 밥은 먹었어?", "M 푹 쉬어", "P 응") == ()


def test_a_trait_from_the_description_is_inferred():
    partner_traits = traits_of("P 응", personality="다정하고 유머 있음, INFP")
    assert all(trait.inferred and not trait.evidence for trait in partner_traits)
    assert {"배려심", "유머", "내향적", "공감 중시"} & {trait.name for trait in partner_traits}


def test_a_trait_of_the_chat_is_not_repeated_from_the_description():
    names = [trait.name for trait in traits_of("P 밥은 먹었어?", personality="배려심 깊음")]
    assert names.count("배려심") == 1


def test_the_summary_names_traits_and_speech_level_and_is_a_sentence_without_them():
    empty = briefing_of({"lines": [], "relationship": "썸"})
    assert traits.summarise(empty, ()).endswith("요.")
    full = briefing_of(
        {"lines": ["P 밥은 먹었어?", "P 푹 쉬어", "P 오늘 고생했어", "P 나는 집이야", "P 졸려"], "relationship": "썸"}
    )
    assert "배려심" in traits.summarise(full, traits.find_traits(full))
    assert "반말" in traits.summarise(full, traits.find_traits(full))
