"""Agreement with the morphological analyser Kiwi, whose results for these lines are stored in ``data/``."""

from __future__ import annotations

import pytest

from benchmarks.agreement import INVENTED, REVIEWS, on_endings, on_key_phrases, on_top_words, stored_results


@pytest.fixture(scope="module", params=[INVENTED, REVIEWS])
def results(request):
    return stored_results(request.param)


def test_97_of_100_final_endings_have_the_level_that_kiwi_finds(results):
    assert on_endings(results).share >= 0.97


def test_90_of_100_top_words_are_nouns_for_kiwi(results):
    assert on_top_words(results).share >= 0.9


def test_90_of_100_key_phrases_are_nouns_for_kiwi(results):
    assert on_key_phrases(results).share >= 0.9
