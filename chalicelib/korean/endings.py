"""Speech levels and questions, recognised by the endings of Korean sentences.

The endings are in ``data/endings.json``, which describes its fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from chalicelib import data_files
from chalicelib.data_files import Data
from chalicelib.domain import SpeechLevel
from chalicelib.korean.ending_notation import EndingTable
from chalicelib.korean.hangul import BRIGHT_VOWELS, NO_FINAL, all_syllables, final_of, vowel_of, without_final
from chalicelib.korean.verbs import closing_forms
from chalicelib.korean.word_list import WordList

# Module names, because reading an enum member from its class is slow in Python 3.11 and every message needs these.
_HAE, _HAEYO, _NEUTRAL = SpeechLevel.HAE, SpeechLevel.HAEYO, SpeechLevel.NEUTRAL

# Laughter typed into the last syllable: 했어욬ㅋㅋ, 좋닿ㅎㅎ.
_LAUGHTER_FINALS = "ㅋㅎ"

# Letters and digits before Hangul belong to its word (BTS야, 5시야), those after it do not (좋아요bb, 최고다10).
_WORD = re.compile(r"[A-Za-z0-9]*[가-힣]+|[A-Za-z0-9]+")
# Signs allowed between two words of one sentence; any other sign ends it.
_SIGNS_IN_SENTENCE = " \t,"
_URL = re.compile(r"(?:https?://|www\.)\S+")
_VOCATIVE_ENDINGS = "아야"
_YES = "네"
_YES_IN_JAMO = "ㅇㅇ"
# The plain vowel that a compound vowel ends with: 야 is drawn out as 야아, 여 as 여어.
_PLAIN_VOWELS = {"ㅑ": "ㅏ", "ㅕ": "ㅓ", "ㅛ": "ㅗ", "ㅠ": "ㅜ", "ㅐ": "ㅔ", "ㅝ": "ㅓ", "ㅘ": "ㅏ"}


class Ending(NamedTuple):
    """An ending's speech level, and whether it decides even if words follow it."""

    level: SpeechLevel
    anywhere: bool


# These decide only at the end of a sentence: 야유 and 자연 have no ending if words follow.
_POLITE_SPELLING = Ending(_HAEYO, anywhere=False)
_CLOSING_FORM = Ending(_HAE, anywhere=False)


class _EndingGroup(Data, frozen=True):
    about: str
    level: SpeechLevel
    endings: WordList
    anywhere: bool = False


class _EndingsFile(Data, frozen=True):
    """``data/endings.json``, which describes its fields."""

    about: tuple[str, ...]
    groups: tuple[_EndingGroup, ...]
    afterthoughts: WordList
    polite_spellings: WordList
    before_polite: WordList
    cute_syllables: WordList
    lengthening_syllables: WordList
    vocatives: WordList
    questions: WordList
    not_questions: WordList
    question_words: WordList
    before_verbs: WordList
    not_before_verbs: WordList
    nouns_after_possessive: WordList


@dataclass(frozen=True, slots=True)
class _Tables:
    levels: EndingTable[Ending]
    verb_levels: EndingTable[Ending]
    last_syllables: frozenset[str]
    questions: EndingTable[bool]
    question_syllables: frozenset[str]
    question_words: frozenset[str]
    polite_spellings: frozenset[str]
    before_polite: tuple[str, ...]
    cute_syllables: frozenset[str]
    lengthening_syllables: frozenset[str]
    vocatives: EndingTable[bool]
    afterthoughts: frozenset[str]
    before_verbs: EndingTable[bool]
    nouns_after_possessive: tuple[str, ...]


def without_urls(text: str) -> str:
    """Return the text with a space in place of each URL."""
    return _URL.sub(" ", text) if "://" in text or "www." in text else text


def words_of(text: str) -> list[str]:
    """Return the words of a text: runs of Hangul syllables, Latin letters and digits."""
    return _WORD.findall(text)


