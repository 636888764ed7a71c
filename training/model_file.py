"""Write the file of the sentiment model and the category model. ``analysis/sentiment_model.py`` reads it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from typing import Any


def pack(header: Mapping[str, Any], tables: Sequence[Mapping[str, bytes]]) -> bytes:
    """Return the models as one compressed file.

    The file has a line of JSON. Then, for each table, it has the sorted n-grams, one per line, and the weights, head by
    head.

    Args:
        header: ``constants``, ``categories`` with their biases, and ``scale``.
        tables: The n-grams of the sentiment model and of the category model, each with one byte per head.
    """
    sizes, parts = [], []
    for table in tables:
        ngrams = sorted(table)
        text = "\n".join(ngrams).encode()
        rows = [table[ngram] for ngram in ngrams]
        parts += [text, *map(bytes, zip(*rows, strict=True))]
        sizes.append([len(text), len(ngrams) * len(rows[0])])
    header_line = json.dumps({**header, "sizes": sizes}).encode()
    return gzip.compress(b"".join([header_line, b"\n", *parts]), mtime=0)
