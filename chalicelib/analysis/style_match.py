"""How alike two people speak: style matching on Korean function morphemes (조사·어미)."""

from __future__ import annotations

from statistics import fmean

from chalicelib.domain import FunctionCounts, StyleFeature, StyleMatch
from chalicelib.korean.function_morphemes import categories

# Words (어절) of each: with fewer, chance lowers the score by more than people differ (docs/analysis.md).
LEAST_WORDS = 500
# Keeps the formula defined where neither uses a category.
_EPSILON = 0.0001
_PERCENT = 100


def style_match(me: FunctionCounts, partner: FunctionCounts) -> StyleMatch:
    """Return how alike two people use each category of function morphemes, and the mean of that.

    Of each category, with p in per cent of somebody's words,

        match = 1 - |p1 - p2| / (p1 + p2 + 0.0001)

    and the score is their unweighted mean: language style matching after
    Ireland et al. (2011), Psychological Science 22(1), 39-44, who compare nine
    categories of English function words. Korean says with particles and endings
    what English says with most of those. Without ``LEAST_WORDS`` of each there
    is no score.
    """
    if min(me.words, partner.words) < LEAST_WORDS:
        return StyleMatch()
    features = tuple(_feature(name, me, partner) for name in categories())
    return StyleMatch(fmean(feature.match for feature in features), features)


def _feature(name: str, me: FunctionCounts, partner: FunctionCounts) -> StyleFeature:
    mine, theirs = (each.counts.get(name, 0) / each.words for each in (me, partner))
    distance = _PERCENT * abs(mine - theirs)
    return StyleFeature(name, mine, theirs, 1 - distance / (_PERCENT * (mine + theirs) + _EPSILON))
