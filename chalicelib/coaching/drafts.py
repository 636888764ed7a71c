"""Improve the user's own draft in three degrees: tidied, easier to answer, more open about feelings.

The content of the draft stays. The rules are ``data/drafts.json``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from chalicelib import data_files
from chalicelib.analysis import speech
from chalicelib.coaching import DATA
from chalicelib.coaching.patterns import Patterns
from chalicelib.coaching.reply_rules import ByLevel, ReplyLevel
from chalicelib.coaching.voice import Voice
from chalicelib.data_files import Data
from chalicelib.domain import SpeechLevel
from chalicelib.korean.sentences import sentences_and_separators

_LAUGHTER = re.compile(r"\s*[ㅋㅎ]{2,}")
_CLOSING_MARKS = tuple(".?!~…ㅋㅎㅠㅜ^")


class Substitution(Data, frozen=True, array_like=True):
    """A regular expression and its replacement."""

    pattern: str
    replacement: str

    def apply(self, text: str) -> str:
        """Replace every match in a text."""
        return re.sub(self.pattern, self.replacement, text)


class DraftKind(Data, frozen=True):
    """A kind of draft. ``add`` are the sentences that may be added to it in the balanced and in the bold degree."""

    name: str
    patterns: Patterns
    add: tuple[tuple[ByLevel[str], ...], tuple[ByLevel[str], ...]]


class DraftRules(Data, frozen=True):
    """The content of ``data/drafts.json``.

    ``level`` changes the ending of a sentence to a speech level. ``pronouns`` then changes the pronouns to that level.
    """

    about: str
    spelling: tuple[Substitution, ...]
    soften: tuple[Substitution, ...]
    level: ByLevel[tuple[Substitution, ...]]
    pronouns: ByLevel[tuple[Substitution, ...]]
    moves: tuple[str, str, str]
    kinds: tuple[DraftKind, ...]


@cache
def _rules() -> DraftRules:
    return data_files.load(DATA / "drafts.json", DraftRules)


def moves() -> tuple[str, str, str]:
    """Return a Korean description of each degree's change to the draft."""
    return _rules().moves


def improve(draft: str, voice: Voice, *, solemn: bool, choice: int) -> tuple[str, str, str]:
    """Return the draft in three degrees.

    Args:
        draft: The user's text, not empty.
        voice: The user's voice.
        solemn: Remove laughter.
        choice: A number that selects among the sentences to add.
    """
    rules = _rules()
    tidy = _tidy(draft, voice, solemn=solemn)
    kind = next(kind for kind in rules.kinds if kind.patterns.matches(tidy))
    balanced, bold = (_extend(tidy, options, voice, choice) for options in kind.add)
    return tidy, balanced, bold


def _tidy(draft: str, voice: Voice, *, solemn: bool) -> str:
    rules = _rules()
    text = _substitute(" ".join(draft.split()), (*rules.spelling, *rules.soften))
    if solemn:
        text = _LAUGHTER.sub("", text)
    # A draft that was only laughter stays as it is.
    return _change_level(" ".join(text.split()) or draft, voice.level)


def _substitute(text: str, substitutions: Iterable[Substitution]) -> str:
    for substitution in substitutions:
        text = substitution.apply(text)
    return text


def _change_level(text: str, level: ReplyLevel) -> str:
    """Return the text in a speech level. A sentence that no rule can change stays as it is."""
    rules = _rules()
    parts = sentences_and_separators(text)
    changed = [_change_ending(part, level, rules.level.of(level)) for part in parts]
    return text if changed == parts else _substitute("".join(changed), rules.pronouns.of(level))


def _change_ending(sentence: str, level: ReplyLevel, endings: Sequence[Substitution]) -> str:
    """Return the sentence with the first ending that applies, if the result has the level."""
    current = speech.level_of(sentence)
    if current is SpeechLevel.NEUTRAL or current.is_polite == level.is_polite:
        return sentence
    for ending in endings:
        changed = ending.apply(sentence)
        if changed != sentence:
            return changed if speech.level_of(changed).is_polite == level.is_polite else sentence
    return sentence


def _extend(text: str, options: Sequence[ByLevel[str]], voice: Voice, choice: int) -> str:
    """Add one of several sentences: one with which the message fits the voice, or the shortest if none does."""
    separator = " " if text.endswith(_CLOSING_MARKS) else ". "
    extended = [f"{text}{separator}{option.of(voice.level)}" for option in options]
    fitting = [message for message in extended if voice.fits(message)]
    return fitting[choice % len(fitting)] if fitting else min(extended, key=len)
