"""Reads lines with Kiwi: ``python -I kiwi.py`` takes a JSON list of texts and prints one of their morphemes.

Runs in Kiwi's own virtual environment and knows nothing of Love Q. A morpheme
is its form, its tag, where it begins and how long it is.
"""

from __future__ import annotations

import importlib
import json
import sys


def main() -> None:
    """Read and print."""
    kiwi = importlib.import_module("kiwipiepy").Kiwi(num_workers=1)
    found = kiwi.tokenize(json.load(sys.stdin))
    json.dump([[(each.form, each.tag, each.start, each.len) for each in morphemes] for morphemes in found], sys.stdout)


if __name__ == "__main__":
    main()
