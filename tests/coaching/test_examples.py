"""docs/coaching.md and docs/coaching-examples.md describe the coach as it is."""

from __future__ import annotations

from pathlib import Path

from chalicelib.coaching import safety, templates
from tests.coaching.examples import DOCUMENT, document

COACHING = (Path(__file__).parents[2] / "docs" / "coaching.md").read_text("utf-8")


def test_the_documented_examples_are_the_current_answers():
    assert DOCUMENT.read_text("utf-8") == document()


def test_every_safety_code_and_every_help_line_is_documented():
    assert all(f"| `{code}` |" in COACHING for code in safety.SafetyCode)
    assert all(f"{line.name} {line.contact}" in COACHING for line in safety.load_rules().help.values())


def test_the_number_of_intents_is_documented():
    assert f"{len(templates.replies_by_intent())} intents" in COACHING
