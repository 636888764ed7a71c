"""Mentions of a room's participants in a text.

A display name such as ``김지민🐰`` or ``Jimin Kim`` contains the names by which a person is called: 김지민, 지민,
Jimin, Kim. They are also found with particles and honorifics (지민이가, 지민씨), with a surname that the display name
does not contain (박지민), in the spelling of a call (지미나), and contracted with a particle (바단 for 바다는).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from chalicelib.korean.hangul import FIRST_SYLLABLE, LAST_SYLLABLE, NO_FINAL, final_of, with_final, without_final
from chalicelib.masking import identifiers, korean_names
from chalicelib.masking.korean_names import Name
from chalicelib.masking.pseudonyms import Pseudonyms
from chalicelib.masking.resources import NAMES
from chalicelib.masking.spans import Span

_WORD = re.compile(r"[가-힣]+|[ㄱ-ㅎ]{2,}|[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ'’\-]*[A-Za-zÀ-ɏ]|[^\W\d_가-힣ㄱ-ㅣA-Za-zÀ-ɏ]{2,}")
_HANGUL = re.compile("[가-힣]+")
_LATIN_START = re.compile("[A-Za-zÀ-ɏ]")
_TITLE_AT_END = re.compile(rf"(?<=[가-힣]{{2}})(?:{NAMES.titles.to_pattern()})$")
# With one of these suffixes a short name is a name even directly after another word: 근데지민아, ㅋㅋ진짜하늘이가.
_NAME_SUFFIX = re.compile("아(?![가-힣])|야(?![가-힣])|이(?:가|는|랑|한테|도|네|를|야)|씨|님|언니|오빠|누나")
# A name of one syllable is a name only with one of these suffixes: 솔아, 솔이가, 솔 씨.
_SUFFIX_OF_ONE_SYLLABLE = "(?=아(?![가-힣])|이(?:가|는|랑|한테|도|네|를|야)?(?![가-힣])| ?씨(?![가-힣]))"
# In syllables.
_SHORT_LENGTH = 2
# In characters. A longer Latin name is recognised in upper and lower case.
_MAX_CASE_SENSITIVE_LENGTH = 2
# In syllables. The words before a name in ``names.json`` are shorter.
_MAX_PRECEDING_LENGTH = 5


class _Form(NamedTuple):
    """A form of a name, the pattern that finds the form, and its replacement."""

    text: str
    pattern: str
    replacement: str


class Participants:
    """Finds the names of one room's participants and assigns their pseudonyms."""

    def __init__(self, display_names: Iterable[str], pseudonyms: Pseudonyms) -> None:
        self._pseudonyms = pseudonyms
        self._replacements: dict[str, str] = {}
        self._patterns: dict[str, str] = {}
        # Sorted, so that the pseudonyms do not depend on the order of the display names.
        for name in sorted({name for display_name in display_names for name in _parse_display_name(display_name)}):
            for text, pattern, replacement in self._forms(name):
                self._replacements.setdefault(text.casefold(), replacement)
                self._patterns.setdefault(text, pattern)

    def find_spans(self, text: str) -> Iterator[Span]:
        """Yield the mentions of participants in a text, with their pseudonyms."""
        for match in self._pattern.finditer(text):
            start, end = match.span()
            form = match.group()
            # A participant may have the name of a token: 주소 in [주소].
            if text[max(start - 1, 0) : end + 1] in identifiers.TOKENS:
                continue
            if len(form) > _SHORT_LENGTH or not _HANGUL.fullmatch(form):
                yield Span(start, end, self._replacements[form.casefold()])
            elif _has_surname_before(text, start):
                yield Span(start - 1, end, self._pseudonyms.of(form, text[start - 1]))
            elif _is_separate(text, start, end):
                yield Span(start, end, self._replacements[form])

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        # Compiled at first use: a masker that only restores names does not need it.
        longest_first = sorted(self._patterns, key=len, reverse=True)
        return re.compile("|".join(self._patterns[text] for text in longest_first) or "(?!)")

    def _forms(self, name: Name) -> Iterator[_Form]:
        surname, given = name
        if surname:
            yield _Form(surname + given, surname + given, self._pseudonyms.of(given, surname))
        pseudonym = self._pseudonyms.of(given)
        if len(given) == 1:
            yield _Form(given, f"(?<![가-힣]){given}{_SUFFIX_OF_ONE_SYLLABLE}", pseudonym)
            return
        yield _Form(given, _name_pattern(given), pseudonym)
        if _HANGUL.fullmatch(given + pseudonym):
            yield from _contracted_forms(given, pseudonym)


