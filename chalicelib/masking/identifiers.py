"""Identifiers of people: numbers, addresses and ids, found by the patterns and checks of ``data/identifiers.json``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from typing import NamedTuple

from chalicelib.masking.resources import IDENTIFIERS, Check
from chalicelib.masking.spans import Span, replace_spans

TOKENS = frozenset(kind.token for kind in IDENTIFIERS.kinds)

# Every identifier contains a match. Most texts contain none, and need no further search.
_MAY_CONTAIN_IDENTIFIER = re.compile(
    r"\d[^\d가-힣]{0,5}\d[^\d가-힣]{0,5}\d|[길가동로리산하] ?\d|\d번지|[공영0] ?[일1]|비번|비밀|유효|메일|검색"
    r"|[.:/@=＠．：] ?[A-Za-z가-힣_]|://|#\d|골뱅이|\(at|아이디|계정|닉네임|id|[a-z][\d_.][a-z\d_]|현관",
    re.IGNORECASE,
)
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(ord("！"), ord("～") + 1)}
_SPACES = {ord("\u3000"): " ", ord("\u00a0"): " "}
_HYPHENS = dict.fromkeys(map(ord, "‐‑‒–—―−ㅡ"), "-")
_DOTS = dict.fromkeys(map(ord, "·∙•"), ".")
# Replaces each character by one ASCII character, so that positions stay valid.
_TO_ASCII = str.maketrans(_FULL_WIDTH | _SPACES | _HYPHENS | _DOTS)
_MAX_PASSES = 6
# The possible numbers of digits.
_ACCOUNT_LENGTHS = range(10, 17)
# In characters.
_MIN_ROAD_LENGTH = 3
_BUILDING_NUMBER = re.compile(r"\d\d|\d-\d|[호층]")
_NOT_LOTS = tuple(IDENTIFIERS.not_lots)


class _Rule(NamedTuple):
    """A pattern, the group to replace, a further condition, and the token."""

    pattern: re.Pattern[str]
    group: str | int
    check: Callable[[re.Match[str]], bool]
    token: str


def mask(text: str) -> str:
    """Replace each identifier by the token of its kind.

    A number may become recognisable only after its neighbour was replaced (010-0000-1234@haneul), so the search is
    repeated after each replacement, up to a limit.
    """
    for _ in range(_MAX_PASSES):
        spans = list(_find_spans(text))
        if not spans:
            break
        text = replace_spans(text, spans)
    return text


def _find_spans(text: str) -> Iterator[Span]:
    """Yield the identifiers in a text. Spans may overlap."""
    if not _MAY_CONTAIN_IDENTIFIER.search(text):
        return
    ascii_text = text.translate(_TO_ASCII)
    for pattern, group, check, token in _rules():
        for match in pattern.finditer(ascii_text):
            if check(match):
                yield Span(*match.span(group), token)


@cache
def _rules() -> tuple[_Rule, ...]:
    """Compile the patterns. A part may contain the parts above it in the file."""
    parts: dict[str, str] = {}
    for name, part in IDENTIFIERS.parts.items():
        parts[name] = _insert_parts(part, parts)
    return tuple(
        _rule(_insert_parts(pattern, parts), kind.check, kind.token)
        for kind in IDENTIFIERS.kinds
        for pattern in kind.patterns
    )


def _rule(pattern: str, check: Check, token: str) -> _Rule:
    compiled = re.compile(pattern, re.IGNORECASE)
    return _Rule(compiled, "secret" if "secret" in compiled.groupindex else 0, _CHECKS[check], token)


def _insert_parts(pattern: str, parts: dict[str, str]) -> str:
    for name, part in parts.items():
        pattern = pattern.replace(f"{{{name}}}", part)
    return pattern


def _is_birth_date(match: re.Match[str]) -> bool:
    """Return whether the first six digits are a date, in the century that the seventh digit determines."""
    digits, centuries = match["birth"], {"9": 1800, "0": 1800, "3": 2000, "4": 2000, "7": 2000, "8": 2000}
    try:
        date(centuries.get(match["seventh"], 1900) + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    except ValueError:
        return False
    return True


def _has_check_digit(match: re.Match[str]) -> bool:
    """Return whether the Luhn check digit is correct (ISO/IEC 7812-1, annex B)."""
    digits = [int(character) for character in match.group() if character.isdigit()][::-1]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return sum(digits[::2] + doubled) % 10 == 0


def _is_account(match: re.Match[str]) -> bool:
    return sum(map(str.isdigit, match["secret"])) in _ACCOUNT_LENGTHS


def _is_place(match: re.Match[str]) -> bool:
    """Return whether a word with the ending of a place is one. 바로 12, 회사로 3 and 운동 10-12 are not places."""
    groups = match.groupdict()
    if lot := groups.get("lot"):
        return not lot.endswith(_NOT_LOTS)
    if road := groups.get("road"):
        if road.endswith("으로") or road in IDENTIFIERS.not_roads:
            return False
        # A road without a district needs a number that can only be a building's.
        number = match.group()[match.end("road") - match.start() :]
        in_district = match.start("road") > match.start()
        return in_district or (len(road) >= _MIN_ROAD_LENGTH and _BUILDING_NUMBER.search(number) is not None)
    return True


def _is_handle(match: re.Match[str]) -> bool:
    """Return whether a word is an id. Words for a part of an app are not: 인스타 dm, @everyone."""
    handle = match.groupdict().get("handle")
    return handle is None or handle.lower() not in IDENTIFIERS.not_handles


_CHECKS: dict[Check, Callable[[re.Match[str]], bool]] = {
    "none": lambda _: True,
    "birth": _is_birth_date,
    "luhn": _has_check_digit,
    "account": _is_account,
    "place": _is_place,
    "handle": _is_handle,
}
