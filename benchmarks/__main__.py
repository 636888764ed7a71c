"""``make bench`` runs every benchmark and prints one table; ``python -m benchmarks imports`` runs one of them."""

from __future__ import annotations

import sys

from benchmarks import arrivals, cost, counting, emotion, imports, load, masking, overhead, package, retention, speech
from benchmarks.stage import stage
from benchmarks.table import Table

# Benchmarks that need the app with its database and emulator.
WITH_STAGE = {
    "overhead": overhead.measure,
    "imports": imports.measure,
    "package": package.measure,
    "retention": retention.measure,
}
# Benchmarks of pure code, and those that start what they need themselves.
STANDALONE = {
    "counting": counting.measure,
    "speech": speech.measure,
    "emotion": emotion.measure,
    "masking": masking.measure,
    "cost": cost.measure,
    "arrivals": arrivals.measure,
    "load": load.measure,
}
BENCHMARKS = (*WITH_STAGE, *STANDALONE)


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all, and print the table."""
    if unknown := set(names) - set(BENCHMARKS):
        print(f"No such benchmark: {', '.join(sorted(unknown))}. Choose from {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    table = Table(("what", "median", "p95", "comparison", "ratio", "goal", "correct"))
    selected = names or BENCHMARKS
    if with_stage := [name for name in selected if name in WITH_STAGE]:
        with stage() as new_client:
            for name in with_stage:
                WITH_STAGE[name](table, new_client)
    for name in selected:
        if name in STANDALONE:
            STANDALONE[name](table)
    print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
