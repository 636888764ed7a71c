"""The page of the API, without a server."""

from __future__ import annotations

import pytest

from local import api_docs


def test_the_page_and_its_files_are_served_and_nothing_else():
    content_type, page = api_docs.file("/docs")
    assert content_type.startswith("text/html")
    for name in ("swagger-ui.css", "swagger-ui-bundle.js"):
        assert f'"/docs/{name}"'.encode() in page
        assert len(api_docs.file(f"/docs/{name}")[1]) > 100_000


@pytest.mark.parametrize("path", ["/", "/docsify", "/docs/index.html", "/docs/../app.py", "/docs/swagger-ui.js"])
def test_other_paths_are_left_to_the_application(path):
    assert api_docs.file(path) is None
