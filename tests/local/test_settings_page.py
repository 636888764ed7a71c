"""docs/settings.md describes every setting and matches the sources."""

from __future__ import annotations

from chalicelib.settings import Settings
from local import settings_page


def test_the_settings_page_has_not_drifted():
    assert settings_page.PATH.read_text(encoding="utf-8") == settings_page.page(), "run `make docs`"


def test_the_settings_page_describes_every_setting():
    descriptions = settings_page._descriptions()
    assert list(descriptions) == list(Settings.model_fields)
    assert all(text.endswith(".") for text in descriptions.values())
