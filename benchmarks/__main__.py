"""``make bench``: every benchmark, in one run, as one table; ``python -m benchmarks imports`` runs a part of it."""

from __future__ import annotations

import sys

from benchmarks import arrivals, cost, counting, emotion, imports, load, masking, overhead, package, retention, speech
from benchmarks.stage import stage
from benchmarks.table import Table

# What needs the app on its parts, and what needs nothing.
STAGED = {
    "overhead": overhead.measure,
    "imports": imports.measure,
    "package": package.measure,
    "retention": retention.measure,
}
ALONE = {
    "counting": counting.measure,
    "speech": speech.measure,
    "emotion": emotion.measure,
    "masking": masking.measure,
    "cost": cost.measure,
    "arrivals": arrivals.measure,
    "load": load.measure,
}
PARTS = (*STAGED, *ALONE)


def main(names: list[str]) -> int:
    """Run these parts, or all, and print the table."""
    if unknown := set(names) - set(PARTS):
        print(f"No such part: {', '.join(sorted(unknown))}. There are {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    table = Table(("what", "median", "p95", "beside", "ratio", "goal", "right"))
    chosen = names or PARTS
    if staged := [name for name in chosen if name in STAGED]:
        with stage() as new_client:
            for name in staged:
                STAGED[name](table, new_client)
    for name in chosen:
        if name in ALONE:
            ALONE[name](table)
    print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
