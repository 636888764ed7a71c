"""A data file with a typo fails when it is loaded, and the error names the file and the field."""

from __future__ import annotations

import re

import pytest

from chalicelib import data_files
from chalicelib.data_files import Data, InvalidDataFile


class Words(tuple):
    __slots__ = ()

    @classmethod
    def from_data(cls, value):
        if not isinstance(value, str):
            raise TypeError("expected a row of words")
        return cls(value.split())


class Rule(Data, frozen=True):
    code: str
    reason: str
    words: Words
    points: int = 0


@pytest.fixture
def rules(tmp_path):
    def load(text):
        path = tmp_path / "rules.json"
        path.write_text(text, encoding="utf-8")
        return data_files.load(path, dict[str, list[Rule]])

    return load


def test_fields_are_decoded_into_their_types(rules):
    loaded = rules('{"rules": [{"code": "a", "reason": "이유", "words": "하나 둘"}]}')
    assert loaded["rules"] == [Rule("a", "이유", Words(("하나", "둘")), 0)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{"rules": [{"code": "a", "reason": null, "words": ""}]}',
            "Expected `str`, got `null` - at `$[...][0].reason`",
        ),
        ('{"rules": [{"code": "a", "words": ""}]}', "missing required field `reason`"),
        ('{"rules": [{"code": "a", "reason": "", "words": "", "point": 1}]}', "unknown field `point`"),
        ('{"rules": [{"code": "a", "reason": "", "words": []}]}', "expected a row of words"),
        ('{"rules": ', "truncated"),
    ],
)
def test_a_typo_fails_with_the_file_and_the_field(rules, text, message):
    with pytest.raises(InvalidDataFile, match="rules.json: .*" + re.escape(message)):
        rules(text)
