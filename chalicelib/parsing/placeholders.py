"""Placeholders: the words that an app writes instead of a photo, a call or another message that is not text.

Each app's placeholders and notices are in ``placeholders/<app>.json``. A placeholder is a whole message: ``사진`` is a
photo, ``사진 보내줘`` is text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec

from chalicelib import data_files
from chalicelib.data_files import Data
from chalicelib.domain import Kind, Message

# In characters. Longer messages are not matched against patterns and endings.
_MAX_LENGTH = 2_300
# KakaoTalk appends a space to some placeholders.
_OPTIONAL_ENDINGS = ("", " ")
# Replaces an empty list of alternatives, which would match everything.
_NEVER_MATCHES = "(?!)"
# A part of a call's length in words (``1 hr 5 min``). Other calls have ``1:05:00``.
_WORDED_DURATION = re.compile(r"(\d+) ?([hms])")
_UNIT_SECONDS = {"h": 3_600, "m": 60, "s": 1}


class Classification(msgspec.Struct, frozen=True):
    """The kind of a message, and its count: the photos of a photo message, the seconds of a call, otherwise 1."""

    kind: Kind
    count: int = 1


_PLAIN_TEXT = Classification(Kind.TEXT)


class _KindWords(Data, frozen=True):
    """The placeholders of one kind: whole messages, ends of one-line sentences, and patterns of whole messages."""

    exact: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()


class _NoticeWords(Data, frozen=True):
    """The notices of one app.

    ``untimed`` notices have no time in exports whose other records all have one. If there are ``keywords``, every
    notice that matches a pattern contains one of them.
    """

    exact: frozenset[str] = frozenset()
    untimed: frozenset[str] = frozenset()
    endings: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()


class _AppWords(Data, frozen=True):
    """One file of placeholders. Every pattern of a kind begins with one of the ``first_characters``."""

    first_characters: str
    kinds: dict[Kind, _KindWords]
    notices: _NoticeWords


@dataclass(frozen=True)
class _KindMatcher:
    """Placeholders compiled for matching. A check of the first and last character rules out most messages."""

    exact: dict[str, Kind]
    endings: tuple[str, ...]
    kind_of_ending: dict[str, Kind]
    patterns: re.Pattern[str]
    first_characters: frozenset[str]
    last_characters: frozenset[str]


class Vocabulary:
    """The placeholders and the notices of one app."""

    def __init__(self, app: str) -> None:
        """Take the name of the app. Its file is read at the first use."""
        self._path = Path(__file__).parent / "placeholders" / f"{app}.json"

    def classification_of(self, text: str) -> Classification:
        """Return the kind and the count of a message that has a sender."""
        if not self.may_be_placeholder(text):
            return _PLAIN_TEXT
        matcher = self._kind_matcher
        if (kind := matcher.exact.get(text)) is not None:
            return Classification(kind)
        if len(text) > _MAX_LENGTH:
            return _PLAIN_TEXT
        if (match := matcher.patterns.match(text)) is not None:
            return Classification(Kind(match.lastgroup or ""), _count(match))
        if "\n" not in text and text.endswith(matcher.endings):
            return Classification(next(kind for end, kind in matcher.kind_of_ending.items() if text.endswith(end)))
        return _PLAIN_TEXT

    def classify(self, message: Message) -> None:
        """Set the kind and the count of a message that has a sender, in place."""
        classification = self.classification_of(message.text)
        message.kind, message.count = classification.kind, classification.count

    def may_be_placeholder(self, text: str) -> bool:
        """Return False if the first and the last character prove that a message is text."""
        matcher = self._kind_matcher
        return text[:1] in matcher.first_characters or text[-1:] in matcher.last_characters

    def assign_kinds(self, messages: list[Message]) -> None:
        """Set the kind and the count of messages that were read as text, in place."""
        matcher = self._kind_matcher
        first, last, exact = matcher.first_characters, matcher.last_characters, matcher.exact
        # This line runs for every message of an import, so it reads ``text`` only once.
        candidates = [m for m in messages if (text := m.text)[:1] in first or text[-1:] in last or m.sender is None]
        for message in candidates:
            text = message.text
            if message.sender is None:
                message.kind = Kind.SYSTEM
            elif text in exact or matcher.patterns.match(text) or text.endswith(matcher.endings):
                self.classify(message)

    def is_notice(self, text: str) -> bool:
        """Return whether a line is a notice."""
        notices = self._words.notices
        if text in notices.exact:
            return True
        if len(text) > _MAX_LENGTH or "\n" in text:
            return False
        return text.endswith(notices.endings) or bool(
            self._notice_keyword.search(text) and self._notice_patterns.fullmatch(text)
        )

    def is_untimed_notice(self, text: str) -> bool:
        """Return whether a line is a notice without a time, in an export whose other records all have one."""
        return text in self._words.notices.untimed

    @cached_property
    def notice_signs(self) -> re.Pattern[str]:
        """A pattern that matches somewhere in every notice of an app whose notices have keywords."""
        notices = self._words.notices
        return _any_of((*notices.keywords, *notices.exact, *notices.endings))

    @cached_property
    def notice_suffixes(self) -> frozenset[str]:
        """The last two characters of every notice of an app without patterns of notices."""
        notices = self._words.notices
        return frozenset(text[-2:] for text in (*notices.exact, *notices.endings))

    @cached_property
    def _words(self) -> _AppWords:
        return data_files.load(self._path, _AppWords)

    @cached_property
    def _notice_keyword(self) -> re.Pattern[str]:
        return _any_of(self._words.notices.keywords)

    @cached_property
    def _notice_patterns(self) -> re.Pattern[str]:
        return re.compile("|".join(self._words.notices.patterns or (_NEVER_MATCHES,)))

    @cached_property
    def _kind_matcher(self) -> _KindMatcher:
        first_characters, kinds = self._words.first_characters, self._words.kinds.items()
        exact = {text + end: kind for kind, words in kinds for text in words.exact for end in _OPTIONAL_ENDINGS}
        kind_of_ending = {end: kind for kind, words in kinds for end in words.endings}
        patterns = [f"(?P<{kind}>{'|'.join(words.patterns)})" for kind, words in kinds if words.patterns]
        first_character = f"[{re.escape(first_characters)}]" if patterns else _NEVER_MATCHES
        return _KindMatcher(
            exact=exact,
            endings=tuple(kind_of_ending),
            kind_of_ending=kind_of_ending,
            patterns=re.compile(rf"(?={first_character})(?:{'|'.join(patterns)}) ?\Z"),
            first_characters=frozenset((*first_characters, *(text[0] for text in exact))),
            last_characters=frozenset(ending[-1] for ending in kind_of_ending),
        )


def _any_of(texts: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern that matches any of the texts. Without texts it matches everywhere."""
    return re.compile("|".join(map(re.escape, texts)))


def _count(match: re.Match[str]) -> int:
    groups = match.groupdict()
    if pieces := groups.get("pieces"):
        return int(pieces)
    return _seconds(length) if (length := groups.get("length")) else 1


def _seconds(length: str) -> int:
    """Return the seconds of ``1 hr 5 min`` or ``1:05:00``."""
    if units := _WORDED_DURATION.findall(length):
        return sum(int(number) * _UNIT_SECONDS[unit] for number, unit in units)
    seconds = 0
    for part in length.split(":"):
        seconds = seconds * 60 + int(part)
    return seconds
