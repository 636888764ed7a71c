"""Speech levels and questions, by the endings of Korean sentences.

The endings themselves are in ``data/endings.json``, which says how it is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from chalicelib.domain import SpeechLevel
from chalicelib.korean.ending_notation import Endings
from chalicelib.korean.hangul import FIRST, LAST, NO_FINAL, final_of, vowel_of, without_final
from chalicelib.korean.verbs import closing_forms

__all__ = [
    "Ending",
    "ending_of",
    "final_of",
    "is_question",
    "is_question_of_words",
    "level_of",
    "level_of_words",
    "without_urls",
    "words_of",
]

# Looking a member up on the class is slow in Python 3.11, and these are needed for every message.
_HAE, _HAEYO, _NEUTRAL = SpeechLevel.HAE, SpeechLevel.HAEYO, SpeechLevel.NEUTRAL

# Laughter that was typed into the last syllable: 했어욬ㅋㅋ, 좋닿ㅎㅎ.
_LAUGHING = "ㅋㅎ"

# Letters and digits before Hangul belong to its word (BTS야, 5시야), those after it do not (좋아요bb, 최고다10).
_WORD = re.compile(r"[A-Za-z0-9]*[가-힣]+|[A-Za-z0-9]+")
# What may stand between two words of one sentence; any other sign ends it.
_WITHIN_SENTENCE = " \t,"
_URL = re.compile(r"(?:https?://|www\.)\S+")
# Verbs with ㅏ or ㅗ take -아; after any other vowel and a consonant, 아 calls somebody (지민아).
_BRIGHT_VOWELS = "ㅏㅑㅗ"
_ANSWER = "네"


class Ending(NamedTuple):
    """What an ending says: its level, and whether words may follow it."""

    level: SpeechLevel
    anywhere: bool


# Not anywhere: 야유 and 자연 are no endings where more follows.
_POLITE_SPELLING = Ending(_HAEYO, anywhere=False)
_CLOSING_FORM = Ending(_HAE, anywhere=False)


@dataclass(frozen=True, slots=True)
class _Tables:
    levels: Endings[Ending]
    verbs: Endings[Ending]
    last_syllables: frozenset[str]
    questions: Endings[Ending]
    question_syllables: frozenset[str]
    polite_spellings: frozenset[str]
    before_polite: tuple[str, ...]
    cute: frozenset[str]
    drawn_out: frozenset[str]
    called: Endings[Ending]
    afterthoughts: frozenset[str]
    before_verbs: Endings[Ending]
    yours: tuple[str, ...]
    question_words: frozenset[str]


def without_urls(text: str) -> str:
    """Return the text with a space in place of each address."""
    return _URL.sub(" ", text) if "://" in text or "www." in text else text


def words_of(text: str) -> list[str]:
    """Return the words of a text: runs of Hangul syllables, Latin letters and digits."""
    return _WORD.findall(text)


def level_of(text: str) -> SpeechLevel:
    """Return the speech level of a message, by the ending of its last sentence that has one.

    Laughter, tears, punctuation, emoji, emoticons and addresses are passed
    over, and so are the words that follow an ending (고마워요 하늘씨, 뭐해 지금).
    """
    text = without_urls(text)
    return level_of_words(text, words_of(text))


def level_of_words(text: str, words: Sequence[str]) -> SpeechLevel:
    """Return ``level_of`` a text without addresses whose words are known."""
    if words:
        found = _last_ending(words)
        if found and found.level is not _NEUTRAL:
            return found.level
    return _level_before_the_end(text, words)


def _last_ending(words: Sequence[str]) -> Ending | None:
    last = words[-1]
    if len(words) == 1:
        return ending_of(last)
    tables = _tables()
    found = _ending_after_others(last)
    if (found is None or found.level is _NEUTRAL) and _is_before_a_verb(words[-2]):
        return tables.verbs.find(last)
    return found


@lru_cache(maxsize=8192)
def _ending_after_others(word: str) -> Ending | None:
    levels = _tables().levels
    return levels.find_after_others(word) or levels.find_after_others(_plain(word)) or ending_of(word)


@lru_cache(maxsize=8192)
def _is_before_a_verb(word: str) -> bool:
    """After an object, 안, 못 and their like a verb follows, never a noun that only looks like its ending."""
    found = _tables().before_verbs.find(word)
    return found is not None and found.anywhere


def _level_before_the_end(text: str, words: Sequence[str]) -> SpeechLevel:
    closing, end, following = True, len(text), ""
    for word in reversed(words):
        start = text.rfind(word, 0, end)
        between = text[start + len(word) : end]
        ends = not between or bool(between.strip(_WITHIN_SENTENCE))
        closing = closing or ends
        found = _ending_after_others(word) if closing and start else ending_of(word)
        is_yours = word == _ANSWER and not ends and following.startswith(_tables().yours)
        if found and found.level is not _NEUTRAL and (closing or found.anywhere) and not is_yours:
            return found.level
        closing = closing and _may_follow(word)
        end, following = start, word
    return _HAE if "ㅇㅇ" in text or _calls(words) else _NEUTRAL


def _may_follow(word: str) -> bool:
    tables = _tables()
    return word in tables.afterthoughts or tables.called.find(word) is not None or _is_vocative(word)


def _calls(words: Sequence[str]) -> bool:
    return bool(words) and words[-1][-1] in "아야" and _may_follow(words[-1])


def _is_vocative(word: str) -> bool:
    if len(word) < 2 or word[-1] != "아":  # noqa: PLR2004 -- a name and its 아
        return False
    return final_of(word[-2]) != NO_FINAL and vowel_of(word[-2]) not in _BRIGHT_VOWELS


# The same few hundred words end most messages of a chat. At most these single words stay in memory, and no message.
@lru_cache(maxsize=8192)
def ending_of(word: str) -> Ending | None:
    """Return what the ending of a word says, None when it has none; NEUTRAL marks a noun that looks like one."""
    tables = _tables()
    if word[-1] not in tables.last_syllables:
        return None
    found = tables.levels.find(word) or _polite_spelling(word)
    if found is not None:
        return found
    plain = _plain(word)
    return (tables.levels.find(plain) or _polite_spelling(plain)) if plain != word else None


def _polite_spelling(word: str) -> Ending | None:
    """Read 했어용, 뭐해여, 하세욤: an ending that could take 요, with one of its spellings."""
    tables = _tables()
    if len(word) < 2 or word[-1] not in tables.polite_spellings:  # noqa: PLR2004 -- an ending and its 요
        return None
    before = tables.levels.find(word[:-1])
    if (before and before.level is _HAE) or (not before and word[:-1].endswith(tables.before_polite)):
        return _POLITE_SPELLING
    return None


def _plain(word: str) -> str:
    """Undo laughter in the last syllable (했어욬), a cute final (했엉) and a drawn-out vowel (했어어, 했어엉)."""
    tables = _tables()
    last = word[-1]
    while len(word) > 1 and without_final(last) in tables.drawn_out and _same_sound(word[-2], last):
        word = word[:-1]
        last = word[-1]
    return word[:-1] + without_final(last) if final_of(last) in _LAUGHING or last in tables.cute else word


def _same_sound(syllable: str, drawn_out: str) -> bool:
    pairs = {"ㅑ": "ㅏ", "ㅕ": "ㅓ", "ㅛ": "ㅗ", "ㅠ": "ㅜ", "ㅐ": "ㅔ", "ㅝ": "ㅓ", "ㅘ": "ㅏ"}
    vowels = (vowel_of(syllable), vowel_of(drawn_out))
    return final_of(syllable) == NO_FINAL and pairs.get(vowels[0], vowels[0]) == pairs.get(vowels[1], vowels[1])


def is_question(text: str) -> bool:
    """Tell whether a message asks: by its question mark, its ending, or a question word before its ending."""
    text = without_urls(text)
    return is_question_of_words(text, words_of(text))


def is_question_of_words(text: str, words: Sequence[str]) -> bool:
    """Return ``is_question`` of a text without addresses whose words are known."""
    if "?" in text or "？" in text:
        return True
    if not words:
        return False
    asks = _asks(words[-1])
    if asks is not None:
        return asks
    return len(words) > 1 and words[-2] in _tables().question_words and _answers_to_a_question_word(words[-1])


@lru_cache(maxsize=8192)
def _asks(word: str) -> bool | None:
    """Whether a last word asks, None where it does not say."""
    tables = _tables()
    found = tables.questions.find(word) if word[-1] in tables.question_syllables else None
    return None if found is None else found.anywhere


def _answers_to_a_question_word(word: str) -> bool:
    found = _ending_after_others(word)
    return found is not None and found.level in {_HAE, _HAEYO}


@cache
def _tables() -> _Tables:
    data = json.loads((Path(__file__).parent / "data" / "endings.json").read_text("utf-8"))
    words = {name: _split(lines) for name, lines in data.items() if name != "groups"}
    levels, questions = _levels(data["groups"]), _two_sided(words["questions"], words["not_questions"])
    polite, cute, drawn_out = (frozenset(words[name]) for name in ("polite_spellings", "cute", "drawn_out"))
    syllables = [chr(code) for code in range(ord(FIRST), ord(LAST) + 1)]
    played_with = {each for each in syllables if final_of(each) in _LAUGHING or without_final(each) in drawn_out}
    return _Tables(
        levels=levels,
        verbs=_levels([group for group in data["groups"] if group["level"] != _NEUTRAL]),
        last_syllables=frozenset(polite | cute | played_with | levels.last_syllables()),
        questions=questions,
        question_syllables=frozenset(questions.last_syllables()),
        polite_spellings=polite,
        before_polite=tuple(words["before_polite"]),
        cute=cute,
        drawn_out=drawn_out,
        called=_two_sided(words["called"], []),
        afterthoughts=frozenset(words["afterthoughts"]),
        before_verbs=_two_sided(words["before_verbs"], words["not_before_verbs"]),
        yours=tuple(words["yours"]),
        question_words=frozenset(words["question_words"]),
    )


def _split(lines: list[str]) -> list[str]:
    return [word for line in lines for word in line.split()]


def _levels(groups: list[dict[str, Any]]) -> Endings[Ending]:
    endings: Endings[Ending] = Endings()
    for group in groups:
        ending = Ending(SpeechLevel(group["level"]), anywhere=bool(group.get("anywhere")))
        for notation in _split(group["endings"]):
            endings.add(notation, ending)
    for form in closing_forms():
        if not endings.knows(form):
            endings.add(form, _CLOSING_FORM)
    return endings


def _two_sided(yes: list[str], no: list[str]) -> Endings[Ending]:
    endings: Endings[Ending] = Endings()
    for notations, anywhere in ((yes, True), (no, False)):
        for notation in notations:
            endings.add(notation, Ending(_NEUTRAL, anywhere))
    return endings
