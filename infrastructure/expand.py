"""Expands a SAM template as CloudFormation does: `python expand.py TEMPLATE REGION`, printed to standard output.

Run with the Python of the tools' virtual environment, which has AWS's own translator. What goes round in circles shows
in the expanded form alone.
"""
from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def main(path: str, region: str) -> None:
    """Print the expanded template."""
    os.environ["AWS_DEFAULT_REGION"] = region
    from samtranslator.translator.transform import transform  # noqa: PLC0415 (it asks for the region at once)

    template = json.loads(Path(path).read_text(encoding="utf-8"))
    expanded = transform(template, {}, _NoManagedPolicies())
    json.dump(expanded, sys.stdout, ensure_ascii=False, indent=1)


class _NoManagedPolicies:
    """No policy of ours is named by AWS's short names."""

    def load(self) -> dict[str, str]:
        """None."""
        return {}


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
