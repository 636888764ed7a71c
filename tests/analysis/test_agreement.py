"""Agreement with the morphological analyser Kiwi, whose results for these lines are stored in ``data/``."""

import pytest

from benchmarks.agreement import INVENTED, REVIEWS, on_endings, on_key_phrases, on_top_words, written_answers


@pytest.fixture(scope="module", params=[INVENTED, REVIEWS])
def answers(request):
    return written_answers(request.param)


def test_97_of_100_final_endings_have_the_level_that_kiwi_finds(answers):
    assert on_endings(answers).share >= 0.97


def test_90_of_100_top_words_are_nouns_for_kiwi(answers):
    assert on_top_words(answers).share >= 0.9


def test_90_of_100_key_phrases_are_nouns_for_kiwi(answers):
    assert on_key_phrases(answers).share >= 0.9
