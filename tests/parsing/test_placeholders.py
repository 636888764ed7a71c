"""The words that apps write in place of messages are read as their files say."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import Kind
from chalicelib.parsing import placeholders
from chalicelib.parsing.placeholders import Classification

FOLDER = Path(placeholders.__file__).parent / "placeholders"
APPS = [path.stem for path in FOLDER.glob("*.json")]


def patterns():
    for app in APPS:
        words = json.loads((FOLDER / f"{app}.json").read_text(encoding="utf-8"))
        for kind, entry in words["kinds"].items():
            yield from ((app, kind, pattern) for pattern in entry.get("patterns", ()))


@pytest.mark.parametrize(("app", "kind", "pattern"), list(patterns()))
def test_whatever_fits_a_pattern_is_of_its_kind(app, kind, pattern):
    """Above all: each pattern begins with one of the letters that patterns are looked for at."""
    vocabulary = placeholders.Vocabulary(app)

    @given(st.from_regex(pattern, fullmatch=True))
    def check(text):
        classification = vocabulary.kind_of(text)
        assert classification.kind is not Kind.TEXT
        assert classification.count >= 0

    check()


def notices():
    for app in APPS:
        words = json.loads((FOLDER / f"{app}.json").read_text(encoding="utf-8"))
        yield from ((app, pattern) for pattern in words["notices"].get("patterns", ()))


@pytest.mark.parametrize(("app", "pattern"), list(notices()))
def test_whatever_fits_a_pattern_of_notices_is_one(app, pattern):
    """Above all: each pattern has one of the signs that notices are looked for by."""
    vocabulary = placeholders.Vocabulary(app)

    @given(st.from_regex(pattern, fullmatch=True))
    def check(text):
        assert vocabulary.is_notice(text)

    check()


@pytest.mark.parametrize("app", APPS)
def test_every_exact_word_is_of_its_kind_and_nothing_more_of_it_is(app):
    words = json.loads((FOLDER / f"{app}.json").read_text(encoding="utf-8"))
    vocabulary = placeholders.Vocabulary(app)
    for kind, entry in words["kinds"].items():
        for text in entry.get("exact", ()):
            assert vocabulary.kind_of(text) == Classification(Kind(kind))
            assert vocabulary.kind_of(f"어제 {text} 얘기") == Classification(Kind.TEXT)
