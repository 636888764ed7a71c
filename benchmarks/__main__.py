"""`make bench`: every benchmark, in one run, as one table."""

from __future__ import annotations

import sys

from benchmarks import overhead
from benchmarks.table import Table


def main() -> int:
    """Run all and print the table."""
    table = Table(("what", "median", "p95", "limit", "ratio", "goal"))
    overhead.measure(table)
    print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
