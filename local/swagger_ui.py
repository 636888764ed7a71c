"""The API as a page in the browser, at `/docs` of the local server: Swagger UI, from a wheel, without a network.

`flask-swagger-ui` ships the files of Swagger UI. Only those are used, not Flask.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

PATH = "/docs"

_TYPES = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}

# A token that was entered once stays in the browser. Swagger's own check of documents would ask a server elsewhere.
_PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Love Q API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{PATH}/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="{PATH}/swagger-ui-bundle.js"></script>
<script>
SwaggerUIBundle({{
  url: "/openapi.json", dom_id: "#docs", persistAuthorization: true, validatorUrl: null,
  docExpansion: "list", defaultModelsExpandDepth: 0, displayRequestDuration: true,
}});
</script>
</body>
</html>
"""


def file(path: str) -> tuple[str, bytes] | None:
    """Return the content type and the bytes for a path below `/docs`, or None when there is nothing."""
    if path in (PATH, f"{PATH}/"):
        return "text/html; charset=utf-8", _PAGE.encode()
    name = path.removeprefix(f"{PATH}/")
    return (_TYPES[name], _read(name)) if name in _TYPES else None


@cache
def _read(name: str) -> bytes:
    # Without importing the package, which would import Flask.
    spec = importlib.util.find_spec("flask_swagger_ui")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("flask-swagger-ui is not installed; pip install -r requirements-dev.txt installs it")
    return (Path(spec.origin).parent / "dist" / name).read_bytes()
