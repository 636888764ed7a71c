"""말투: how one person speaks, counted message by message.

Signs, honorifics and habits are in ``data/speech_words.json``, the rules of
the traits in ``data/speech_traits.json``; each says how it is read.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from chalicelib.analysis.histogram import Histogram
from chalicelib.analysis.sentiment import SentimentCounts, Shares, shares_of
from chalicelib.domain import FunctionCounts, Habit, SentimentScores, Speech, SpeechLevel, TraitCount
from chalicelib.korean.endings import (
    is_question,
    is_question_of_words,
    level_of,
    level_of_words,
    without_urls,
    words_of,
)
from chalicelib.korean.function_morphemes import functions_of
from chalicelib.korean.nouns import topic_forms

__all__ = [
    "MessageFeatures",
    "SpeechCounts",
    "analyse",
    "choose_examples",
    "features_of",
    "has_emoji",
    "has_honorific",
    "has_laughter",
    "is_question",
    "level_of",
    "style_fit",
]

_HABITS_KEPT = 300
_HABITS_SHOWN = 8
_HABIT_FROM = 3
_EXAMPLES = 5

_FORMAL_ABOVE = 0.7
_SEMI_FORMAL_ABOVE = 0.3
_TONE_MARGIN = 0.1
_MEDIUM_FROM = 5
_HIGH_FROM = 50

# style_fit: what its three parts weigh, and where each begins to fall.
_LEVEL_WEIGHT, _LENGTH_WEIGHT, _SIGNS_WEIGHT = 0.5, 0.3, 0.2
_NO_LEVEL_FIT = 0.8
# Characters. Who writes less at once says a sentence in several messages, and an answer is a sentence.
_SHORT_SENTENCE = 15
# Characters. The parts of longer texts are not remembered: they are no words.
_LONGEST_KNOWN = 1_000
_LENGTH_FACTOR = 4.0
_USUAL = 0.25

# Runs of signs, and what is written with other characters: dots, emoticons, sounds. What they mean may be remembered,
# since they hold no words. Each begins with one set of characters, which lets the search skip to the next of them.
_SIGNS = re.compile(r"[^가-힣A-Za-z0-9\s,.?'\"()%/:=]+(?:(?<=<)3)?")
_WRITTEN_SIGNS = re.compile(
    r"[.:=TxX크키하히헤호푸캬깔낄킼흑](?:(?<=\.)\.+|(?<=[:=])[-'^]?[)(DPp*3](?![A-Za-z0-9])"
    r"|(?<=T)[._]?T|(?<=[xX])D(?![A-Za-z])"
    r"|(?<=크)크+|(?<=키)키+|(?<=[하푸])하+|(?<=히)히+|(?<=헤)헤+|(?<=호)호+|(?<=캬)캬+"
    r"|(?<=깔)깔|(?<=낄)낄|(?<=킼)킼|(?<=흑)흑)"
)
_UNFIT_EXAMPLE = re.compile(r"https?://|www\.|\d{4,}|\d[\d-]{6,}\d|@")


class _Marks(NamedTuple):
    """Signs of feeling: as a habit shows them, and what they count as."""

    shown: tuple[str, ...] = ()
    counts_as: frozenset[str] = frozenset()


_HONORIFIC = "honorific"
_NO_MARKS, _HONORS = _Marks(), _Marks(counts_as=frozenset((_HONORIFIC,)))


class _Spoken(NamedTuple):
    """What a word shows of how somebody speaks: a habit it closes a message with, the function morphemes in it."""

    closer: str | None
    is_cute: bool
    is_honorific: bool
    functions: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """What is read from what stands between two blanks: nothing of it depends on what else is in the text.

    It is equal to itself alone, so that many are counted fast.
    """

    words: tuple[str, ...]
    marks: tuple[_Marks, ...]
    functions: tuple[str, ...]
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Words:
    kinds: tuple[tuple[re.Pattern[str], int, frozenset[str]], ...]
    honorifics: re.Pattern[str]
    openers: frozenset[str]
    closers: Mapping[str, str]
    cute: frozenset[str]


def has_emoji(text: str) -> bool:
    """Tell whether a message holds an emoji, an emoticon, ㅋㅎ laughter or ㅠㅜ tears."""
    return "emoji" in _marks_of(without_urls(text)).counts_as


def has_laughter(text: str) -> bool:
    """Tell whether a message laughs: ㅋ, ㅎ, 하하, 크크 and their like, but not ㅇㅋ or ㅎㅇ."""
    return "laughter" in _marks_of(without_urls(text)).counts_as


def has_honorific(text: str) -> bool:
    """Tell whether a message honours whom it speaks of: -(으)시- or an honorific word, at any level of speech."""
    return any(_spoken(word).is_honorific for word in words_of(text))


class MessageFeatures(NamedTuple):
    """What is read from one text message: ``length`` in characters, ``shares`` of the four sentiments."""

    length: int
    level: SpeechLevel
    shares: Shares
    is_question: bool
    has_honorific: bool
    has_emoji: bool
    has_laughter: bool
    is_expressive: bool
    is_cute: bool
    habits: tuple[str, ...]
    parts: Sequence[_Part]


def features_of(text: str) -> MessageFeatures:
    """Read one text message."""
    plain = without_urls(text)
    parts = list(map(_part if len(text) <= _LONGEST_KNOWN else _part.__wrapped__, text.split()))
    words: list[str] = []
    marks: list[_Marks] = []
    for part in parts:
        words += part.words
        marks += part.marks
    habits, signs = _together(marks)
    is_cute = False
    if words:
        closer, is_cute, _, _ = _spoken(words[-1])
        if words[0] in _words().openers:
            habits += (_opener_of(words),)
        if closer is not None:
            habits += (closer,)
    # By position: this runs for every message, and naming all fields takes as long as reading three words.
    return MessageFeatures(
        len(text),
        level_of_words(plain, words),
        shares_of(text),
        is_question_of_words(plain, words),
        _HONORIFIC in signs,
        "emoji" in signs,
        "laughter" in signs,
        "expressive" in signs,
        is_cute,
        habits,
        parts,
    )


@dataclass(slots=True)
class SpeechCounts:
    """One person's counts. Merging those of two parts gives those of the whole."""

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
    emotions: SentimentCounts = field(default_factory=SentimentCounts)

    def add(self, text: str) -> None:
        """Count one text message."""
        self.count([features_of(text)])

    def count(self, readings: Sequence[MessageFeatures]) -> None:
        """Count text messages, each thing that was read from them in one go."""
        if not readings:
            return
        lengths, levels, shares, asks, honors, emoji, laughs, expressive, cute, habits, parts = zip(
            *readings, strict=True
        )
        self.messages += len(readings)
        self.characters += sum(lengths)
        self.questions += sum(asks)
        self.honorifics += sum(honors)
        self.emoji += sum(emoji)
        self.laughter += sum(laughs)
        self.expressive += sum(expressive)
        self.cute += sum(cute)
        self.levels.update(levels)
        self.lengths.add_all(lengths)
        self.emotions.add(shares)
        self.habits.update(chain.from_iterable(habits))
        for part, times in Counter(chain.from_iterable(parts)).items():
            self.words += times * len(part.words)
            for category in part.functions:
                self.functions[category] += times

    def merge(self, other: SpeechCounts) -> None:
        """Add everything ``other`` counted."""
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.levels.update(other.levels)
        self.habits.update(other.habits)
        self.functions.update(other.functions)
        self.lengths.merge(other.lengths)
        self.emotions.merge(other.emotions)

    def to_document(self, habits_kept: int = _HABITS_KEPT) -> dict[str, Any]:
        """Return the counts as plain JSON, with the most frequent habits: the caller keeps its version."""
        return {name: getattr(self, name) for name in _NUMBERS} | {
            "levels": {level.value: self.levels[level] for level in SpeechLevel},
            "habits": dict(_most_frequent(self.habits, min(habits_kept, _HABITS_KEPT))),
            "functions": dict(self.functions),
            "lengths": self.lengths.to_document(),
            "emotions": self.emotions.to_document(),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> SpeechCounts:
        """Read what ``to_document`` wrote."""
        return cls(
            **{name: document[name] for name in _NUMBERS},
            levels=Counter({SpeechLevel(level): n for level, n in document["levels"].items() if n}),
            habits=Counter(document["habits"]),
            functions=Counter(document["functions"]),
            lengths=Histogram.from_document(document["lengths"]),
            emotions=SentimentCounts.from_document(document["emotions"]),
        )

    def speech(self, examples: Sequence[str] = ()) -> Speech:
        """Return the speech analysis of what was counted, with messages chosen elsewhere as examples."""
        emotions = self.emotions.emotions()
        formal_ratio = self._formal_ratio()
        confidence = _confidence(self.messages)
        trait_counts = () if confidence == "low" else _traits(self._measures(emotions))
        return Speech(
            total_messages=self.messages,
            formal_ratio=formal_ratio,
            emoji_ratio=self._share(self.emoji),
            avg_length=self._share(self.characters),
            tone=_tone(emotions),
            speech_style=_speech_style(formal_ratio),
            personality_traits=tuple(dict.fromkeys(each.trait for each in trait_counts)),
            response_examples=tuple(examples),
            emotions=emotions,
            levels={level: self._share(self.levels[level]) for level in SpeechLevel},
            honorific_ratio=self._share(self.honorifics),
            laughter_ratio=self._share(self.laughter),
            question_ratio=self._share(self.questions),
            length_median=self._length(0.5),
            length_p90=self._length(0.9),
            habits=self._habits(),
            confidence=confidence,
            trait_counts=trait_counts,
            functions=FunctionCounts(self.words, dict(self.functions)),
        )

    def _share(self, count: int) -> float:
        return count / self.messages if self.messages else 0.0

    def _levelled(self) -> int:
        return sum(n for level, n in self.levels.items() if level != SpeechLevel.NEUTRAL)

    def _polite(self) -> int:
        return sum(n for level, n in self.levels.items() if level.is_polite)

    def _formal_ratio(self) -> float:
        levelled = self._levelled()
        return self._polite() / levelled if levelled else 0.0

    def _length(self, q: float) -> int:
        return round(self.lengths.quantile(q) or 0)

    def _habits(self) -> tuple[Habit, ...]:
        frequent = _most_frequent(self.habits, _HABITS_SHOWN)
        return tuple(Habit(text, count) for text, count in frequent if count >= _HABIT_FROM)

    def _measures(self, emotions: SentimentScores) -> dict[str, _Measure]:
        shares = {
            "emoji_ratio": self.emoji,
            "laughter_ratio": self.laughter,
            "question_ratio": self.questions,
            "honorific_ratio": self.honorifics,
            "expressive_ratio": self.expressive,
            "cute_ratio": self.cute,
        }
        return {name: _Measure(self._share(count), self.messages, count) for name, count in shares.items()} | {
            "formal_ratio": _Measure(self._formal_ratio(), self._levelled(), self._polite()),
            "length_median": _Measure(self._length(0.5), self.messages),
            "positive": _Measure(emotions.positive, self.messages),
            "negative": _Measure(emotions.negative, self.messages),
        }


class _Measure(NamedTuple):
    """A measure's value, over how many messages, and in how many of them what it counts was found."""

    value: float
    messages: int
    found: int | None = None


_NUMBERS = ("messages", "characters", "emoji", "laughter", "questions", "honorifics", "expressive", "cute", "words")


def analyse(texts: Sequence[str]) -> Speech:
    """Return the speech analysis of one person's messages, with examples chosen from them.

    Raises:
        ValueError: There is no message.
    """
    if not texts:
        raise ValueError("a speech analysis needs at least one message")
    counts = SpeechCounts()
    for text in texts:
        counts.add(text)
    return counts.speech(choose_examples(texts))


def choose_examples(texts: Sequence[str], level: SpeechLevel | None = None) -> tuple[str, ...]:
    """Choose up to five distinct messages that are typical of a person, nearest their median length first.

    Those of the usual level come first: ``level``, or the most frequent of the
    messages. None holds an address, an account or four digits in a row.
    """
    candidates = [text for text in dict.fromkeys(map(str.strip, texts)) if text and not _UNFIT_EXAMPLE.search(text)]
    if not candidates:
        return ()
    levels = {text: level_of(text) for text in candidates}
    usual = level or _usual_level(levels.values())
    median = sorted(map(len, candidates))[len(candidates) // 2]
    ranked = sorted(candidates, key=lambda text: (levels[text] is not usual, abs(len(text) - median)))
    return tuple(ranked[:_EXAMPLES])


def _usual_level(levels: Iterable[SpeechLevel]) -> SpeechLevel:
    counted = Counter(level for level in levels if level is not SpeechLevel.NEUTRAL)
    return counted.most_common(1)[0][0] if counted else SpeechLevel.NEUTRAL


def style_fit(text: str, speech: Speech) -> float:
    """Return how well a message fits somebody's own speech, from 0 to 1.

    It is 0.5 * level + 0.3 * length + 0.2 * signs, where
    level is the share of the message's politeness (존댓말 or 반말) among their
    messages with a level over the share of their usual one, 0.8 for a message
    without a level, 1 when nothing is known of theirs;
    length is 1 from half their median to their 90th percentile, or to a short
    sentence where that is longer, and falls with the logarithm of the distance,
    to 0 at four times or a quarter;
    signs is the mean over laughter and emoji of min(1, 4r), r being how often
    they do as the message does.
    """
    marks = _marks_of(without_urls(text)).counts_as
    laughter = _habit_fit(speech.laughter_ratio, present="laughter" in marks)
    emoji = _habit_fit(speech.emoji_ratio, present="emoji" in marks)
    return (
        _LEVEL_WEIGHT * _level_fit(level_of(text), speech)
        + _LENGTH_WEIGHT * _length_fit(len(text), speech)
        + _SIGNS_WEIGHT * (laughter + emoji) / 2
    )


def _level_fit(level: SpeechLevel, speech: Speech) -> float:
    if speech.levels.get(SpeechLevel.NEUTRAL, 0.0) >= 1:
        return 1.0
    if level is SpeechLevel.NEUTRAL:
        return _NO_LEVEL_FIT
    formal = speech.formal_ratio
    share = formal if level.is_polite else 1 - formal
    return share / max(formal, 1 - formal)


def _length_fit(length: int, speech: Speech) -> float:
    shortest, longest = max(speech.length_median / 2, 1), max(speech.length_p90, _SHORT_SENTENCE)
    distance = max(shortest / max(length, 1), length / longest, 1)
    return max(1 - math.log(distance) / math.log(_LENGTH_FACTOR), 0.0)


def _habit_fit(ratio: float, *, present: bool) -> float:
    return min(1.0, (ratio if present else 1 - ratio) / _USUAL)


def _tone(emotions: SentimentScores) -> str:
    lean = emotions.positive - emotions.negative
    if abs(lean) <= _TONE_MARGIN:
        return "neutral"
    return "positive" if lean > 0 else "negative"


def _speech_style(formal_ratio: float) -> str:
    if formal_ratio > _FORMAL_ABOVE:
        return "formal"
    return "semi_formal" if formal_ratio > _SEMI_FORMAL_ABOVE else "casual"


def _confidence(messages: int) -> str:
    if messages < _MEDIUM_FROM:
        return "low"
    return "medium" if messages < _HIGH_FROM else "high"


def _traits(measures: Mapping[str, _Measure]) -> tuple[TraitCount, ...]:
    """The traits that the measures show, each with all it rests on."""
    rules = _trait_rules()
    shown = [trait for trait in rules["traits"] if all(_holds(part, measures) for part in trait["when"])]
    return tuple(
        TraitCount(trait["name"], part["measure"], measure.value, measure.found, measure.messages)
        for trait in shown[: rules["at_most"]]
        for part in trait["when"]
        for measure in (measures[part["measure"]],)
    )


def _holds(condition: Mapping[str, Any], measures: Mapping[str, _Measure]) -> bool:
    value = measures[condition["measure"]].value
    return bool(condition.get("from", -math.inf) <= value <= condition.get("to", math.inf))


def _most_frequent(counts: Mapping[str, int], at_most: int) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:at_most]


def _marks_of(text: str) -> _Marks:
    return _together(_all_marks_of(text))


def _all_marks_of(text: str) -> tuple[_Marks, ...]:
    """The marks of each run of signs."""
    return tuple(map(_marks_in, _SIGNS.findall(text) + _WRITTEN_SIGNS.findall(text)))


def _together(found: Sequence[_Marks]) -> _Marks:
    if len(found) < 2:  # noqa: PLR2004 (nothing to put together)
        return found[0] if found else _NO_MARKS
    shown = dict.fromkeys(mark for marks in found for mark in marks.shown)
    return _Marks(tuple(shown), frozenset().union(*(marks.counts_as for marks in found)))


@lru_cache(maxsize=4096)
def _marks_in(run: str) -> _Marks:
    shown: dict[str, None] = {}
    counts_as: set[str] = set()
    while run:
        mark, kind, length = _first_mark(run)
        if mark:
            shown[mark] = None
            counts_as |= kind
        run = run[length:]
    return _Marks(tuple(shown), frozenset(counts_as))


def _first_mark(run: str) -> tuple[str, frozenset[str], int]:
    for pattern, keep, counts_as in _words().kinds:
        match = pattern.match(run)
        if match:
            return match.group()[:keep], counts_as, match.end()
    return "", frozenset(), 1


def _opener_of(words: Sequence[str]) -> str:
    """The habit that an opening word is, with the second word where the two are one."""
    pair = " ".join(words[:2])
    return pair if pair in _words().openers else words[0]


# As for endings: at most these single words stay in memory, and no message.
@lru_cache(maxsize=32_768)
def _spoken(word: str) -> _Spoken:
    words = _words()
    # Closers are one to three letters long.
    closer = words.closers.get(word[-3:]) or words.closers.get(word[-2:]) or words.closers.get(word[-1:])
    return _Spoken(closer, closer in words.cute, words.honorifics.search(word) is not None, functions_of(word))


# Most parts of a chat's texts are met again, too.
@lru_cache(maxsize=32_768)
def _part(text: str) -> _Part:
    plain = without_urls(text)
    words = tuple(words_of(plain))
    spoken = [_spoken(word) for word in words]
    honors = any(each.is_honorific for each in spoken)
    return _Part(
        words,
        (*_all_marks_of(plain), *([_HONORS] if honors else ())),
        tuple(category for each in spoken for category in each.functions),
        tuple(topic_forms(text)),
    )


@cache
def _words() -> _Words:
    data = _data("speech_words.json")
    kinds = data["marks"]
    return _Words(
        kinds=tuple((re.compile(kind["pattern"]), kind["keep"], frozenset(kind["counts_as"])) for kind in kinds),
        honorifics=re.compile("|".join(data["honorifics"])),
        openers=frozenset(data["openers"]),
        closers={closer: f"-{closer}" for closer in data["closers"]},
        cute=frozenset(f"-{closer}" for closer in data["cute_closers"]),
    )


@cache
def _trait_rules() -> dict[str, Any]:
    return _data("speech_traits.json")


def _data(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((Path(__file__).parent / "data" / name).read_text("utf-8"))
    return document
