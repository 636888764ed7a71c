"""Speech levels and questions, by the endings of Korean sentences.

The endings themselves are in ``data/speech_endings.json``, which says how it is read.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from chalicelib.domain import SpeechLevel

# Looking a member up on the class is slow in Python 3.11, and these are needed for every message.
_HAE, _HAEYO, _NEUTRAL = SpeechLevel.HAE, SpeechLevel.HAEYO, SpeechLevel.NEUTRAL

_FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FIRST_SYLLABLE, _LAST_SYLLABLE = "가", "힣"
_FIRST_CODE = ord(_FIRST_SYLLABLE)
_NO_FINAL = " "

_WORD = re.compile(r"[가-힣A-Za-z0-9]+")
# What may stand between two words of one sentence; any other sign ends it.
_WITHIN_SENTENCE = " \t,"
_URL = re.compile(r"(?:https?://|www\.)\S+")
# Verbs with ㅏ or ㅗ take -아; after any other vowel and a consonant, 아 calls somebody (지민아).
_BRIGHT_VOWELS = "ㅏㅑㅗ"


class Ending(NamedTuple):
    """What an ending says: its level, and whether words may follow it."""

    level: SpeechLevel
    anywhere: bool


_POLITE_SPELLING = Ending(_HAEYO, anywhere=True)


class _Endings:
    """Endings by the notation of the data file; the longest that fits a word wins."""

    def __init__(self) -> None:
        self._whole: dict[str, Ending] = {}
        self._after_others: dict[str, Ending] = {}
        self._tails: dict[str, Ending] = {}
        # By last syllable: how many syllables its endings have, and whether a final consonant stands before them.
        self._shapes: dict[str, tuple[tuple[int, bool], ...]] = {}

    def add(self, notation: str, ending: Ending) -> None:
        """Add one ending of the data file."""
        if notation.startswith("^"):
            self._whole[notation[1:]] = ending
        elif notation.startswith("_"):
            self._after_others[notation[1:]] = ending
        else:
            self._tails[notation] = ending
            after_final = notation[0] < _FIRST_SYLLABLE
            shapes = {*self._shapes.get(notation[-1], ()), (len(notation) - after_final, after_final)}
            self._shapes[notation[-1]] = tuple(sorted(shapes, reverse=True))

    def last_syllables(self) -> set[str]:
        """Return the last syllables of all endings: a word with another one has none of them."""
        return {notation[-1] for notation in (*self._whole, *self._tails)}

    def find_after_others(self, word: str) -> Ending | None:
        """Return what the word says when it follows another: 나도 봄, but not 봄."""
        return self._after_others.get(word)

    def find(self, word: str) -> Ending | None:
        """Return what the longest ending that fits says."""
        found = self._whole.get(word)
        if found:
            return found
        length = len(word)
        for size, after_final in self._shapes.get(word[-1], ()):
            if size + after_final > length:
                continue
            tail = word[length - size :]
            found = self._tails.get(final_of(word[length - size - 1]) + tail if after_final else tail)
            if found:
                return found
        return None


@dataclass(frozen=True, slots=True)
class _Tables:
    levels: _Endings
    last_syllables: frozenset[str]
    questions: _Endings
    question_syllables: frozenset[str]
    polite_spellings: frozenset[str]
    before_polite: tuple[str, ...]
    cute: frozenset[str]
    drawn_out: frozenset[str]
    called: _Endings
    afterthoughts: frozenset[str]
    question_words: frozenset[str]


def final_of(syllable: str) -> str:
    """Return a syllable's final consonant (받침), a space when it has none."""
    if not _FIRST_SYLLABLE <= syllable <= _LAST_SYLLABLE:
        return _NO_FINAL
    return _FINALS[(ord(syllable) - _FIRST_CODE) % 28]