def _parse_display_name(display_name: str) -> list[Name]:
    """Return the names in a display name.

    If any Korean word looks like a name, the other Korean words are ignored. If none does, several Korean words form
    one name. A display name that only describes the relation to the user (엄마, 우리 자기) contains no name.
    """
    words = [_without_title(word) for word in _WORD.findall(display_name)]
    words = [word for word in words if word.casefold() not in NAMES.not_display_names]
    hangul = [word for word in words if _HANGUL.fullmatch(word)]
    names = [word for word in hangul if korean_names.is_name(word)]
    if len(hangul) > 1 and not names:
        end = display_name.index(hangul[-1]) + len(hangul[-1])
        return [Name("", display_name[display_name.index(hangul[0]) : end])]
    if names:
        words = [word for word in words if word in names or word not in hangul]
    return [name for word in words for name in _names_of(word)]


def _names_of(word: str) -> list[Name]:
    """Return the names that a word may be. 이준 may also be 준, since its final consonant allows 준아 and 준이."""
    name = korean_names.split_name(word)
    if name.surname:
        return [name]
    if len(word) == 1 and (not FIRST_SYLLABLE <= word <= LAST_SYLLABLE or final_of(word) == NO_FINAL):
        return []
    if len(word) == _SHORT_LENGTH and word[0] in NAMES.surnames and final_of(word[1]) != NO_FINAL:
        return [name, Name("", word[1])]
    return [name]


def _without_title(word: str) -> str:
    """Remove a title or the suffix 이: return 지민 for 지민쌤 and 지민이."""
    word = _TITLE_AT_END.sub("", word)
    has_suffix = len(word) > _SHORT_LENGTH and word[-1] == "이" and final_of(word[-2]) != NO_FINAL
    return word[:-1] if has_suffix else word


def _name_pattern(given: str) -> str:
    """Return the pattern of a name. A Latin name must be a separate word."""
    if not _LATIN_START.match(given):
        return re.escape(given)
    case = "(?i:{})" if len(given) > _MAX_CASE_SENSITIVE_LENGTH else "{}"
    return f"(?<![A-Za-zÀ-ɏ]){case.format(re.escape(given))}(?![A-Za-zÀ-ɏ])"


def _contracted_forms(given: str, pseudonym: str) -> Iterator[_Form]:
    """Yield forms that change the last syllable: 지미나 (지민아), 바단 (바다는, 바다인), 바달 (바다를)."""
    stem, last, final = given[:-1], given[-1], final_of(given[-1])
    if final == "ㄴ":
        text = f"{stem}{without_final(last)}나"
        yield _Form(text, f"{text}(?![가-힣])", f"{pseudonym}아")
    # Not for names in 우 such as 지우 and 태우: 지운 and 태울 are more likely verbs.
    elif final == NO_FINAL and last != "우":
        for particle, end in (("ㄴ", "(?![가-힣])|(?=데|가)"), ("ㄹ", "(?![가-힣])")):
            text = stem + with_final(last, particle)
            yield _Form(text, f"{text}(?:{end})", pseudonym[:-1] + with_final(pseudonym[-1], particle))


def _has_surname_before(text: str, start: int) -> bool:
    """Return whether the name at ``start`` follows a surname that begins a word."""
    return text[start - 1 : start] in NAMES.surnames and not _HANGUL.match(text[max(start - 2, 0) : start - 1])


def _is_separate(text: str, start: int, end: int) -> bool:
    """Return whether the two syllables are a name, and not part of another word."""
    name = text[start:end]
    # The name may be a part of a compound: 하늘 in 하늘색.
    if any(text.startswith(word, max(start - word.index(name), 0)) for word in NAMES.compounds if name in word):
        return False
    before = _word_before(text, start)
    return not before or before in NAMES.words_before_name or _NAME_SUFFIX.match(text, end) is not None


def _word_before(text: str, start: int) -> str:
    begin = start
    while begin > max(start - _MAX_PRECEDING_LENGTH, 0) and FIRST_SYLLABLE <= text[begin - 1] <= LAST_SYLLABLE:
        begin -= 1
    return text[begin:start]
