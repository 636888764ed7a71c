"""Nouns of the partner's messages that a reply can name: ``data/topics.json``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import cache

from chalicelib import data_files
from chalicelib.coaching import DATA
from chalicelib.data_files import Data

# A short topic must end its word or be followed by one of these: 빵을, but not 빵빵.
_AFTER_SHORT_TOPIC = (
    r"(?=$|[^가-힣]|이|가|은|는|을|를|도|에|랑|하고|만|로|으로|나|인데|야"
    r"|보|먹|갔|갈|했|하|중|볼|끝|준비|때문|있|붙|합)"
)
# In characters.
_MIN_LONG_TOPIC = 3


class TopicKind(StrEnum):
    """The kinds of topic that replies ask for."""

    FOOD = "food"
    GO = "go"
    EVENT = "event"
    FEAT = "feat"
    WORK = "work"
    OTHER = "other"
    ANY = "any"


class TopicLists(Data, frozen=True):
    """The content of ``data/topics.json``. ``any`` names the kinds that are also a topic of the kind ``any``."""

    about: str
    words: dict[TopicKind, tuple[str, ...]]
    any: tuple[TopicKind, ...]


@cache
def _lists() -> TopicLists:
    return data_files.load(DATA / "topics.json", TopicLists)


def words_of(kinds: Iterable[TopicKind]) -> frozenset[str]:
    """Return the topics of several kinds."""
    return frozenset(word for kind in kinds for word in _lists().words[kind])


def find(text: str) -> dict[TopicKind, str]:
    """Return the first topic of each kind in a text."""
    matches = {kind: pattern.search(text) for kind, pattern in _patterns().items()}
    return {kind: match[1] for kind, match in matches.items() if match}


@cache
def _patterns() -> dict[TopicKind, re.Pattern[str]]:
    lists = _lists()
    any_words = tuple(word for kind in lists.any for word in lists.words[kind])
    return {kind: _pattern(words) for kind, words in (*lists.words.items(), (TopicKind.ANY, any_words))}


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern that prefers longer topics, and finds a short one only at the end of a word or stem."""
    ordered = sorted(words, key=len, reverse=True)
    long = [re.escape(word) for word in ordered if len(word) >= _MIN_LONG_TOPIC]
    short = [re.escape(word) + _AFTER_SHORT_TOPIC for word in ordered if len(word) < _MIN_LONG_TOPIC]
    return re.compile(r"(?<![가-힣])(" + "|".join(long + short) + ")")
