"""The speech (말투) of one person: how they write, counted message by message.

``message_features`` reads each message. The rules of the personality traits are in ``data/speech_traits.json``, which
describes its fields. ``docs/analysis.md`` defines the figures.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from chalicelib import data_files
from chalicelib.analysis.histogram import Histogram
from chalicelib.analysis.message_features import MessageFeatures, features_of, has_laughter, measures_of
from chalicelib.analysis.sentiment import SentimentCounts
from chalicelib.data_files import Data
from chalicelib.domain import FunctionCounts, Habit, SentimentScores, Speech, SpeechLevel, TraitCount
from chalicelib.korean.endings import is_question, level_of

# The coach asks this module for everything about a person's speech.
__all__ = ["SpeechCounts", "analyse", "choose_examples", "has_laughter", "is_question", "level_of", "style_fit"]

_MAX_STORED_HABITS = 300
_MAX_SHOWN_HABITS = 8
_MIN_HABIT_COUNT = 3
_MAX_EXAMPLES = 5

_MIN_FORMAL_RATIO = 0.7
_MIN_SEMI_FORMAL_RATIO = 0.3
_MIN_TONE_DIFFERENCE = 0.1
_MIN_MEDIUM_CONFIDENCE = 5
_MIN_HIGH_CONFIDENCE = 50

# The weights of the three parts of ``style_fit``, and where each part begins to fall.
_LEVEL_WEIGHT, _LENGTH_WEIGHT, _MARKS_WEIGHT = 0.5, 0.3, 0.2
_FIT_WITHOUT_LEVEL = 0.8
# Characters. People who write shorter messages split a sentence over several, but a suggested reply is one sentence.
_SHORT_SENTENCE = 15
_MAX_LENGTH_FACTOR = 4.0
_USUAL_RATIO = 0.25

# An example must not have an address, an account or four digits in a row.
_PRIVATE = re.compile(r"https?://|www\.|\d{4,}|\d[\d-]{6,}\d|@")

# Counts that are stored under their own names.
_COUNTS = ("messages", "characters", "emoji", "laughter", "questions", "honorifics", "expressive", "cute", "words")

Measure = Literal[
    "emoji_ratio",
    "laughter_ratio",
    "question_ratio",
    "honorific_ratio",
    "expressive_ratio",
    "cute_ratio",
    "formal_ratio",
    "length_median",
    "positive",
    "negative",
]


class _Condition(Data, frozen=True):
    """Bounds of a measure, both inclusive."""

    measure: Measure
    minimum: float = msgspec.field(name="from", default=-math.inf)
    maximum: float = msgspec.field(name="to", default=math.inf)


class _TraitRule(Data, frozen=True):
    name: str
    when: tuple[_Condition, ...]


class _TraitsFile(Data, frozen=True):
    """``data/speech_traits.json``, which describes its fields."""

    about: tuple[str, ...]
    max_traits: int
    traits: tuple[_TraitRule, ...]


class _MeasureValue(NamedTuple):
    """The value of a measure, the number of messages it covers, and how many of them match; None if not counted."""

    value: float
    messages: int
    matches: int | None = None


@dataclass(slots=True)
class SpeechCounts:
    """The counts of one person's messages. Messages may be added in any number of parts."""

    messages: int = 0
    characters: int = 0
    emoji: int = 0
    laughter: int = 0
    questions: int = 0
    honorifics: int = 0
    expressive: int = 0
    cute: int = 0
    words: int = 0
    levels: Counter[SpeechLevel] = field(default_factory=Counter)
    habits: Counter[str] = field(default_factory=Counter)
    functions: Counter[str] = field(default_factory=Counter)
    lengths: Histogram = field(default_factory=Histogram)
    sentiment: SentimentCounts = field(default_factory=SentimentCounts)

    def add(self, text: str) -> None:
        """Count one text message."""
        self.add_all([features_of(text)])

    def add_all(self, messages: Sequence[MessageFeatures]) -> None:
        """Count text messages. Each feature is counted for all of them together, which is faster than one by one."""
        if not messages:
            return
        lengths, levels, sentiment, questions, honorifics, emoji, laughter, expressive, cute, habits, tokens = zip(
            *messages, strict=True
        )
        self.messages += len(messages)
        self.characters += sum(lengths)
        self.questions += sum(questions)
        self.honorifics += sum(honorifics)
        self.emoji += sum(emoji)
        self.laughter += sum(laughter)
        self.expressive += sum(expressive)
        self.cute += sum(cute)
        self.levels.update(levels)
        self.lengths.add_all(lengths)
        self.sentiment.add(sentiment)
        self.habits.update(chain.from_iterable(habits))
        for token, times in Counter(chain.from_iterable(tokens)).items():
            self.words += times * len(token.words)
            for category in token.categories:
                self.functions[category] += times

    def to_document(self, max_habits: int = _MAX_STORED_HABITS) -> dict[str, Any]:
        """Return the counts as plain JSON, with the most frequent habits. The caller stores a format version."""
        return {name: getattr(self, name) for name in _COUNTS} | {
            "levels": {level.value: self.levels[level] for level in SpeechLevel},
            "habits": dict(_most_frequent(self.habits, min(max_habits, _MAX_STORED_HABITS))),
            "functions": dict(self.functions),
            "lengths": self.lengths.to_document(),
            "emotions": self.sentiment.to_document(),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> SpeechCounts:
        """Return the counts that ``to_document`` wrote."""
        return cls(
            **{name: document[name] for name in _COUNTS},
            levels=Counter({SpeechLevel(level): n for level, n in document["levels"].items() if n}),
            habits=Counter(document["habits"]),
            functions=Counter(document["functions"]),
            lengths=Histogram.from_document(document["lengths"]),
            sentiment=SentimentCounts.from_document(document["emotions"]),
        )

    def speech(self, examples: Sequence[str] = ()) -> Speech:
        """Return the speech analysis of the counted messages, with the given messages as examples."""
        sentiment = self.sentiment.mean()
        formal_ratio = self._formal_ratio()
        confidence = _confidence(self.messages)
        trait_counts = () if confidence == "low" else _traits(self._measures(sentiment))
        return Speech(
            total_messages=self.messages,
            formal_ratio=formal_ratio,
            emoji_ratio=self._share(self.emoji),
            avg_length=self._share(self.characters),
            tone=_tone(sentiment),
            speech_style=_speech_style(formal_ratio),
            personality_traits=tuple(dict.fromkeys(each.trait for each in trait_counts)),
            response_examples=tuple(examples),
            emotions=sentiment,
            levels={level: self._share(self.levels[level]) for level in SpeechLevel},
            honorific_ratio=self._share(self.honorifics),
            laughter_ratio=self._share(self.laughter),
            question_ratio=self._share(self.questions),
            length_median=self._length_quantile(0.5),
            length_p90=self._length_quantile(0.9),
            habits=self._frequent_habits(),
            confidence=confidence,
            trait_counts=trait_counts,
            functions=FunctionCounts(self.words, dict(self.functions)),
        )

    def _share(self, count: int) -> float:
        return count / self.messages if self.messages else 0.0

    def _with_level(self) -> int:
        return sum(n for level, n in self.levels.items() if level is not SpeechLevel.NEUTRAL)

    def _polite(self) -> int:
        return sum(n for level, n in self.levels.items() if level.is_polite)

    def _formal_ratio(self) -> float:
        with_level = self._with_level()
        return self._polite() / with_level if with_level else 0.0

    def _length_quantile(self, q: float) -> int:
        return round(self.lengths.quantile(q) or 0)

    def _frequent_habits(self) -> tuple[Habit, ...]:
        frequent = _most_frequent(self.habits, _MAX_SHOWN_HABITS)
        return tuple(Habit(text, count) for text, count in frequent if count >= _MIN_HABIT_COUNT)

    def _measures(self, sentiment: SentimentScores) -> dict[Measure, _MeasureValue]:
        counts: dict[Measure, int] = {
            "emoji_ratio": self.emoji,
            "laughter_ratio": self.laughter,
            "question_ratio": self.questions,
            "honorific_ratio": self.honorifics,
            "expressive_ratio": self.expressive,
            "cute_ratio": self.cute,
        }
        values = {name: _MeasureValue(self._share(count), self.messages, count) for name, count in counts.items()}
        return values | {
            "formal_ratio": _MeasureValue(self._formal_ratio(), self._with_level(), self._polite()),
            "length_median": _MeasureValue(self._length_quantile(0.5), self.messages),
            "positive": _MeasureValue(sentiment.positive, self.messages),
            "negative": _MeasureValue(sentiment.negative, self.messages),
        }


def analyse(texts: Sequence[str]) -> Speech:
    """Return the speech analysis of one person's messages, with examples chosen from them.

    Raises:
        ValueError: There are no messages.
    """
    if not texts:
        raise ValueError("a speech analysis needs at least one message")
    counts = SpeechCounts()
    for text in texts:
        counts.add(text)
    return counts.speech(choose_examples(texts))


def choose_examples(texts: Sequence[str], level: SpeechLevel | None = None) -> tuple[str, ...]:
    """Choose up to five distinct messages that are typical of a person.

    Messages of the usual level come first, then those nearest to the median length. The usual level is ``level``, or
    the most frequent level of the messages. A message with an address, an account or four digits in a row is never
    chosen.
    """
    candidates = [text for text in dict.fromkeys(map(str.strip, texts)) if text and not _PRIVATE.search(text)]
    if not candidates:
        return ()
    levels = {text: level_of(text) for text in candidates}
    usual = level or _usual_level(levels.values())
    median = sorted(map(len, candidates))[len(candidates) // 2]
    ranked = sorted(candidates, key=lambda text: (levels[text] is not usual, abs(len(text) - median)))
    return tuple(ranked[:_MAX_EXAMPLES])


def _usual_level(levels: Iterable[SpeechLevel]) -> SpeechLevel:
    counts = Counter(level for level in levels if level is not SpeechLevel.NEUTRAL)
    return counts.most_common(1)[0][0] if counts else SpeechLevel.NEUTRAL


def style_fit(text: str, speech: Speech) -> float:
    """Return how well a message fits a person's speech, from 0.0 to 1.0.

    The result is 0.5 * level + 0.3 * length + 0.2 * marks.

    - *level*: the share of the message's politeness (존댓말 or 반말) among the person's messages with a level, over the
      share of the usual politeness. 0.8 for a message without a level, 1 if the person has no level.
    - *length*: 1 from half the person's median to their 90th percentile, or to a short sentence if that is longer.
      Outside it falls with the logarithm of the distance, and is 0 at a quarter of the lower and four times the upper
      bound.
    - *marks*: the mean over laughter and emoji of min(1, 4r), where r is the person's share of messages that, like this
      message, have the mark or do not have it.
    """
    measures = measures_of(text)
    laughter = _mark_fit(speech.laughter_ratio, present="laughter" in measures)
    emoji = _mark_fit(speech.emoji_ratio, present="emoji" in measures)
    return (
        _LEVEL_WEIGHT * _level_fit(level_of(text), speech)
        + _LENGTH_WEIGHT * _length_fit(len(text), speech)
        + _MARKS_WEIGHT * (laughter + emoji) / 2
    )


def _level_fit(level: SpeechLevel, speech: Speech) -> float:
    if speech.levels.get(SpeechLevel.NEUTRAL, 0.0) >= 1:
        return 1.0
    if level is SpeechLevel.NEUTRAL:
        return _FIT_WITHOUT_LEVEL
    formal = speech.formal_ratio
    share = formal if level.is_polite else 1 - formal
    return share / max(formal, 1 - formal)


def _length_fit(length: int, speech: Speech) -> float:
    minimum, maximum = max(speech.length_median / 2, 1), max(speech.length_p90, _SHORT_SENTENCE)
    distance = max(minimum / max(length, 1), length / maximum, 1)
    return max(1 - math.log(distance) / math.log(_MAX_LENGTH_FACTOR), 0.0)


def _mark_fit(ratio: float, *, present: bool) -> float:
    return min(1.0, (ratio if present else 1 - ratio) / _USUAL_RATIO)


def _tone(sentiment: SentimentScores) -> str:
    difference = sentiment.positive - sentiment.negative
    if abs(difference) <= _MIN_TONE_DIFFERENCE:
        return "neutral"
    return "positive" if difference > 0 else "negative"


def _speech_style(formal_ratio: float) -> str:
    if formal_ratio > _MIN_FORMAL_RATIO:
        return "formal"
    return "semi_formal" if formal_ratio > _MIN_SEMI_FORMAL_RATIO else "casual"


def _confidence(messages: int) -> str:
    if messages < _MIN_MEDIUM_CONFIDENCE:
        return "low"
    return "medium" if messages < _MIN_HIGH_CONFIDENCE else "high"


def _traits(measures: Mapping[Measure, _MeasureValue]) -> tuple[TraitCount, ...]:
    """Return the traits that apply, one entry for each measure of a trait."""
    rules = _trait_rules()
    traits = [trait for trait in rules.traits if all(_is_met(condition, measures) for condition in trait.when)]
    return tuple(
        TraitCount(trait.name, condition.measure, measure.value, measure.matches, measure.messages)
        for trait in traits[: rules.max_traits]
        for condition in trait.when
        for measure in (measures[condition.measure],)
    )


def _is_met(condition: _Condition, measures: Mapping[Measure, _MeasureValue]) -> bool:
    return condition.minimum <= measures[condition.measure].value <= condition.maximum


def _most_frequent(counts: Mapping[str, int], at_most: int) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:at_most]


@cache
def _trait_rules() -> _TraitsFile:
    return data_files.load(Path(__file__).parent / "data" / "speech_traits.json", _TraitsFile)
