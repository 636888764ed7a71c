"""Write `openapi.json` and `docs/api.md` from the routes: `python -m local.openapi`."""

from __future__ import annotations

import json
import os
from pathlib import Path

from local.api_reference import Json, page
from local.chalice_stage import PROJECT


def document() -> Json:
    """Return the OpenAPI document of the app."""
    import app  # noqa: PLC0415 (registers the routes)
    from chalicelib.api.openapi.document import build  # noqa: PLC0415 (after the app, which reads the environment)

    return build(app.api.operations)


def files() -> dict[Path, str]:
    """Return the content of every generated file by its path."""
    from chalicelib.api import problems  # noqa: PLC0415 (see document)

    openapi = document()
    sentences = {code: problems.sentence(code, "en") for code in problems.error_codes()}
    return {
        PROJECT / "openapi.json": json.dumps(openapi, ensure_ascii=False, indent=2) + "\n",
        PROJECT / "docs" / "api.md": page(openapi, sentences),
    }


def main() -> None:
    """Write the files."""
    # The document must not depend on variables of the shell.
    os.environ.clear()
    for path, content in files().items():
        path.write_text(content, encoding="utf-8")
        print(f"{path.relative_to(PROJECT)} is up to date")


if __name__ == "__main__":
    main()
