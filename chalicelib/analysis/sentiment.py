"""The feeling of a message: a linear model over its n-grams (``emotion_model``) and a lexicon of chat.

How the two make four probabilities is said at ``emotions_of``; what they were learned from, in
``data/sentiment_model.md``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log1p, sqrt, tanh
from typing import NamedTuple

from chalicelib.analysis.sentiment_lexicon import weigh
from chalicelib.analysis.sentiment_model import model, sums_of
from chalicelib.domain import SentimentScores

_PARTS = 1000
# Thousandths made a share and back are the same again.
_ROUNDING = 1e-6
# Where a message turns: 좋은데 …, 좋지만 …, 좋긴 한데 …. An opening 근데 or 그런데 turns nothing.
# The blank comes first, since a search skips to what a pattern begins with.
_TURN = re.compile(r" (?:(?<=[가-힣]데 )|(?<=지만 )|(?<=서도 )|(?<=도 하고 )|(?<=그래도 ))")
_OPENING = 4
# Under it no reading of the parts could make "mixed" the largest share.
_LEAST_MIXED = 0.5


class Shares(NamedTuple):
    """The four sentiments of messages in thousandths, so that sums of them stay exact."""

    positive: int
    negative: int
    neutral: int
    mixed: int


_NEUTRAL = Shares(0, 0, _PARTS, 0)


@dataclass(slots=True)
class SentimentCounts:
    """Sums of the shares of messages; mergeable and exact."""

    messages: int = 0
    positive: int = 0
    negative: int = 0
    neutral: int = 0
    mixed: int = 0

    def add(self, messages: Sequence[Shares]) -> None:
        """Count messages."""
        if not messages:
            return
        positive, negative, neutral, mixed = map(sum, zip(*messages, strict=True))
        self.messages += len(messages)
        self.positive += positive
        self.negative += negative
        self.neutral += neutral
        self.mixed += mixed

    def merge(self, other: SentimentCounts) -> None:
        """Add everything ``other`` counted."""
        self.messages += other.messages
        self.positive += other.positive
        self.negative += other.negative
        self.neutral += other.neutral
        self.mixed += other.mixed

    def emotions(self) -> SentimentScores:
        """Return the mean of the messages' shares; all neutral when there is none."""
        if not self.messages:
            return _emotions(_NEUTRAL, _PARTS)
        return _emotions(Shares(self.positive, self.negative, self.neutral, self.mixed), self.messages * _PARTS)

    def to_document(self) -> dict[str, int]:
        """Return the sums as plain JSON."""
        return {
            "messages": self.messages,
            "positive": self.positive,
            "negative": self.negative,
            "neutral": self.neutral,
            "mixed": self.mixed,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, int]) -> SentimentCounts:
        """Read what ``to_document`` wrote."""
        return cls(**document)


def sentiment_of(text: str) -> SentimentScores:
    """Return how positive, negative, neutral and mixed a message is; the four are probabilities and add up to 1.

    f is the probability that it says a feeling at all, p that the feeling is a good one, m that it is both at once;
    the four are (f - m) p, (f - m) (1 - p), 1 - f and m. Where a message turns, as at 는데 and 지만, m is the larger of
    min(f p, f' (1 - p')) and min(f (1 - p), f' p') of what stands before and after the turn; elsewhere it is 0.
    """
    return _emotions(shares_of(text), _PARTS)


def shares_from(emotions: SentimentScores) -> Shares:
    """Return emotions that somebody else read in whole thousandths that add up to 1,000."""
    up, down, both = (
        int(share * _PARTS + _ROUNDING) for share in (emotions.positive, emotions.negative, emotions.mixed)
    )
    return Shares(up, down, _PARTS - up - down - both, both)


def shares_of(text: str) -> Shares:
    """Return ``emotions_of`` in whole thousandths that add up to 1,000."""
    if not text or text.isspace():
        return _NEUTRAL
    feels, good = _read(text)
    if feels > _LEAST_MIXED and (turn := _TURN.search(text, _OPENING)):
        mixed = min(feels, _mixed(text, turn))
        both, feels = int(mixed * _PARTS), feels - mixed
    else:
        both = 0
    up = int(feels * good * _PARTS)
    down = int(feels * (1 - good) * _PARTS)
    return Shares(up, down, _PARTS - up - down - both, both)


def lexicon(text: str) -> tuple[float, float]:
    """What the words of the lexicon say for and against, each from 0 to 1: p / (1 + p) of their weight p."""
    positive, negative = weigh(text)
    return positive / (1 + positive), negative / (1 + negative)


def _mixed(text: str, turn: re.Match[str]) -> float:
    """The probability that what stands before and after a turn says both."""
    (feels, good), (then_feels, then_good) = _read(text[: turn.start()]), _read(text[turn.end() :])
    good_then_bad = min(feels * good, then_feels * (1 - then_good))
    return max(good_then_bad, min(feels * (1 - good), then_feels * then_good))


def _read(text: str) -> tuple[float, float]:
    """The probabilities that a text says a feeling, and that the feeling is a good one.

    Logistic functions of sums, as hyperbolic tangents, which no long text overflows.
    """
    known, talk, film, register, feeling = sums_of(text)
    c = model().constants
    root = 1 / sqrt(known or 1)
    film_like = 0.5 + 0.5 * tanh(0.5 * (c.film_like + c.film_like_register * register * root))
    lean = c.lean + c.lean_talk * talk * root + film_like * (c.lean_film_like + c.lean_film * film * root)
    good = (1 - film_like) * (c.talk + c.talk_lean * lean) + film_like * (c.film + c.film_lean * lean)
    feels = c.feels + c.feels_feeling * feeling * root + c.feels_film_like * film_like + c.feels_known * log1p(known)
    up, down = lexicon(text)
    if up or down:
        good += (1 - film_like) * c.talk_lexicon * (up - down)
        feels += c.feels_lexicon * max(up, down)
    feels += c.feels_good * abs(good)
    return 0.5 + 0.5 * tanh(0.5 * feels), 0.5 + 0.5 * tanh(0.5 * good)


def _emotions(shares: Shares, whole: int) -> SentimentScores:
    return SentimentScores(
        positive=shares.positive / whole,
        negative=shares.negative / whole,
        neutral=shares.neutral / whole,
        mixed=shares.mixed / whole,
    )