def level_of(text: str) -> SpeechLevel:
    """Return the speech level of a message: that of the last sentence with a recognised ending.

    Laughter, tears, punctuation, emoji, emoticons and URLs are ignored, and so are words that follow an ending
    (고마워요 하늘씨, 뭐해 지금).
    """
    text = without_urls(text)
    return level_of_words(text, words_of(text))


def level_of_words(text: str, words: Sequence[str]) -> SpeechLevel:
    """Return ``level_of`` for a text without URLs, given its words."""
    if words:
        ending = _last_ending(words)
        if ending and ending.level is not _NEUTRAL:
            return ending.level
    return _level_before_the_end(text, words)


def _last_ending(words: Sequence[str]) -> Ending | None:
    last = words[-1]
    if len(words) == 1:
        return ending_of(last)
    tables = _tables()
    ending = _ending_after_word(last)
    if (ending is None or ending.level is _NEUTRAL) and _is_before_verb(words[-2]):
        return tables.verb_levels.find(last)
    return ending


@lru_cache(maxsize=8192)
def _ending_after_word(word: str) -> Ending | None:
    levels = _tables().levels
    return levels.find_after_word(word) or levels.find_after_word(_plain(word)) or ending_of(word)


@lru_cache(maxsize=8192)
def _is_before_verb(word: str) -> bool:
    """Return whether the next word must be a verb, as after an object, 안 or 못, and not a noun that looks like one."""
    return _tables().before_verbs.find(word) is True


def _level_before_the_end(text: str, words: Sequence[str]) -> SpeechLevel:
    closing, end, next_word = True, len(text), ""
    for word in reversed(words):
        start = text.rfind(word, 0, end)
        gap = text[start + len(word) : end]
        ends_sentence = not gap or bool(gap.strip(_SIGNS_IN_SENTENCE))
        closing = closing or ends_sentence
        ending = _ending_after_word(word) if closing and start else ending_of(word)
        is_possessive = word == _YES and not ends_sentence and next_word.startswith(_tables().nouns_after_possessive)
        if ending and ending.level is not _NEUTRAL and (closing or ending.anywhere) and not is_possessive:
            return ending.level
        closing = closing and _may_follow_sentence(word)
        end, next_word = start, word
    return _HAE if _YES_IN_JAMO in text or _ends_with_vocative(words) else _NEUTRAL


def _may_follow_sentence(word: str) -> bool:
    tables = _tables()
    return word in tables.afterthoughts or tables.vocatives.find(word) is not None or _is_name_in_vocative(word)


def _ends_with_vocative(words: Sequence[str]) -> bool:
    return bool(words) and words[-1][-1] in _VOCATIVE_ENDINGS and _may_follow_sentence(words[-1])


def _is_name_in_vocative(word: str) -> bool:
    """Return whether a word can be a name with 아 (지민아): after a consonant and no bright vowel, 아 ends no verb."""
    if len(word) < 2 or word[-1] != "아":  # noqa: PLR2004 (a name and its 아)
        return False
    return final_of(word[-2]) != NO_FINAL and vowel_of(word[-2]) not in BRIGHT_VOWELS


# The same few hundred words end most messages of a chat. The cache holds single words, never a message.
@lru_cache(maxsize=8192)
def ending_of(word: str) -> Ending | None:
    """Return a word's ending, None if it has none. The level is NEUTRAL for a noun that looks like an ending."""
    tables = _tables()
    if word[-1] not in tables.last_syllables:
        return None
    ending = tables.levels.find(word) or _polite_spelling(word)
    if ending is not None:
        return ending
    plain = _plain(word)
    return (tables.levels.find(plain) or _polite_spelling(plain)) if plain != word else None


def _polite_spelling(word: str) -> Ending | None:
    """Return the ending of 했어용, 뭐해여, 하세욤: an ending that can take 요, with a spelling of 요."""
    tables = _tables()
    if len(word) < 2 or word[-1] not in tables.polite_spellings:  # noqa: PLR2004 (an ending and its 요)
        return None
    ending = tables.levels.find(word[:-1])
    if (ending and ending.level is _HAE) or (not ending and word[:-1].endswith(tables.before_polite)):
        return _POLITE_SPELLING
    return None


