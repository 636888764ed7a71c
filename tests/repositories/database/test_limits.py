"""Batches of rows stay within the limits of a transaction."""

from __future__ import annotations

import pytest

from chalicelib.repositories.database import batches


@pytest.mark.parametrize("sizes", [[], [1], [10] * 2_500, [10] * 2_501, [60_000] * 5_000, [9_000_000, 1, 9_000_000]])
def test_batches_contain_every_row_once_within_the_limits_of_a_transaction(sizes):
    ranges = list(batches(sizes))
    assert [index for batch in ranges for index in batch] == list(range(len(sizes)))
    for batch in ranges:
        assert 0 < len(batch) <= 2_500
        assert len(batch) == 1 or sum(sizes[index] for index in batch) < 8 * 1024 * 1024
