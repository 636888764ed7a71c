"""Which messages of a conversation a model is shown: the latest, and of those before the most telling."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chalicelib.analysis import speech
from chalicelib.coaching import resources
from chalicelib.domain import ChatLine, Kind, Role

# The share of the budget that the latest messages get.
_LATEST = 0.75
# A longer message is shown up to here.
_LONGEST = 200
_TELLS_MUCH = 20
_BYTES_A_TOKEN = 2


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """A message that is shown: its number, which the answer may cite, and its text as it is shown."""

    number: int
    line: ChatLine
    text: str


def tokens_of(text: str) -> int:
    """At most how many tokens a text has: a token for two bytes of UTF-8, one and a half for a Korean syllable.

    Anthropic's tokenizers take about a token for a syllable, and since 2026 a third more; nothing here is reachable
    to count them exactly (CountTokens would cost a call).
    """
    return -(-len(text.encode()) // _BYTES_A_TOKEN)


def choose(lines: Sequence[ChatLine], budget: int) -> tuple[QuotedLine, ...]:
    """Return messages of at most ``budget`` tokens, in their order, each numbered by its place among all."""
    all_ = [QuotedLine(number, line, line.text[:_LONGEST]) for number, line in enumerate(lines, 1)]
    latest, left = _taken(reversed(all_), int(budget * _LATEST))
    shown = {one.number for one in latest}
    before = [one for one in all_ if one.number not in shown and one.line.kind is Kind.TEXT]
    telling = sorted(before, key=lambda one: (-_tells(one.line), -one.number))
    more, _ = _taken(iter(telling), left + budget - int(budget * _LATEST), skip=True)
    return tuple(sorted((*latest, *more), key=lambda one: one.number))


def line_of(shown: QuotedLine) -> str:
    """The line that stands for a message: its number, who says it, and what."""
    who = {Role.ME: "나", Role.PARTNER: "상대", Role.OTHER: "다른 사람"}.get(shown.line.role, "알림")
    kind = "" if shown.line.kind is Kind.TEXT else f"({shown.line.kind}) "
    return f"{shown.number} {who}: {kind}{' '.join(shown.text.split())}"


def _taken(messages: Iterable[QuotedLine], budget: int, *, skip: bool = False) -> tuple[list[QuotedLine], int]:
    taken: list[QuotedLine] = []
    for one in messages:
        cost = tokens_of(line_of(one)) + 1
        if cost <= budget:
            taken.append(one)
            budget -= cost
        elif not skip:
            break
    return taken, budget


def _tells(line: ChatLine) -> int:
    """How much a message says of the two: affection most, then what the partner asks, then whole sentences."""
    affection = resources.matches_any(resources.load("interest")["affection"], line.text)
    asks = line.role is Role.PARTNER and speech.is_question(line.text)
    return 4 * affection + 2 * asks + (line.role is Role.PARTNER) + (len(line.text) >= _TELLS_MUCH)
