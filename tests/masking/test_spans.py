"""Replacement of spans."""

from __future__ import annotations

import pytest

from chalicelib.masking.spans import Span, replace_spans


@pytest.mark.parametrize(
    ("spans", "replaced"),
    [
        ([], "abcdef"),
        ([Span(4, 5, "[2]"), Span(1, 2, "[1]")], "a[1]cd[2]f"),
        ([Span(1, 4, "[1]"), Span(3, 5, "[2]")], "a[1]f"),
        ([Span(1, 2, "[1]"), Span(1, 3, "[2]")], "a[2]def"),
    ],
)
def test_overlapping_spans_are_replaced_as_one(spans, replaced):
    assert replace_spans("abcdef", spans) == replaced