def _plain(word: str) -> str:
    """Undo laughter in the last syllable (했어욬), a cute final (했엉) and a drawn-out vowel (했어어, 했어엉)."""
    tables = _tables()
    last = word[-1]
    while len(word) > 1 and without_final(last) in tables.lengthening_syllables and _is_drawn_out(word[-2], last):
        word = word[:-1]
        last = word[-1]
    has_extra_final = final_of(last) in _LAUGHTER_FINALS or last in tables.cute_syllables
    return word[:-1] + without_final(last) if has_extra_final else word


def _is_drawn_out(syllable: str, next_syllable: str) -> bool:
    vowel, next_vowel = vowel_of(syllable), vowel_of(next_syllable)
    is_same = _PLAIN_VOWELS.get(vowel, vowel) == _PLAIN_VOWELS.get(next_vowel, next_vowel)
    return final_of(syllable) == NO_FINAL and is_same


def is_question(text: str) -> bool:
    """Return whether a message asks: by a question mark, its ending, or a question word before its ending."""
    text = without_urls(text)
    return is_question_of_words(text, words_of(text))


def is_question_of_words(text: str, words: Sequence[str]) -> bool:
    """Return ``is_question`` for a text without URLs, given its words."""
    if "?" in text or "？" in text:
        return True
    if not words:
        return False
    asks = _is_question_ending(words[-1])
    if asks is not None:
        return asks
    return len(words) > 1 and words[-2] in _tables().question_words and _may_end_question(words[-1])


@lru_cache(maxsize=8192)
def _is_question_ending(word: str) -> bool | None:
    """Return whether the last word of a message asks, None if its ending does not tell."""
    tables = _tables()
    return tables.questions.find(word) if word[-1] in tables.question_syllables else None


def _may_end_question(word: str) -> bool:
    ending = _ending_after_word(word)
    return ending is not None and ending.level in {_HAE, _HAEYO}


@cache
def _tables() -> _Tables:
    data = data_files.load(Path(__file__).parent / "data" / "endings.json", _EndingsFile)
    levels = _level_table(data.groups)
    questions = _yes_no_table(data.questions, data.not_questions)
    polite, cute, lengthening = map(frozenset, (data.polite_spellings, data.cute_syllables, data.lengthening_syllables))
    altered = {
        syllable
        for syllable in all_syllables()
        if final_of(syllable) in _LAUGHTER_FINALS or without_final(syllable) in lengthening
    }
    return _Tables(
        levels=levels,
        verb_levels=_level_table(group for group in data.groups if group.level is not _NEUTRAL),
        last_syllables=polite | cute | altered | levels.last_syllables(),
        questions=questions,
        question_syllables=frozenset(questions.last_syllables()),
        question_words=frozenset(data.question_words),
        polite_spellings=polite,
        before_polite=data.before_polite,
        cute_syllables=cute,
        lengthening_syllables=lengthening,
        vocatives=_yes_no_table(data.vocatives, ()),
        afterthoughts=frozenset(data.afterthoughts),
        before_verbs=_yes_no_table(data.before_verbs, data.not_before_verbs),
        nouns_after_possessive=data.nouns_after_possessive,
    )


def _level_table(groups: Iterable[_EndingGroup]) -> EndingTable[Ending]:
    table: EndingTable[Ending] = EndingTable()
    for group in groups:
        ending = Ending(group.level, group.anywhere)
        for notation in group.endings:
            table.add(notation, ending)
    for form in closing_forms():
        if form not in table:
            table.add(form, _CLOSING_FORM)
    return table


def _yes_no_table(yes: Iterable[str], no: Iterable[str]) -> EndingTable[bool]:
    table: EndingTable[bool] = EndingTable()
    for notations, value in ((yes, True), (no, False)):
        for notation in notations:
            table.add(notation, value)
    return table
