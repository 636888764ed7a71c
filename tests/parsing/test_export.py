"""The views of a decoded file: its records, its lines and a sample of its records."""

from __future__ import annotations

import pytest

from chalicelib.parsing.export import Export
from tests.support.exports import NOW, SEOUL


def export(text):
    return Export(text, SEOUL, NOW)


@pytest.mark.parametrize(
    ("text", "record_end", "lines"),
    [
        ("a\nb\r\nc\r\n", "\r\n", ["a", "b", "c"]),
        ("a\nb\n", "\n", ["a", "b"]),
        ("a\rb", "\r", ["a", "b"]),
    ],
)
def test_a_record_ends_with_crlf_if_the_file_has_one(text, record_end, lines):
    assert (export(text).record_end, export(text).lines) == (record_end, lines)


def test_a_small_file_is_sampled_as_a_whole():
    assert export("a\nb\r\nc\r\n").sample == ["a\nb", "c"]


def test_a_sample_has_the_first_records_and_others_spread_over_the_rest():
    sample = [int(record) for record in export("".join(f"{number}\n" for number in range(10_000))).sample]
    assert sample[:200] == list(range(200))
    assert sample == sorted(set(sample))
    assert 500 <= len(sample) <= 600
    assert sample[-1] > 9_900


def test_the_text_is_composed_and_the_raw_text_is_not():
    decomposed = export("\u1112\u1161\u11ab")
    assert (decomposed.text, decomposed.raw_text) == ("한", "\u1112\u1161\u11ab")


def test_only_a_json_object_has_fields():
    assert "a" in export(' {"a": 1}').json_root
    assert "a" not in export('["a"]').json_root
