"""The code of Love Q: everything that is deployed except ``app.py``."""

from __future__ import annotations

from chalicelib import lazy_imports

# Each request uses only a few of these modules, and on a cold start the caller waits for every import.
lazy_imports.install(
    *(
        f"chalicelib.{name}"
        for name in ("api", "services", "coaching", "merging", "analysis", "masking", "parsing", "korean")
    ),
    *(f"chalicelib.{name}" for name in ("repositories", "aws")),
)
