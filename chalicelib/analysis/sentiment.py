"""Rate the sentiment of a message: positive, negative, neutral or mixed.

A linear model over n-grams (``sentiment_model``) and a lexicon of chat (``sentiment_lexicon``) are combined into four
probabilities; ``sentiment_of`` has the formula. ``data/sentiment_model.md`` describes the training data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import log1p, sqrt, tanh
from typing import NamedTuple

from chalicelib.analysis.sentiment_lexicon import lexicon_weights
from chalicelib.analysis.sentiment_model import ngram_sums, sentiment_model
from chalicelib.domain import SentimentScores

_THOUSANDTHS = 1000
# Added before rounding down, so that thousandths turned into a float come back as the same thousandths.
_ROUNDING = 1e-6
# A contrast within a message: 좋은데 …, 좋지만 …, 좋긴 한데 …. An opening 근데 or 그런데 is not one.
# The pattern begins with the space, because a search skips to the first character of a pattern.
_CONTRAST = re.compile(r" (?:(?<=[가-힣]데 )|(?<=지만 )|(?<=서도 )|(?<=도 하고 )|(?<=그래도 ))")
_MIN_CONTRAST_POSITION = 4
# With a lower probability of a feeling, "mixed" cannot be the largest share.
_MIN_FEELING_FOR_MIXED = 0.5


class SentimentShares(NamedTuple):
    """Four sentiments in whole thousandths that add up to 1,000. Sums of integers stay exact."""

    positive: int
    negative: int
    neutral: int
    mixed: int


_NEUTRAL = SentimentShares(0, 0, _THOUSANDTHS, 0)


@dataclass(slots=True)
class SentimentCounts:
    """Sums of the shares of messages, in thousandths. They are exact."""

    messages: int = 0
    positive: int = 0
    negative: int = 0
    neutral: int = 0
    mixed: int = 0

    def add(self, shares: Sequence[SentimentShares]) -> None:
        """Add the shares of messages."""
        if not shares:
            return
        positive, negative, neutral, mixed = map(sum, zip(*shares, strict=True))
        self.messages += len(shares)
        self.positive += positive
        self.negative += negative
        self.neutral += neutral
        self.mixed += mixed

    def mean(self) -> SentimentScores:
        """Return the mean of the messages' shares, or neutral without messages."""
        if not self.messages:
            return _scores(_NEUTRAL, _THOUSANDTHS)
        sums = SentimentShares(self.positive, self.negative, self.neutral, self.mixed)
        return _scores(sums, self.messages * _THOUSANDTHS)

    def to_document(self) -> dict[str, int]:
        """Return the sums as plain JSON."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: Mapping[str, int]) -> SentimentCounts:
        """Return the sums that ``to_document`` wrote."""
        return cls(**document)


def sentiment_of(text: str) -> SentimentScores:
    """Return the probabilities that a message is positive, negative, neutral and mixed. They add up to 1.

    With f the probability that the message expresses a feeling, p the probability that the feeling is a good one, and
    m the probability that it is both, the four are (f - m) p, (f - m) (1 - p), 1 - f and m. In a message with a
    contrast (는데, 지만), m is the larger of min(f p, f' (1 - p')) and min(f (1 - p), f' p'), where f and p belong to
    the part before the contrast, f' and p' to the part after it. In any other message m is 0.
    """
    return _scores(sentiment_shares_of(text), _THOUSANDTHS)


def shares_from_scores(scores: SentimentScores) -> SentimentShares:
    """Return scores in whole thousandths that add up to 1,000."""
    positive, negative, mixed = (
        int(share * _THOUSANDTHS + _ROUNDING) for share in (scores.positive, scores.negative, scores.mixed)
    )
    return SentimentShares(positive, negative, _THOUSANDTHS - positive - negative - mixed, mixed)


def sentiment_shares_of(text: str) -> SentimentShares:
    """Return ``sentiment_of`` in whole thousandths that add up to 1,000."""
    if not text or text.isspace():
        return _NEUTRAL
    feels, good = _feeling_of(text)
    if feels > _MIN_FEELING_FOR_MIXED and (contrast := _CONTRAST.search(text, _MIN_CONTRAST_POSITION)):
        mixed_share = min(feels, _mixed_probability(text, contrast))
        mixed, feels = int(mixed_share * _THOUSANDTHS), feels - mixed_share
    else:
        mixed = 0
    positive = int(feels * good * _THOUSANDTHS)
    negative = int(feels * (1 - good) * _THOUSANDTHS)
    return SentimentShares(positive, negative, _THOUSANDTHS - positive - negative - mixed, mixed)


def lexicon_scores(text: str) -> tuple[float, float]:
    """Return how positive and how negative the words of the lexicon are, 0 to 1: w / (1 + w) of their weight w."""
    positive, negative = lexicon_weights(text)
    return positive / (1 + positive), negative / (1 + negative)


def _mixed_probability(text: str, contrast: re.Match[str]) -> float:
    """Return the probability that the parts before and after a contrast express opposite feelings."""
    feels, good = _feeling_of(text[: contrast.start()])
    feels_after, good_after = _feeling_of(text[contrast.end() :])
    good_then_bad = min(feels * good, feels_after * (1 - good_after))
    bad_then_good = min(feels * (1 - good), feels_after * good_after)
    return max(good_then_bad, bad_then_good)


def _feeling_of(text: str) -> tuple[float, float]:
    """Return the probabilities that a text expresses a feeling, and that the feeling is a good one.

    Both are logistic functions, written as hyperbolic tangents because those do not overflow for long texts.
    """
    count, talk, film, register, feeling = ngram_sums(text)
    c = sentiment_model().constants
    root = 1 / sqrt(count or 1)
    film_like = 0.5 + 0.5 * tanh(0.5 * (c.film_like + c.film_like_register * register * root))
    lean = c.lean + c.lean_talk * talk * root + film_like * (c.lean_film_like + c.lean_film * film * root)
    good_logit = (1 - film_like) * (c.talk + c.talk_lean * lean) + film_like * (c.film + c.film_lean * lean)
    feeling_logit = (
        c.feels + c.feels_feeling * feeling * root + c.feels_film_like * film_like + c.feels_known * log1p(count)
    )
    positive, negative = lexicon_scores(text)
    if positive or negative:
        good_logit += (1 - film_like) * c.talk_lexicon * (positive - negative)
        feeling_logit += c.feels_lexicon * max(positive, negative)
    feeling_logit += c.feels_good * abs(good_logit)
    return 0.5 + 0.5 * tanh(0.5 * feeling_logit), 0.5 + 0.5 * tanh(0.5 * good_logit)


def _scores(shares: SentimentShares, whole: int) -> SentimentScores:
    return SentimentScores(
        positive=shares.positive / whole,
        negative=shares.negative / whole,
        neutral=shares.neutral / whole,
        mixed=shares.mixed / whole,
    )
