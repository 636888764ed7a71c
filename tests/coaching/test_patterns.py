"""Patterns are expanded for speed and still match the same texts. ``test_data_files`` compares all data files."""

from __future__ import annotations

import pytest

from chalicelib.coaching.patterns import Patterns, TextRule, expand
from chalicelib.domain import ChatLine, Kind, Role


@pytest.mark.parametrize(
    ("pattern", "alternatives"),
    [
        ("밥|점심", ["밥", "점심"]),
        ("(?:밥|점심)은", ["밥은", "점심은"]),
        ("(?:아침|(?:점|석)심)(?:은|도)", ["아침(?:은|도)", "점심(?:은|도)", "석심(?:은|도)"]),
        (r"(?:너무|정말)?\s?좋아", ["좋아"]),
        ("(?:정말)??(?:좋|싫)아", ["좋아", "싫아"]),
        ("(?:하){2,}", ["(?:하){2,}"]),
        (r"[(|\]]밥|\(점심\)", [r"[(|\]]밥", r"\(점심\)"]),
        ("(?=밥)밥", ["(?=밥)밥"]),
    ],
)
def test_groups_at_the_beginning_of_a_pattern_are_expanded(pattern, alternatives):
    assert list(expand(pattern)) == alternatives


def test_without_patterns_nothing_matches():
    assert not Patterns().matches("밥")


@pytest.mark.parametrize("value", [None, "밥", {"밥": 1}, [1], [["밥"]]])
def test_only_a_list_of_strings_is_decoded(value):
    with pytest.raises(TypeError, match="list of regular expressions"):
        Patterns.from_data(value)


def test_a_rule_matches_lines_without_an_exception():
    rule = TextRule(patterns=Patterns(["밥", "점심"]), exceptions=Patterns(["싫"]))
    lines = [ChatLine(Role.ME, "", Kind.TEXT, text) for text in ("점심 먹자", "밥 싫어", "안녕", "밥")]
    assert [line.text for line in rule.matching_lines(lines)] == ["점심 먹자", "밥"]
