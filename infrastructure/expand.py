"""Expand a SAM template into plain CloudFormation: `python expand.py TEMPLATE REGION`, printed to standard output.

It runs with the Python of the tools' virtual environment, which contains AWS's own translator. Only the expanded
template shows circular dependencies.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def main(path: str, region: str) -> None:
    """Print the expanded template."""
    os.environ["AWS_DEFAULT_REGION"] = region
    from samtranslator.translator.transform import transform  # noqa: PLC0415 (reads the region when imported)

    template = json.loads(Path(path).read_text(encoding="utf-8"))
    expanded = transform(template, {}, _NoManagedPolicies())
    json.dump(expanded, sys.stdout, ensure_ascii=False, indent=1)


class _NoManagedPolicies:
    """Replaces the lookup of AWS's managed policies: the template refers to none by its short name."""

    def load(self) -> dict[str, str]:
        """Return no policies."""
        return {}


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
