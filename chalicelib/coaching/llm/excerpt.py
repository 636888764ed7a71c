"""Choose the messages that a question quotes: the latest ones, and the most informative of the earlier ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from chalicelib.analysis import speech
from chalicelib.coaching import interest
from chalicelib.domain import ChatLine, Kind, Role

# The share of the budget for the latest messages.
_LATEST_SHARE = 0.75
# A longer message is cut to this many characters.
_MAX_MESSAGE_LENGTH = 200
# A message of this many characters is likely a whole sentence.
_SENTENCE_LENGTH = 20
_BYTES_PER_TOKEN = 2
_SPEAKERS = {Role.ME: "나", Role.PARTNER: "상대", Role.OTHER: "다른 사람"}


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """A message in a question: its number, which the answer can cite, the original line, and the quoted text."""

    number: int
    line: ChatLine
    text: str

    @property
    def row(self) -> str:
        """The message in the format of the question: number, speaker, kind and text."""
        speaker = _SPEAKERS.get(self.line.role, "알림")
        kind = "" if self.line.kind is Kind.TEXT else f"({self.line.kind}) "
        return f"{self.number} {speaker}: {kind}{' '.join(self.text.split())}"

    @property
    def tokens(self) -> int:
        """An upper bound of the tokens of the row and its line break."""
        return tokens_of(self.row) + 1


def tokens_of(text: str) -> int:
    """Return an upper bound of a text's tokens: one for two bytes of UTF-8, one and a half for a Korean syllable.

    Anthropic's tokenizers use about one token for a syllable, and a third more since 2026. An exact count needs a
    request to Bedrock (CountTokens).
    """
    return ceil(len(text.encode()) / _BYTES_PER_TOKEN)


def choose(lines: Sequence[ChatLine], budget: int) -> tuple[QuotedLine, ...]:
    """Return messages of at most ``budget`` tokens in total, in their order. Number 1 is the first of ``lines``."""
    quoted = [QuotedLine(number, line, line.text[:_MAX_MESSAGE_LENGTH]) for number, line in enumerate(lines, 1)]
    latest = _take_until_full(reversed(quoted), int(budget * _LATEST_SHARE))
    numbers = {each.number for each in latest}
    earlier = [each for each in quoted if each.number not in numbers and each.line.kind is Kind.TEXT]
    by_score = sorted(earlier, key=lambda each: (-_score(each.line), -each.number))
    informative = _take_that_fit(by_score, budget - sum(each.tokens for each in latest))
    return tuple(sorted((*latest, *informative), key=lambda each: each.number))


def _take_until_full(lines: Iterable[QuotedLine], budget: int) -> list[QuotedLine]:
    """Return the lines before the first one that exceeds the budget."""
    selection: list[QuotedLine] = []
    for line in lines:
        budget -= line.tokens
        if budget < 0:
            break
        selection.append(line)
    return selection


def _take_that_fit(lines: Iterable[QuotedLine], budget: int) -> list[QuotedLine]:
    """Return each line that fits into the rest of the budget."""
    selection: list[QuotedLine] = []
    for line in lines:
        if line.tokens <= budget:
            selection.append(line)
            budget -= line.tokens
    return selection


def _score(line: ChatLine) -> int:
    """Return how informative a message is. Affection counts most, then a question of the partner."""
    is_affectionate = interest.load_rules().affection.matches(line.text)
    is_partner_question = line.role is Role.PARTNER and speech.is_question(line.text)
    is_sentence = len(line.text) >= _SENTENCE_LENGTH
    return 4 * is_affectionate + 2 * is_partner_question + (line.role is Role.PARTNER) + is_sentence
