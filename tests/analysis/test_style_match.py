"""The similarity of two people by the function morphemes in their words."""

from __future__ import annotations

import json
import random
from statistics import fmean

import pytest

from benchmarks.agreement import lines_of
from chalicelib.analysis.speech import SpeechCounts
from chalicelib.analysis.style_match import MIN_WORDS, style_match
from chalicelib.domain import FunctionCounts
from chalicelib.korean.function_morphemes import category_names


def of(texts):
    counts = SpeechCounts()
    for text in texts:
        counts.add(text)
    return counts.speech().functions


@pytest.fixture(scope="module")
def pairs():
    """Pairs of a polite and a casual message with the same meaning, shuffled."""
    pairs = [line.split("\t") for line in lines_of("formality_pairs.tsv")]
    random.Random(3).shuffle(pairs)
    return pairs


def test_two_halves_of_one_style_are_more_similar_than_halves_of_two_styles(pairs):
    rng, same_style, two_styles = random.Random(3), [], []
    for _ in range(10):
        rng.shuffle(pairs)
        half = len(pairs) // 2
        polite, casual, other_polite, other_casual = (
            of(texts) for part in (pairs[:half], pairs[half:]) for texts in zip(*part, strict=True)
        )
        same_style += [style_match(polite, other_polite).score, style_match(casual, other_casual).score]
        two_styles += [style_match(polite, other_casual).score, style_match(casual, other_polite).score]
    assert fmean(same_style) > 0.85
    assert fmean(same_style) > fmean(two_styles) + 0.05


def test_equal_speech_matches_fully_and_the_order_does_not_matter(pairs):
    polite, casual = (of(pair[place] for pair in pairs) for place in (0, 1))
    assert style_match(polite, polite).score == pytest.approx(1)
    assert style_match(polite, casual).score == style_match(casual, polite).score


def test_a_category_is_compared_by_the_formula_of_ireland():
    name = category_names()[0]
    match = style_match(FunctionCounts(1000, {name: 40}), FunctionCounts(1000, {name: 10}))
    feature = match.features[0]
    assert (feature.name, feature.me, feature.partner) == (name, 0.04, 0.01)
    assert feature.match == pytest.approx(1 - 3 / (5 + 0.0001))
    # A category that neither uses matches.
    assert match.features[1].match == 1
    assert match.score == pytest.approx((feature.match + len(category_names()) - 1) / len(category_names()))


def test_too_few_words_give_no_score():
    enough, few = FunctionCounts(MIN_WORDS, {}), FunctionCounts(MIN_WORDS - 1, {})
    assert style_match(enough, enough).score == 1
    assert (style_match(enough, few).score, style_match(few, enough).features) == (None, ())


def test_counting_function_morphemes_continues_from_a_stored_document(pairs):
    texts = [polite for polite, _ in pairs]
    counts = SpeechCounts()
    for text in texts[:100]:
        counts.add(text)
    again = SpeechCounts.from_document(json.loads(json.dumps(counts.to_document())))
    assert again.speech().functions == counts.speech().functions
    assert counts.speech().functions.words == counts.words > 100
    for text in texts[100:]:
        again.add(text)
    assert again.speech().functions == of(texts)
