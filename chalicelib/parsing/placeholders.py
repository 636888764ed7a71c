"""Which messages are not text: whole-message placeholders become typed events.

Each app's words are in ``placeholders/<app>.json``: ``exact`` messages,
``patterns`` of them, which begin with one of the ``first_letters``, and
``endings`` of one-line sentences that begin with a name. ``notices`` have the
same; each of their patterns holds one of the ``signs``, where there are any.
Only a whole message counts: ``사진`` is a photo, ``사진 보내줘`` is text.
"""

from __future__ import annotations

import json
import re
from functools import cached_property
from pathlib import Path
from typing import Any

from chalicelib.domain import Kind, Message

# Longer placeholders and notices do not exist, so most long messages are never looked into.
_MAX_LENGTH = 2_300
# KakaoTalk adds a blank to some.
_OPTIONAL_ENDINGS = ("", " ")
# An empty alternative would match everything.
_NEVER_MATCHES = "(?!)"
# A call's length is written on a clock or in words.
_WORDED_DURATION = re.compile(r"(\d+) ?([hms])")
_UNIT_SECONDS = {"h": 3_600, "m": 60, "s": 1}


class Vocabulary:
    """What one app writes in place of messages that are no text, and as notices of the room."""

    def __init__(self, app: str) -> None:
        """Name the app; its words are read when first asked for."""
        self._path = Path(__file__).parent / "placeholders" / f"{app}.json"

    def kind_of(self, text: str) -> tuple[Kind, int]:
        """What a message is, and what it counts: photos, seconds of a call, else 1."""
        exact, endings, patterns, plain = self._kinds
        if not self.may_be_other(text):
            return plain
        if (kind := exact.get(text)) is not None:
            return kind, 1
        if (found := patterns.match(text)) is not None and len(text) <= _MAX_LENGTH:
            return Kind(found.lastgroup or ""), _count(found)
        if text.endswith(endings) and _is_sentence(text):
            return next(Kind(kind) for kind, ends in self._endings.items() if text.endswith(ends)), 1
        return plain

    def may_be_other(self, text: str) -> bool:
        """Whether a message may be no text, as far as how it begins and ends shows."""
        first, last = self._ends_of_kinds
        return text[:1] in first or text[-1:] in last

    def tell_kinds(self, messages: list[Message]) -> None:
        """Say what messages are that were taken for texts, in place; most are, as how they begin and end shows."""
        first, last = self._ends_of_kinds
        exact, endings, patterns, _ = self._kinds
        in_question = [m for m in messages if (text := m.text)[:1] in first or text[-1:] in last or m.sender is None]
        for message in in_question:
            text = message.text
            if message.sender is None:
                message.kind = Kind.SYSTEM
            elif text in exact or patterns.match(text) or text.endswith(endings):
                message.kind, message.count = self.kind_of(text)

    def is_notice(self, text: str) -> bool:
        """Whether a line is one of the room's own notices."""
        if text in self._exact_notices:
            return True
        if not _is_sentence(text):
            return False
        return text.endswith(self._notice_endings) or bool(self._signs.search(text) and self._notices.fullmatch(text))

    def is_bare_notice(self, text: str) -> bool:
        """Whether a line is a notice that apps write without a time even where all else has one."""
        return text in self._bare

    @cached_property
    def signs_of_notices(self) -> re.Pattern[str]:
        """What is in every notice, of an app whose patterns have signs."""
        signs = (*self._words["notices"]["signs"], *self._exact_notices, *self._notice_endings)
        return re.compile("|".join(map(re.escape, signs)))

    @cached_property
    def notice_ends(self) -> frozenset[str]:
        """The last two letters of notices, of an app that has no patterns of them."""
        return frozenset(text[-2:] for text in (*self._exact_notices, *self._notice_endings))

    @cached_property
    def _exact_notices(self) -> frozenset[str]:
        return frozenset(self._words["notices"]["exact"])

    @cached_property
    def _bare(self) -> frozenset[str]:
        return frozenset(self._words["notices"].get("bare", ()))

    @cached_property
    def _notice_endings(self) -> tuple[str, ...]:
        return tuple(self._words["notices"].get("endings", ()))

    @cached_property
    def _notices(self) -> re.Pattern[str]:
        return re.compile("|".join(self._words["notices"].get("patterns", [_NEVER_MATCHES])))

    @cached_property
    def _signs(self) -> re.Pattern[str]:
        return re.compile("|".join(map(re.escape, self._words["notices"].get("signs", ()))))

    @cached_property
    def _words(self) -> Any:
        return json.loads(self._path.read_text(encoding="utf-8"))

    @cached_property
    def _endings(self) -> dict[str, tuple[str, ...]]:
        return {kind: tuple(words["endings"]) for kind, words in self._words["kinds"].items() if "endings" in words}

    @cached_property
    def _ends_of_kinds(self) -> tuple[frozenset[str], frozenset[str]]:
        """The letters with which messages that are no text begin, and with which some end."""
        exact, endings, _, _ = self._kinds
        first = (*self._words["first_letters"], *(text[0] for text in exact))
        return frozenset(first), frozenset(ending[-1] for ending in endings)

    @cached_property
    def _kinds(self) -> tuple[dict[str, Kind], tuple[str, ...], re.Pattern[str], tuple[Kind, int]]:
        kinds = self._words["kinds"].items()
        exact = {
            message + end: Kind(kind)
            for kind, words in kinds
            for message in words.get("exact", ())
            for end in _OPTIONAL_ENDINGS
        }
        endings = tuple(end for ends in self._endings.values() for end in ends)
        patterns = [f"(?P<{kind}>{'|'.join(words['patterns'])})" for kind, words in kinds if "patterns" in words]
        first = f"[{re.escape(self._words['first_letters'])}]" if patterns else _NEVER_MATCHES
        return exact, endings, re.compile(rf"(?={first})(?:{'|'.join(patterns)}) ?\Z"), (Kind.TEXT, 1)


def _is_sentence(text: str) -> bool:
    return len(text) <= _MAX_LENGTH and "\n" not in text


def _count(found: re.Match[str]) -> int:
    named = found.groupdict()
    if pieces := named.get("pieces"):
        return int(pieces)
    if clock := named.get("length"):
        if words := _WORDED_DURATION.findall(clock):
            return sum(int(number) * _UNIT_SECONDS[unit] for number, unit in words)
        seconds = 0
        for part in clock.split(":"):
            seconds = seconds * 60 + int(part)
        return seconds
    return 1
