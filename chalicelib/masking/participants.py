"""The names of those who talk in a room, wherever a text says them.

A display name such as ``김지민🐰`` or ``Jimin Kim`` gives the words by which people call somebody: 김지민, 지민, Jimin,
Kim. What is said of them is found with particles and honorifics attached (지민이가, 지민씨), with a surname that the
display name does not tell (박지민), called aloud (지미나) and grown together with a particle (바단 바다는).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, cached_property

from chalicelib.korean.hangul import FIRST_SYLLABLE, LAST_SYLLABLE, NO_FINAL, final_of, with_final, without_final
from chalicelib.masking import identifiers, korean_names
from chalicelib.masking.pseudonyms import Pseudonyms
from chalicelib.masking.resources import any_of, words
from chalicelib.masking.spans import Span

_WORD = re.compile(r"[가-힣]+|[ㄱ-ㅎ]{2,}|[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ'’\-]*[A-Za-zÀ-ɏ]|[^\W\d_가-힣ㄱ-ㅣA-Za-zÀ-ɏ]{2,}")
_HANGUL = re.compile("[가-힣]+")
# After these a short name is one even where another word stands right before it: 근데지민아, ㅋㅋ진짜하늘이가.
_CALLED = re.compile("아(?![가-힣])|야(?![가-힣])|이(?:가|는|랑|한테|도|네|를|야)|씨|님|언니|오빠|누나")
_SHORT = 2
# What a name of one syllable carries where it is one: 솔아, 솔이가, 솔 씨.
_ONE_CALLED = "(?=아(?![가-힣])|이(?:가|는|랑|한테|도|네|를|야)?(?![가-힣])| ?씨(?![가-힣]))"
_CASE_MATTERS, _LONGEST_BEFORE = 2, 5


class Participants:
    """What finds the names of one room's participants and gives them their pseudonyms."""

    def __init__(self, display_names: Iterable[str], pseudonyms: Pseudonyms) -> None:
        self._pseudonyms = pseudonyms
        self._replacements: dict[str, str] = {}
        patterns: dict[str, str] = {}
        # In an order of their own, so that pseudonyms do not depend on who wrote most.
        for surname, given in sorted({name for display in display_names for name in names_in(display)}):
            for said, pattern, replacement in self._forms(surname, given):
                self._replacements.setdefault(said.casefold(), replacement)
                patterns.setdefault(said, pattern)
        self._patterns = patterns

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        # Whoever only puts names back needs none.
        longest_first = sorted(self._patterns, key=len, reverse=True)
        return re.compile("|".join(self._patterns[said] for said in longest_first) or "(?!)")

    def found(self, text: str) -> Iterator[Span]:
        """Where the text says a participant's name."""
        for match in self._pattern.finditer(text):
            start, end = match.span()
            said = match.group()
            if text[max(start - 1, 0) : end + 1] in identifiers.tokens():
                continue
            if len(said) > _SHORT or not _HANGUL.fullmatch(said):
                yield Span(start, end, self._replacements[said.casefold()])
            elif _surname_before(text, start):
                yield Span(start - 1, end, self._pseudonyms.of(said, text[start - 1]))
            elif _stands_alone(text, start, end):
                yield Span(start, end, self._replacements[said])

    def _forms(self, surname: str, given: str) -> Iterator[tuple[str, str, str]]:
        """What is said of somebody, the pattern that finds it and what replaces it."""
        if surname:
            yield surname + given, surname + given, self._pseudonyms.of(given, surname)
        if len(given) == 1:
            yield given, f"(?<![가-힣]){given}{_ONE_CALLED}", self._pseudonyms.of(given)
            return
        pseudonym = self._pseudonyms.of(given)
        yield given, _whole(given), pseudonym
        if _HANGUL.fullmatch(given + pseudonym):
            yield from _grown(given, pseudonym)


def names_in(display: str) -> list[tuple[str, str]]:
    """The surname, if told, and the given name or nickname of each name in a display name.

    Of several words those that sound like names count, else all of them as one. A display name that only says who
    somebody is to the user (엄마, 우리 자기) has none.
    """
    parts = [_without_title(word) for word in _WORD.findall(display)]
    parts = [part for part in parts if part.casefold() not in words("no_display_names")]
    hangul = [part for part in parts if _HANGUL.fullmatch(part)]
    named = [part for part in hangul if korean_names.is_name(part)]
    if len(hangul) > 1 and not named:
        return [("", display[display.index(hangul[0]) : display.index(hangul[-1]) + len(hangul[-1])])]
    return [name for part in parts if part in named or not named or part not in hangul for name in _names(part)]


def _names(word: str) -> list[tuple[str, str]]:
    """A word's name; 이준 may also be 준, which only a final consonant makes sure enough (준아, 준이)."""
    surname, given = korean_names.parted(word)
    if surname:
        return [(surname, given)]
    single = word[1:]
    short = len(word) == _SHORT and word[0] in words("surnames") and final_of(single) != NO_FINAL
    if len(word) == 1 and (not FIRST_SYLLABLE <= word <= LAST_SYLLABLE or final_of(word) == NO_FINAL):
        return []
    return [("", word), ("", single)] if short else [("", word)]


def _without_title(word: str) -> str:
    """지민 for 지민쌤 and for 지민이."""
    word = _title().sub("", word)
    return word[:-1] if len(word) > _SHORT and word[-1] == "이" and final_of(word[-2]) != NO_FINAL else word


@cache
def _title() -> re.Pattern[str]:
    return re.compile(rf"(?<=[가-힣]{{2}})(?:{any_of('titles')})$")


def _whole(given: str) -> str:
    """A pattern of a name; a Latin one as a word of its own, in any case when it is long enough to be sure."""
    if not re.match("[A-Za-zÀ-ɏ]", given):
        return re.escape(given)
    case = "(?i:{})" if len(given) > _CASE_MATTERS else "{}"
    return f"(?<![A-Za-zÀ-ɏ]){case.format(re.escape(given))}(?![A-Za-zÀ-ɏ])"


def _grown(given: str, pseudonym: str) -> Iterator[tuple[str, str, str]]:
    """Forms whose last syllable is not the name's: 지미나 (지민아), 바단 (바다는, 바다인), 바달 (바다를)."""
    stem, last, final = given[:-1], given[-1], final_of(given[-1])
    if final == "ㄴ":
        called = f"{stem}{without_final(last)}나"
        yield called, f"{called}(?![가-힣])", f"{pseudonym}아"
    # 지우, 태우: 지운 and 태울 are rather forms of verbs.
    elif final == NO_FINAL and last != "우":
        for grown, after in (("ㄴ", "(?![가-힣])|(?=데|가)"), ("ㄹ", "(?![가-힣])")):
            said = stem + with_final(last, grown)
            yield said, f"{said}(?:{after})", pseudonym[:-1] + with_final(pseudonym[-1], grown)


def _surname_before(text: str, start: int) -> bool:
    """Whether a word begins with a surname and goes on with the name that begins here."""
    return text[start - 1 : start] in words("surnames") and not _HANGUL.match(text[max(start - 2, 0) : start - 1])


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether the two syllables are the name, and not a part of another word."""
    name = text[start:end]
    if any(text.startswith(word, max(start - word.index(name), 0)) for word in words("compounds") if name in word):
        return False
    before = _word_before(text, start)
    return not before or before in words("before") or _CALLED.match(text, end) is not None


def _word_before(text: str, start: int) -> str:
    begin = start
    while begin > max(start - _LONGEST_BEFORE, 0) and FIRST_SYLLABLE <= text[begin - 1] <= LAST_SYLLABLE:
        begin -= 1
    return text[begin:start]
