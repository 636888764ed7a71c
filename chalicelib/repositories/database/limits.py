"""The limits of a transaction in Aurora DSQL, and batches of rows within these limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

MAX_ROWS_PER_STATEMENT = 500
# DSQL allows 3,000 rows and 10 MiB per transaction.
MAX_ROWS_PER_TRANSACTION = 2_500
_MAX_BYTES_PER_TRANSACTION = 8 * 1024 * 1024
# An upper bound for the other columns of a row.
_BYTES_PER_ROW_WITHOUT_TEXT = 512


def batches(text_sizes: Iterable[int]) -> Iterator[range]:
    """Split rows into index ranges, each small enough for one transaction.

    ``text_sizes`` are the sizes of the texts of each row, in bytes.
    """
    start = end = size = 0
    for end, text_size in enumerate(text_sizes, 1):
        size += text_size + _BYTES_PER_ROW_WITHOUT_TEXT
        if end - start > MAX_ROWS_PER_TRANSACTION or (size > _MAX_BYTES_PER_TRANSACTION and end - start > 1):
            yield range(start, end - 1)
            start, size = end - 1, text_size + _BYTES_PER_ROW_WITHOUT_TEXT
    if end > start:
        yield range(start, end)
