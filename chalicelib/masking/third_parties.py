"""Other people's names in a text, as well as a light reading finds them.

Nobody lists these people, so a word counts as a name by what it is and by what follows: a surname with a listed given
name, a listed given name that is no word, and with a title behind it (씨, 선배, 언니) or called (도겸아) also what only
sounds like one. The lists are in ``data/names.json``. Rather a name is missed than a word taken for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from chalicelib.korean.hangul import NO_FINAL, final_of
from chalicelib.masking import korean_names
from chalicelib.masking.pseudonyms import Pseudonyms
from chalicelib.masking.resources import any_of, words
from chalicelib.masking.spans import Span

_WORD = re.compile("[가-힣]{2,}")
# 도겸아, 도겸이가, 도겸이한테: no noun takes 이가 or 이한테 but names and words that end in 이.
_CALLED = frozenset({"아", "이가", "이한테", "이한테는", "이한테도", "이한테서"})
_FULL, _FULL_LONG, _GIVEN = 3, 4, 2


def find_spans(text: str, pseudonyms: Pseudonyms) -> Iterator[Span]:
    """Where a text names somebody, and the pseudonyms these get."""
    titled = _any_title().search(text) is not None
    for match in _WORD.finditer(text):
        word, start = match.group(), match.start()
        if name := (_may_name(word) and _named(word)) or (titled and _titled(text, start)):
            surname, given = korean_names.split_name(name) if len(name) > _GIVEN else ("", name)
            yield Span(start, start + len(name), pseudonyms.of(given, surname))


def _may_name(word: str) -> bool:
    """Whether a name may be found in the word alone: most words are done with here."""
    known = korean_names.given_names()
    return word[:2] in known or word[1:3] in known or word[2:4] in known or word[2:] in _CALLED


def _named(word: str) -> str:
    """The name that a word begins with, by the word alone."""
    name, rest = word[:_GIVEN], word[_GIVEN:]
    if name in words("given") and _goes_on(word, _GIVEN):
        return name
    for length in (_FULL, _FULL_LONG):
        surname, given = korean_names.split_name(word[:length])
        listed = surname and given in korean_names.given_names() and word[:length] not in words("not_names")
        if listed and _goes_on(word, length):
            return word[:length]
    sounds = name in words("words_too") or (
        korean_names.sounds_like_given_name(name) and name not in words("not_names")
    )
    return name if sounds and final_of(name[-1]) != NO_FINAL and rest in _CALLED else ""


def _goes_on(word: str, length: int) -> bool:
    """Whether nothing stands behind a name that no name has there."""
    return _after_name().fullmatch(word, length) is not None


def _titled(text: str, start: int) -> str:
    """The name that stands before a title, attached to it or a space away."""
    match = _before_title().match(text, start)
    if match is None:
        return ""
    name, title = match["name"], match["title"]
    if len(name) == _FULL:
        name = name.removesuffix("이")
    if name in words("not_names") or name in words("titles"):
        return ""
    surname, given = korean_names.split_name(name)
    if given in korean_names.given_names() or (len(name) == _GIVEN and title == "씨" and _sounds_full(name)):
        return name
    sure = not match["space"] or title not in words("weak_titles")
    # 이상한 언니, 유명한 형: adjectives that sound like full names.
    sure = sure or (bool(surname) and given[-1] != "한")
    return name if sure and korean_names.sounds_like_given_name(given) else ""


def _sounds_full(name: str) -> bool:
    """Whether it is a surname and one syllable: 이준."""
    return name[0] in words("surnames") and name[1] in words("seconds")


@cache
def _any_title() -> re.Pattern[str]:
    return re.compile(any_of("titles"))


@cache
def _before_title() -> re.Pattern[str]:
    behind = rf"님?이?(?:{any_of('particles')})?(?:는|도|만|요)?(?![가-힣])"
    return re.compile(rf"(?P<name>[가-힣]{{2,4}}?)(?P<space> ?)(?P<title>{any_of('titles')}){behind}")


@cache
def _after_name() -> re.Pattern[str]:
    return re.compile(rf"아|(?:{any_of('titles')})?님?이?(?:{any_of('particles')})?(?:는|도|만|요)?")
