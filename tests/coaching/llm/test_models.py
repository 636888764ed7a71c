"""The prices of models."""

from __future__ import annotations

import pytest

from chalicelib.coaching.llm.models import model_of


@pytest.mark.parametrize(
    ("model_id", "input_tokens", "output_tokens", "dollars"),
    [
        ("global.anthropic.claude-haiku-5-5", 1_000_000, 1_000_000, 0.6),
        ("us.anthropic.claude-haiku-5-5", 1_000_000, 0, 0.11),
        ("us.anthropic.claude-sonnet-5-5", 0, 1_000_000, 11),
        ("claude-opus-9", 1_000_000, 0, 6),
    ],
)
def test_the_price_depends_on_the_model_and_its_profile(model_id, input_tokens, output_tokens, dollars):
    assert model_of(model_id).cost(input_tokens, output_tokens) == pytest.approx(dollars)
