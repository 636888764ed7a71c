"""docs/coaching.md says what the coach does today."""

from __future__ import annotations

from chalicelib.coaching import resources, templates
from tests.coaching.review import DOCUMENT, MARK, documented

TEXT = DOCUMENT.read_text("utf-8")


def test_the_documented_conversations_are_answered_so():
    assert TEXT.partition(MARK)[2] == documented()


def test_every_rule_and_every_help_line_is_in_it():
    table = resources.load("safety")
    rules = [*table["rules"], *(table[name] for name in ("minor_user", "soft", "unanswered", "ok"))]
    assert all(f"| `{rule['code']}` |" in TEXT for rule in rules)
    assert all(f"{line['name']} {line['contact']}" in TEXT for line in table["help"].values())


def test_it_counts_the_intents():
    assert f"{len(templates.entries())} intents" in TEXT
