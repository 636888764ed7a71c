"""The texts of a partner analysis and their rules: ``data/partner_analysis.json``."""

from __future__ import annotations

from functools import cache
from typing import Literal

from msgspec import field

from chalicelib import data_files
from chalicelib.coaching import DATA
from chalicelib.coaching.interest import Effect
from chalicelib.coaching.patterns import Patterns, TextRule
from chalicelib.coaching.safety import SafetyCode
from chalicelib.coaching.topics import TopicKind
from chalicelib.data_files import Data
from chalicelib.domain import Speech


class Suggestions(Data, frozen=True, kw_only=True):
    """Lines for the lists of an analysis, and a sentence for its approach, in Korean."""

    preferences: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    approach: str = ""


class BaseTexts(Suggestions, frozen=True, kw_only=True):
    """The general suggestions for a relationship, or for a mode that replaces it."""

    preferences: tuple[str, ...]
    advice: tuple[str, ...]
    topics: tuple[str, ...]
    risks: tuple[str, ...]
    approach: str


class SafetySuggestions(Suggestions, frozen=True, kw_only=True):
    """Suggestions for a safety code. ``instead`` replaces the approach."""

    instead: str


class KeywordRule(Suggestions, frozen=True, kw_only=True):
    """Suggestions that ``when`` derives from the user's description, except for the relationships in ``not_for``."""

    when: TextRule
    not_for: tuple[str, ...] = ()


class StyleRule(Suggestions, frozen=True, kw_only=True):
    """Suggestions for a partner whose speech has a measure within a range. Both bounds are inclusive."""

    measure: Literal["length_median", "question_ratio", "laughter_ratio", "emoji_ratio"]
    minimum: float | None = field(name="from", default=None)
    maximum: float | None = field(name="to", default=None)

    def applies_to(self, speech: Speech) -> bool:
        """Return whether the measure is within the range."""
        value: float = getattr(speech, self.measure)
        return (self.minimum is None or self.minimum <= value) and (self.maximum is None or value <= self.maximum)


class HarmRule(TextRule, frozen=True, kw_only=True):
    """Patterns for a user who was hurt or threatened, the mode that then applies, and the names of the help lines."""

    mode: SafetyCode
    help: tuple[str, ...]


class AgeRules(Data, frozen=True, kw_only=True):
    """Suggestions for an age gap of at least ``gap`` years, or for a description that mentions one."""

    gap: int
    described: Patterns
    romantic: tuple[str, ...]
    in_romance: Suggestions
    otherwise: Suggestions


class PartnerInterestRules(Data, frozen=True, kw_only=True):
    """How the partner's interests become topics.

    ``split`` separates interests, ``tail`` is removed from their end, and ``clean`` matches an interest that can be
    named without change. At most ``max_topics`` are named, each in one of ``interest_sentences``. ``chat_sentence``
    names a frequent word of the chat. ``sources`` are the kinds of topic whose words may be named.
    """

    split: str
    tail: str
    clean: str
    disliked: Patterns
    max_topics: int
    interest_sentences: tuple[str, ...]
    chat_sentence: str
    sources: tuple[TopicKind, ...]


class PartnerRules(Data, frozen=True, kw_only=True):
    """The content of ``data/partner_analysis.json``.

    A list of the analysis has at most ``max_specific`` lines about this partner, then general lines, at most
    ``max_lines`` in total. The keys of ``levels`` are the partner's and the user's speech level, such as
    ``polite_casual``.
    """

    about: str
    max_specific: int
    max_lines: int
    fallback_traits: tuple[str, ...]
    same_traits: dict[str, str]
    mbti_trait: str
    relationships: dict[str, BaseTexts]
    modes: dict[SafetyCode, BaseTexts]
    harm: HarmRule
    help: str
    safety: dict[SafetyCode, SafetySuggestions]
    age: AgeRules
    levels: dict[str, Suggestions]
    levels_by_relationship: dict[str, dict[str, Suggestions]]
    styles: tuple[StyleRule, ...]
    reply_time: dict[Effect, Suggestions]
    keywords: tuple[KeywordRule, ...]
    traits: dict[str, Suggestions]
    interests: PartnerInterestRules


@cache
def load_rules() -> PartnerRules:
    """Return the texts and rules."""
    return data_files.load(DATA / "partner_analysis.json", PartnerRules)
