"""Patterns are written out so that they are found quickly, and find what they found before."""

import re

import pytest

from chalicelib.coaching import resources
from chalicelib.coaching.patterns import Finder, written_out
from tests.coaching.chats import CHATS

LINES = [line[2:] for chat in CHATS for line in chat["lines"]]
# Those whose every list of texts may be read as patterns.
FILES = ("asks", "intents", "interest", "partner_analysis", "reading", "safety", "traits")


def lists_of(value):
    """Every list of texts in a data file."""
    if isinstance(value, resources.Texts):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from lists_of(part)


@pytest.mark.parametrize("name", FILES)
def test_every_list_of_the_data_finds_what_its_patterns_find(name):
    for patterns in lists_of(resources.load(name)):
        plain = re.compile("|".join(f"(?:{pattern})" for pattern in patterns) or r"(?!)")
        finder = Finder(patterns)
        wrong = [line for line in LINES if finder.finds(line) != bool(plain.search(line))]
        assert not wrong, patterns


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
def test_groups_at_the_beginning_are_multiplied_out(pattern, alternatives):
    assert list(written_out(pattern)) == alternatives


def test_no_pattern_finds_nothing():
    assert not Finder(()).finds("밥")
