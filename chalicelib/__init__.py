"""The code of Love Q: everything that is deployed except ``app.py``."""

from __future__ import annotations

from chalicelib import lazy_imports

# A request uses only a few of these modules, and each import makes a cold start slower.
lazy_imports.install(
    "chalicelib.analysis",
    "chalicelib.api",
    "chalicelib.aws",
    "chalicelib.coaching",
    "chalicelib.korean",
    "chalicelib.masking",
    "chalicelib.merging",
    "chalicelib.parsing",
    "chalicelib.repositories",
    "chalicelib.services",
)