def vowel_of(syllable: str) -> str:
    """Return a syllable's vowel, empty for anything but a Hangul syllable."""
    if not _FIRST_SYLLABLE <= syllable <= _LAST_SYLLABLE:
        return ""
    return _VOWELS[(ord(syllable) - ord(_FIRST_SYLLABLE)) // len(_FINALS) % len(_VOWELS)]


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


def level_of_words(text: str, words: list[str]) -> SpeechLevel:
    """Return ``level_of`` a text without addresses whose words are known."""
    if words:
        last = words[-1]
        found = (len(words) > 1 and _tables().levels.find_after_others(last)) or ending_of(last)
        if found and found.level is not _NEUTRAL:
            return found.level
    return _level_before_the_end(text, words)


def _level_before_the_end(text: str, words: list[str]) -> SpeechLevel:
    closing, end = True, len(text)
    for word in reversed(words):
        start = text.rfind(word, 0, end)
        closing = closing or bool(text[start + len(word) : end].strip(_WITHIN_SENTENCE))
        end = start
        found = ending_of(word)
        if found and found.level is not _NEUTRAL and (closing or found.anywhere):
            return found.level
        closing = closing and _may_follow(word)
    return _HAE if "ㅇㅇ" in text or _calls(words) else _NEUTRAL


def _may_follow(word: str) -> bool:
    tables = _tables()
    return word in tables.afterthoughts or tables.called.find(word) is not None or _is_vocative(word)


def _calls(words: list[str]) -> bool:
    return bool(words) and words[-1][-1] in "아야" and _may_follow(words[-1])


def _is_vocative(word: str) -> bool:
    if len(word) < 2 or word[-1] != "아":  # noqa: PLR2004 -- a name and its 아
        return False
    return final_of(word[-2]) != _NO_FINAL and vowel_of(word[-2]) not in _BRIGHT_VOWELS


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
    """Undo laughter in the last syllable (했어욬), a cute final (했엉) and a drawn-out vowel (했어어)."""
    tables = _tables()
    last = word[-1]
    while len(word) > 1 and last in tables.drawn_out and _same_sound(word[-2], last):
        word = word[:-1]
        last = word[-1]
    if final_of(last) == "ㅋ" or last in tables.cute:
        return word[:-1] + chr(ord(last) - _FINALS.index(final_of(last)))
    return word


def _same_sound(syllable: str, drawn_out: str) -> bool:
    pairs = {"ㅑ": "ㅏ", "ㅕ": "ㅓ", "ㅛ": "ㅗ", "ㅠ": "ㅜ", "ㅐ": "ㅔ", "ㅝ": "ㅓ", "ㅘ": "ㅏ"}
    vowels = (vowel_of(syllable), vowel_of(drawn_out))
    return final_of(syllable) == _NO_FINAL and pairs.get(vowels[0], vowels[0]) == pairs.get(vowels[1], vowels[1])


def is_question(text: str) -> bool:
    """Tell whether a message asks: by its question mark, its ending, or a question word before its ending."""
    text = without_urls(text)
    return is_question_of_words(text, words_of(text))


def is_question_of_words(text: str, words: list[str]) -> bool:
    """Return ``is_question`` of a text without addresses whose words are known."""
    if "?" in text or "？" in text:
        return True
    if not words:
        return False
    tables = _tables()
    found = tables.questions.find(words[-1]) if words[-1][-1] in tables.question_syllables else None
    if found is not None:
        return found.anywhere
    return len(words) > 1 and words[-2] in tables.question_words and _answers_to_a_question_word(words[-1])


def _answers_to_a_question_word(word: str) -> bool:
    found = _tables().levels.find_after_others(word) or ending_of(word)
    return found is not None and found.level in {_HAE, _HAEYO}


@cache
def _tables() -> _Tables:
    data = json.loads((Path(__file__).parent / "data" / "speech_endings.json").read_text("utf-8"))
    levels, questions = _levels(data["groups"]), _two_sided(data["questions"], data["not_questions"])
    polite, cute, drawn_out = (frozenset(data[name].split()) for name in ("polite_spellings", "cute", "drawn_out"))
    laughing = {
        chr(code) for code in range(ord(_FIRST_SYLLABLE), ord(_LAST_SYLLABLE) + 1) if final_of(chr(code)) == "ㅋ"
    }
    return _Tables(
        levels=levels,
        last_syllables=frozenset(polite | cute | drawn_out | laughing | levels.last_syllables()),
        questions=questions,
        question_syllables=frozenset(questions.last_syllables()),
        polite_spellings=polite,
        before_polite=tuple(data["before_polite"].split()),
        cute=cute,
        drawn_out=drawn_out,
        called=_two_sided(data["called"], ""),
        afterthoughts=frozenset(data["afterthoughts"].split()),
        question_words=frozenset(data["question_words"].split()),
    )


def _levels(groups: list[dict[str, Any]]) -> _Endings:
    endings = _Endings()
    for group in groups:
        ending = Ending(SpeechLevel(group["level"]), anywhere=bool(group.get("anywhere")))
        for notation in group["endings"].split():
            endings.add(notation, ending)
    return endings


def _two_sided(yes: str, no: str) -> _Endings:
    endings = _Endings()
    for notations, anywhere in ((yes, True), (no, False)):
        for notation in notations.split():
            endings.add(notation, Ending(_NEUTRAL, anywhere))
    return endings
