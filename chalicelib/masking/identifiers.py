"""Numbers, addresses and ids that belong to somebody, by the patterns and checks of ``data/identifiers.json``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from chalicelib.masking.resources import load
from chalicelib.masking.spans import Span, replace_spans

# Whatever is personal holds one of these: most texts hold none and are done with.
_MAY_HOLD = re.compile(
    r"\d[^\d가-힣]{0,5}\d[^\d가-힣]{0,5}\d|[길가동로리산하] ?\d|\d번지|[공영0] ?[일1]|비번|비밀|유효|메일|검색"
    r"|[.:/@=＠．：] ?[A-Za-z가-힣_]|://|#\d|골뱅이|\(at|아이디|계정|닉네임|id|[a-z][\d_.][a-z\d_]|현관",
    re.IGNORECASE,
)
_WIDE = {code: code - 0xFEE0 for code in range(ord("！"), ord("～") + 1)} | {ord("\u3000"): " ", ord("\u00a0"): " "}
# What stands for a hyphen in numbers that were copied or typed on a phone: character by character, so places stay.
_PLAIN = str.maketrans(_WIDE | dict.fromkeys(map(ord, "‐‑‒–—―−ㅡ"), "-") | dict.fromkeys(map(ord, "·∙•"), "."))
_READINGS = 6
_TEN = 10
_ACCOUNT_DIGITS = range(10, 17)
_SHORTEST_ROAD, _BUILDING = 2, re.compile(r"\d\d|\d-\d|[호층]")


class _Kind(NamedTuple):
    token: str
    check: Callable[[re.Match[str]], bool]
    patterns: tuple[re.Pattern[str], ...]


def mask(text: str) -> str:
    """The text with a token for what belongs to somebody.

    What stands right beside a number may be one only once that is gone (010-0000-1234@haneul), so the text is read
    again where something was found, a few times at most.
    """
    for _ in range(_READINGS):
        spans = list(_found(text))
        if not spans:
            break
        text = replace_spans(text, spans)
    return text


def _found(text: str) -> Iterator[Span]:
    """What of a text belongs to somebody; parts may overlap."""
    if not _MAY_HOLD.search(text):
        return
    plain = text.translate(_PLAIN)
    for kind in _kinds():
        for pattern in kind.patterns:
            for match in pattern.finditer(plain):
                if kind.check(match):
                    yield Span(*match.span("secret" if "secret" in pattern.groupindex else 0), kind.token)


@cache
def tokens() -> frozenset[str]:
    """The tokens of all kinds."""
    return frozenset(kind.token for kind in _kinds())


@cache
def _kinds() -> tuple[_Kind, ...]:
    parts: dict[str, str] = {}
    for name, part in load("identifiers")["parts"].items():
        parts[name] = _with_parts(part, parts)
    return tuple(_kind(rule, parts) for rule in load("identifiers")["kinds"])


def _kind(rule: dict[str, Any], parts: dict[str, str]) -> _Kind:
    patterns = tuple(re.compile(_with_parts(pattern, parts), re.IGNORECASE) for pattern in rule["patterns"])
    return _Kind(rule["token"], _CHECKS[rule.get("check", "nothing")], patterns)


def _with_parts(pattern: str, parts: dict[str, str]) -> str:
    for name, part in parts.items():
        pattern = pattern.replace(f"{{{name}}}", part)
    return pattern


def _is_born(match: re.Match[str]) -> bool:
    """Whether the first six digits are a date; the seventh tells the century."""
    digits, century = match["birth"], {"9": 1800, "0": 1800, "3": 2000, "4": 2000, "7": 2000, "8": 2000}
    try:
        date(century.get(match["seventh"], 1900) + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    except ValueError:
        return False
    return True


def _has_check_digit(match: re.Match[str]) -> bool:
    """Luhn's formula (ISO/IEC 7812-1, annex B): every other digit doubled, from the last but one, the sum ends in 0."""
    digits = [int(sign) for sign in match.group() if sign.isdigit()][::-1]
    return sum(digits[::2] + [sum(divmod(2 * digit, _TEN)) for digit in digits[1::2]]) % _TEN == 0


def _is_account(match: re.Match[str]) -> bool:
    return sum(map(str.isdigit, match["secret"])) in _ACCOUNT_DIGITS


def _is_place(match: re.Match[str]) -> bool:
    """Whether what ends like a road or a quarter is no other word: 바로 12, 회사로 3, 운동 10-12."""
    groups = match.groupdict()
    if lot := groups.get("lot"):
        return not lot.endswith(_listed("not_lots"))
    if road := groups.get("road"):
        if road.endswith("으로") or road in _listed("not_roads"):
            return False
        # A road alone needs a number that is surely a building's.
        number = match.group()[match.end("road") - match.start() :]
        in_district = match.start("road") > match.start()
        return in_district or (len(road) > _SHORTEST_ROAD and _BUILDING.search(number) is not None)
    return True


def _is_handle(match: re.Match[str]) -> bool:
    """Whether it is somebody's id and no word for a part of an app: 인스타 dm, @everyone."""
    handle = match.groupdict().get("handle")
    return handle is None or handle.lower() not in _listed("not_handles")


@cache
def _listed(name: str) -> tuple[str, ...]:
    return tuple(load("identifiers")[name].split(", "))


_CHECKS: dict[str, Callable[[re.Match[str]], bool]] = {
    "nothing": lambda _: True,
    "birth": _is_born,
    "luhn": _has_check_digit,
    "account": _is_account,
    "place": _is_place,
    "handle": _is_handle,
}
