"""The rules that adapt replies to the user and the situation: ``data/reply_rules.json``."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import Generic, TypeVar

from chalicelib import data_files
from chalicelib.coaching import DATA
from chalicelib.data_files import Data
from chalicelib.domain import ReplyType

T = TypeVar("T")


class ReplyLevel(StrEnum):
    """The two speech levels in which replies are written."""

    BANMAL = "banmal"
    HAEYO = "yo"

    @property
    def is_polite(self) -> bool:
        """Return whether the level is 존댓말."""
        return self is ReplyLevel.HAEYO


class Mood(StrEnum):
    """The mood of the message that a reply answers."""

    SAD = "sad"
    GRAVE = "grave"
    JOY = "joy"
    GOOD = "good"
    WARM = "warm"
    NEUTRAL = "neutral"
    CALM = "calm"


class RelationshipKind(StrEnum):
    """The kinds of relationship that replies distinguish. SSEOM is 썸, which the data files call "some"."""

    FRIEND = "friend"
    SSEOM = "some"
    LOVE = "love"
    MINOR = "minor"


class ByLevel(Data, Generic[T], frozen=True, kw_only=True):
    """One value for each speech level."""

    banmal: T
    yo: T

    def of(self, level: ReplyLevel) -> T:
        """Return the value of a level."""
        return self.yo if level.is_polite else self.banmal


class Laughter(ByLevel[str], frozen=True, kw_only=True):
    """The default laughter by level. ``unknown`` is the share of replies with laughter while the speech is unknown."""

    unknown: float


class LengthLimits(Data, frozen=True):
    """Lengths of messages in characters.

    ``unknown`` is the usual length while the user's speech is unknown. The maximum length is ``over_p90`` times the
    90th percentile of the user's lengths, but at least ``floor``.
    """

    unknown: int
    floor: int
    over_p90: float


class ReplyRules(Data, frozen=True):
    """The content of ``data/reply_rules.json``."""

    about: str
    leads: dict[Mood, ByLevel[tuple[str, ...]]]
    no_laughter: frozenset[Mood]
    laughter: Laughter
    tears: str
    address: tuple[str, ...]
    relationships: dict[str, RelationshipKind]
    other_relationship: RelationshipKind
    hours: dict[str, tuple[int, int]]
    confidence_factors: dict[ReplyType, float]
    length: LengthLimits
    advice_also: dict[ReplyType, dict[Mood, tuple[str, ...]]]
    advice_wait: str
    assumption: str
    unsent_confidence: float

    def relationship_kind(self, relationship: str | None) -> RelationshipKind:
        """Return the kind of a relationship as users name it."""
        return self.relationships.get(relationship or "", self.other_relationship)


@cache
def load_rules() -> ReplyRules:
    """Return the reply rules."""
    return data_files.load(DATA / "reply_rules.json", ReplyRules)
