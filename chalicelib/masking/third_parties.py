"""Names of third parties in a text, found by a heuristic.

Third parties are not participants of the room. These words count as names: a surname with a listed given name; a
listed given name that is not also a word; and, before a title (씨, 선배, 언니) or with a vocative ending (도겸아), a
word that only sounds like a name. The lists are in ``data/names.json``. The heuristic prefers a missed name to a masked
word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chalicelib.korean.hangul import NO_FINAL, final_of
from chalicelib.masking.korean_names import GIVEN_NAMES, sounds_like_given_name, split_name
from chalicelib.masking.pseudonyms import Pseudonyms
from chalicelib.masking.resources import NAMES
from chalicelib.masking.spans import Span

_WORD = re.compile("[가-힣]{2,}")
# 도겸아, 도겸이가, 도겸이한테: only names and words that end in 이 take these endings.
_NAME_ENDINGS = frozenset({"아", "이가", "이한테", "이한테는", "이한테도", "이한테서"})
_GIVEN_LENGTH, _FULL_LENGTH, _LONG_FULL_LENGTH = 2, 3, 4
_PARTICLES = rf"님?이?(?:{NAMES.particles.to_pattern()})?(?:는|도|만|요)?"
_TITLE = re.compile(NAMES.titles.to_pattern())
_NAME_BEFORE_TITLE = re.compile(
    rf"(?P<name>[가-힣]{{2,4}}?)(?P<space> ?)(?P<title>{NAMES.titles.to_pattern()}){_PARTICLES}(?![가-힣])"
)
_REST_OF_WORD = re.compile(rf"아|(?:{NAMES.titles.to_pattern()})?{_PARTICLES}")


def find_spans(text: str, pseudonyms: Pseudonyms) -> Iterator[Span]:
    """Yield the names of third parties in a text, with their pseudonyms."""
    has_title = _TITLE.search(text) is not None
    for match in _WORD.finditer(text):
        word, start = match.group(), match.start()
        name = _name_in_word(word) if _may_contain_name(word) else ""
        if not name and has_title:
            name = _name_before_title(text, start)
        if name:
            surname, given = split_name(name)
            yield Span(start, start + len(name), pseudonyms.of(given, surname))


def _may_contain_name(word: str) -> bool:
    """Return whether a word may begin with a name. This test is fast and rejects most words."""
    return word[:2] in GIVEN_NAMES or word[1:3] in GIVEN_NAMES or word[2:4] in GIVEN_NAMES or word[2:] in _NAME_ENDINGS


def _name_in_word(word: str) -> str:
    """Return the name at the beginning of a word, judged by the word only. Empty if there is none."""
    name, rest = word[:_GIVEN_LENGTH], word[_GIVEN_LENGTH:]
    if name in NAMES.given_names and _can_end(word, _GIVEN_LENGTH):
        return name
    for length in (_FULL_LENGTH, _LONG_FULL_LENGTH):
        full_name = word[:length]
        surname, given = split_name(full_name)
        is_name = surname and given in GIVEN_NAMES and full_name not in NAMES.not_names
        if is_name and _can_end(word, length):
            return full_name
    is_likely = name in NAMES.given_names_also_words or (sounds_like_given_name(name) and name not in NAMES.not_names)
    return name if is_likely and final_of(name[-1]) != NO_FINAL and rest in _NAME_ENDINGS else ""


def _can_end(word: str, length: int) -> bool:
    """Return whether only particles and titles follow a name of this length."""
    return _REST_OF_WORD.fullmatch(word, length) is not None


def _name_before_title(text: str, start: int) -> str:
    """Return the name at ``start`` if a title follows it, attached or after a space. Empty if there is none."""
    match = _NAME_BEFORE_TITLE.match(text, start)
    if match is None:
        return ""
    name, title = match["name"], match["title"]
    if len(name) == _FULL_LENGTH:
        name = name.removesuffix("이")
    if name in NAMES.not_names or name in NAMES.titles:
        return ""
    surname, given = split_name(name)
    is_short_full_name = len(name) == _GIVEN_LENGTH and title == "씨" and _sounds_like_full_name(name)
    if given in GIVEN_NAMES or is_short_full_name:
        return name
    # Adjectives such as 이상한 (언니) and 유명한 (형) sound like full names.
    is_full_name = bool(surname) and given[-1] != "한"
    is_certain = is_full_name or not match["space"] or title not in NAMES.weak_titles
    return name if is_certain and sounds_like_given_name(given) else ""


def _sounds_like_full_name(name: str) -> bool:
    """Return whether a name may be a surname and a given name of one syllable: 이준."""
    return name[0] in NAMES.surnames and name[1] in NAMES.second_syllables
