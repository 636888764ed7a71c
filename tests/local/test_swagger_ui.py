"""The page of the API, without a server."""

from __future__ import annotations

import pytest

from local import swagger_ui


def test_the_page_and_its_files_are_served_and_nothing_else():
    content_type, page = swagger_ui.file("/docs")
    assert content_type.startswith("text/html")
    for name in ("swagger-ui.css", "swagger-ui-bundle.js"):
        assert f'"/docs/{name}"'.encode() in page
        assert len(swagger_ui.file(f"/docs/{name}")[1]) > 100_000


@pytest.mark.parametrize("path", ["/", "/docsify", "/docs/index.html", "/docs/../app.py", "/docs/swagger-ui.js"])
def test_other_paths_are_left_to_the_application(path):
    assert swagger_ui.file(path) is None
