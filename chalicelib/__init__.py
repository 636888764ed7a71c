"""Love Q's code: everything that is deployed beside ``app.py``."""
from __future__ import annotations

from chalicelib import lazy_imports

# A request needs few of them, and whoever asks first after a pause waits for what is loaded.
lazy_imports.install(
    *(
        f"chalicelib.{name}"
        for name in ("api", "services", "coaching", "merging", "analysis", "masking", "parsing", "korean")
    ),
    *(f"chalicelib.{name}" for name in ("repositories", "aws")),
)
