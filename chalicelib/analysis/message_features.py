"""The features of one text message: level, sentiment, marks, habits and topic words.

Marks, honorifics and habits are in ``data/speech_words.json``, which describes its fields.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

from chalicelib import data_files
from chalicelib.analysis.sentiment import SentimentShares, sentiment_shares_of
from chalicelib.data_files import Data
from chalicelib.domain import SpeechLevel
from chalicelib.korean.endings import is_question_of_words, level_of_words, without_urls, words_of
from chalicelib.korean.function_morphemes import categories_of
from chalicelib.korean.nouns import topic_forms

# Characters. The tokens of longer texts are not cached, because they are not words.
_MAX_CACHED_LENGTH = 1_000
_MAX_CLOSER_LENGTH = 3

# Runs of symbols, and marks written with letters: dots, emoticons, sounds. Their marks may be cached, because they
# contain no words. Each pattern begins with a set of characters, so that the search skips to the next of them.
_SYMBOL_RUN = re.compile(r"[^가-힣A-Za-z0-9\s,.?'\"()%/:=]+(?:(?<=<)3)?")
_WRITTEN_MARK = re.compile(
    r"[.:=TxX크키하히헤호푸캬깔낄킼흑](?:(?<=\.)\.+|(?<=[:=])[-'^]?[)(DPp*3](?![A-Za-z0-9])"
    r"|(?<=T)[._]?T|(?<=[xX])D(?![A-Za-z])"
    r"|(?<=크)크+|(?<=키)키+|(?<=[하푸])하+|(?<=히)히+|(?<=헤)헤+|(?<=호)호+|(?<=캬)캬+"
    r"|(?<=깔)깔|(?<=낄)낄|(?<=킼)킼|(?<=흑)흑)"
)

_HONORIFIC = "honorific"


class _MarkRule(Data, frozen=True):
    name: str
    counts_as: frozenset[Literal["emoji", "laughter", "expressive"]]
    keep: int
    pattern: str


class _WordsFile(Data, frozen=True):
    """``data/speech_words.json``, which describes its fields."""

    about: tuple[str, ...]
    marks: tuple[_MarkRule, ...]
    honorifics: tuple[str, ...]
    openers: frozenset[str]
    closers: tuple[str, ...]
    cute_closers: tuple[str, ...]


class _MarkPattern(NamedTuple):
    pattern: re.Pattern[str]
    keep: int
    measures: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Tables:
    marks: tuple[_MarkPattern, ...]
    honorifics: re.Pattern[str]
    openers: frozenset[str]
    closers: Mapping[str, str]
    cute_closers: frozenset[str]


class _Marks(NamedTuple):
    """Marks such as laughter, tears and emoji: the habits that they are, and the measures that they count for."""

    habits: tuple[str, ...] = ()
    measures: frozenset[str] = frozenset()


_NO_MARKS, _HONORIFIC_MARK = _Marks(), _Marks(measures=frozenset((_HONORIFIC,)))


class _WordFeatures(NamedTuple):
    """The features of a word. ``closer`` is a habit if the word ends a message."""

    closer: str | None
    is_cute: bool
    is_honorific: bool
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Token:
    """The features of the text between two spaces. They do not depend on the rest of the message.

    Tokens compare by identity, which makes counting them fast.
    """

    words: tuple[str, ...]
    marks: tuple[_Marks, ...]
    categories: tuple[str, ...]
    topics: tuple[str, ...]


class MessageFeatures(NamedTuple):
    """The features of one text message. ``length`` is in characters."""

    length: int
    level: SpeechLevel
    sentiment: SentimentShares
    is_question: bool
    has_honorific: bool
    has_emoji: bool
    has_laughter: bool
    is_expressive: bool
    is_cute: bool
    habits: tuple[str, ...]
    tokens: Sequence[Token]


def features_of(text: str) -> MessageFeatures:
    """Return the features of one text message."""
    plain = without_urls(text)
    tokens = list(map(_token if len(text) <= _MAX_CACHED_LENGTH else _token.__wrapped__, text.split()))
    words: list[str] = []
    marks: list[_Marks] = []
    for token in tokens:
        words += token.words
        marks += token.marks
    habits, measures = _merge_marks(marks)
    is_cute = False
    if words:
        closer, is_cute, _, _ = _word_features(words[-1])
        if words[0] in _tables().openers:
            habits += (_opener_of(words),)
        if closer is not None:
            habits += (closer,)
    # By position: this runs for every message, and naming the fields takes as long as reading three words.
    return MessageFeatures(
        len(text),
        level_of_words(plain, words),
        sentiment_shares_of(text),
        is_question_of_words(plain, words),
        _HONORIFIC in measures,
        "emoji" in measures,
        "laughter" in measures,
        "expressive" in measures,
        is_cute,
        habits,
        tokens,
    )


def has_emoji(text: str) -> bool:
    """Return whether a message has an emoji, an emoticon, ㅋㅎ laughter or ㅠㅜ tears."""
    return "emoji" in measures_of(text)


def has_laughter(text: str) -> bool:
    """Return whether a message laughs: ㅋ, ㅎ, 하하, 크크 and the like, but not ㅇㅋ or ㅎㅇ."""
    return "laughter" in measures_of(text)


def has_honorific(text: str) -> bool:
    """Return whether a message honours a person, at any speech level: with -(으)시- or an honorific word."""
    return any(_word_features(word).is_honorific for word in words_of(text))


def measures_of(text: str) -> frozenset[str]:
    """Return the measures that the marks of a message count for: emoji, laughter, expressive."""
    return _merge_marks(_marks_of(without_urls(text))).measures


def _marks_of(text: str) -> tuple[_Marks, ...]:
    """Return the marks of each run of symbols."""
    return tuple(map(_marks_in_run, _SYMBOL_RUN.findall(text) + _WRITTEN_MARK.findall(text)))


def _merge_marks(marks: Sequence[_Marks]) -> _Marks:
    if len(marks) < 2:  # noqa: PLR2004 (nothing to merge)
        return marks[0] if marks else _NO_MARKS
    habits = dict.fromkeys(habit for each in marks for habit in each.habits)
    return _Marks(tuple(habits), frozenset().union(*(each.measures for each in marks)))


@lru_cache(maxsize=4096)
def _marks_in_run(run: str) -> _Marks:
    habits: dict[str, None] = {}
    measures: set[str] = set()
    while run:
        habit, mark_measures, length = _first_mark(run)
        if habit:
            habits[habit] = None
            measures |= mark_measures
        run = run[length:]
    return _Marks(tuple(habits), frozenset(measures))


def _first_mark(run: str) -> tuple[str, frozenset[str], int]:
    """Return the habit at the beginning of a run, its measures, and the length of the match."""
    for pattern, keep, measures in _tables().marks:
        match = pattern.match(run)
        if match:
            return match.group()[:keep], measures, match.end()
    return "", frozenset(), 1


def _opener_of(words: Sequence[str]) -> str:
    """Return the opener of a message: its first two words if they are one opener, otherwise the first word."""
    pair = " ".join(words[:2])
    return pair if pair in _tables().openers else words[0]


# Most words of a chat repeat. The cache holds single words, never a message.
@lru_cache(maxsize=32_768)
def _word_features(word: str) -> _WordFeatures:
    tables = _tables()
    ends = (word[-size:] for size in range(_MAX_CLOSER_LENGTH, 0, -1))
    closer = next((tables.closers[end] for end in ends if end in tables.closers), None)
    return _WordFeatures(
        closer, closer in tables.cute_closers, tables.honorifics.search(word) is not None, categories_of(word)
    )


# Most tokens of a chat repeat, too.
@lru_cache(maxsize=32_768)
def _token(text: str) -> Token:
    plain = without_urls(text)
    words = tuple(words_of(plain))
    features = [_word_features(word) for word in words]
    has_honorific_word = any(each.is_honorific for each in features)
    return Token(
        words,
        (*_marks_of(plain), *([_HONORIFIC_MARK] if has_honorific_word else ())),
        tuple(category for each in features for category in each.categories),
        tuple(topic_forms(text)),
    )


@cache
def _tables() -> _Tables:
    data = data_files.load(Path(__file__).parent / "data" / "speech_words.json", _WordsFile)
    return _Tables(
        marks=tuple(_MarkPattern(re.compile(rule.pattern), rule.keep, rule.counts_as) for rule in data.marks),
        honorifics=re.compile("|".join(data.honorifics)),
        openers=data.openers,
        closers={closer: f"-{closer}" for closer in data.closers},
        cute_closers=frozenset(f"-{closer}" for closer in data.cute_closers),
    )
