"""Compare the style of two people by their Korean function morphemes (조사·어미)."""

from __future__ import annotations

from statistics import fmean

from chalicelib.domain import FunctionCounts, StyleFeature, StyleMatch
from chalicelib.korean.function_morphemes import category_names

# Words (어절) of each person. With fewer, chance lowers the score by more than people differ (docs/analysis.md).
MIN_WORDS = 500
# Keeps the formula defined if neither person uses a category.
_EPSILON = 0.0001
_PERCENT = 100


def style_match(me: FunctionCounts, partner: FunctionCounts) -> StyleMatch:
    """Return how similarly two people use each category of function morphemes, and the mean similarity.

    For each category, with p the percentage of a person's words that have it,

        match = 1 - |p1 - p2| / (p1 + p2 + 0.0001)

    and the score is the unweighted mean. This is language style matching after Ireland et al. (2011), Psychological
    Science 22(1), 39-44, who compare nine categories of English function words. Korean expresses most of those with
    particles and endings. There is no score unless both people wrote at least ``MIN_WORDS`` words.
    """
    if min(me.words, partner.words) < MIN_WORDS:
        return StyleMatch()
    features = tuple(_feature(name, me, partner) for name in category_names())
    return StyleMatch(fmean(feature.match for feature in features), features)


def _feature(name: str, me: FunctionCounts, partner: FunctionCounts) -> StyleFeature:
    mine, theirs = (counts.counts.get(name, 0) / counts.words for counts in (me, partner))
    difference = _PERCENT * abs(mine - theirs)
    return StyleFeature(name, mine, theirs, 1 - difference / (_PERCENT * (mine + theirs) + _EPSILON))
