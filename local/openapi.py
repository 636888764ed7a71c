"""Writes `openapi.json` and `docs/api.md` from the routes: `python -m local.openapi`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from local.api_page import page
from local.chalice_stage import PROJECT


def document() -> dict[str, Any]:
    """The OpenAPI document of the application."""
    import app  # noqa: PLC0415 - registers the routes
    from chalicelib.api import openapi  # noqa: PLC0415

    return openapi.document(app.api.operations)


def files() -> dict[Path, str]:
    """What is generated, by where it belongs."""
    found = document()
    return {
        PROJECT / "openapi.json": json.dumps(found, ensure_ascii=False, indent=2) + "\n",
        PROJECT / "docs" / "api.md": page(found),
    }


def main() -> None:
    """Write the files."""
    # The document is of the code, not of what a shell happens to set.
    os.environ.clear()
    for path, content in files().items():
        path.write_text(content, encoding="utf-8")
        print(f"{path.relative_to(PROJECT)} is up to date")


if __name__ == "__main__":
    main()
