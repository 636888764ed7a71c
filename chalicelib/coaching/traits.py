"""The partner's likely traits, with the lines that show them.

The rules are ``data/traits.json``. A trait without a line of the chat comes from the user's description, and is marked
as inferred.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from chalicelib import data_files
from chalicelib.coaching import DATA
from chalicelib.coaching.conversation import resolve_speech, texts_of
from chalicelib.coaching.patterns import Patterns, TextRule
from chalicelib.data_files import Data
from chalicelib.domain import Briefing, ChatLine, Evidence, Kind, Role, Speech, Trait
from chalicelib.korean.particles import with_particle

# A longer line is cut to this many characters.
_MAX_QUOTE_LENGTH = 100


class TraitRule(TextRule, frozen=True, kw_only=True):
    """A trait that the chat shows if at least ``at_least`` lines match, and at least ``share`` of the lines.

    ``facts`` matches a description that names the trait.
    """

    name: str
    description: str
    at_least: int
    share: float = 0.0
    facts: Patterns


class TraitText(Data, frozen=True):
    """The name and the description of a trait, in Korean."""

    name: str
    description: str


class MbtiRules(Data, frozen=True):
    """The pattern of an MBTI type, and the traits of its letters."""

    pattern: str
    letters: dict[str, TraitText]

    def type_in(self, *texts: str | None) -> str:
        """Return the first MBTI type in several texts, or an empty string."""
        matches = (re.search(self.pattern, text.upper()) for text in texts if text)
        return next((match[1] for match in matches if match), "")


class SummaryTexts(Data, frozen=True):
    """The sentences of a summary.

    ``lengths`` are the maximum lengths of a short and of a medium message, in characters.
    """

    from_chat: str
    from_description: str
    polite: str
    casual: str
    level_unknown: str
    short: str
    medium: str
    long: str
    unknown: str
    lengths: tuple[int, int]


class TraitRules(Data, frozen=True):
    """The content of ``data/traits.json``: at most ``max_traits`` of each origin, with at most ``max_quotes``."""

    about: str
    max_traits: int
    max_quotes: int
    traits: tuple[TraitRule, ...]
    mbti: MbtiRules
    summary: SummaryTexts


@cache
def load_rules() -> TraitRules:
    """Return the traits and their patterns."""
    return data_files.load(DATA / "traits.json", TraitRules)


def find_traits(briefing: Briefing) -> tuple[Trait, ...]:
    """Return the partner's traits: first those that the chat shows, then those of the user's description.

    Every quote is the text, or the beginning of the text, of a partner's line with a ``message_id``.
    """
    lines = [line for line in briefing.lines if line.role is Role.PARTNER and line.kind is Kind.TEXT]
    from_chat = list(_traits_in_chat(lines))
    names = {trait.name for trait in from_chat}
    from_description = [trait for trait in _traits_in_description(briefing) if trait.name not in names]
    limit = load_rules().max_traits
    return (*from_chat[:limit], *from_description[:limit])


def summarise(briefing: Briefing, traits: Sequence[Trait]) -> str:
    """Return one to three Korean sentences about the partner."""
    texts = load_rules().summary
    speech = resolve_speech(briefing.partner_speech, texts_of(briefing.lines, Role.PARTNER))
    from_chat = [trait.name for trait in traits if not trait.inferred]
    from_description = [trait.name for trait in traits if trait.inferred]
    sentences = [
        texts.from_chat.format(names=with_particle(" · ".join(from_chat), "이/가")) if from_chat else "",
        texts.from_description.format(names=" · ".join(from_description)) if from_description else "",
        _describe_speech(speech, texts),
    ]
    return " ".join(sentence for sentence in sentences if sentence) or texts.unknown


def _traits_in_chat(lines: Sequence[ChatLine]) -> Iterator[Trait]:
    rules = load_rules()
    for rule in rules.traits:
        matches = list(rule.matching_lines(lines))
        if len(matches) < max(rule.at_least, rule.share * len(lines)):
            continue
        evidence = [
            Evidence(line.message_id, line.text[:_MAX_QUOTE_LENGTH]) for line in reversed(matches) if line.message_id
        ]
        if evidence:
            yield Trait(rule.name, rule.description, inferred=False, evidence=tuple(evidence[: rules.max_quotes]))


def _traits_in_description(briefing: Briefing) -> Iterator[Trait]:
    partner = briefing.partner
    texts = (partner.description, partner.personality, partner.communication_style)
    description = " ".join(text for text in texts if text is not None)
    for rule in load_rules().traits:
        if rule.facts.matches(description):
            yield Trait(rule.name, rule.description, inferred=True)
    mbti = load_rules().mbti
    for letter in mbti.type_in(description):
        if text := mbti.letters.get(letter):
            yield Trait(text.name, text.description, inferred=True)


def _describe_speech(speech: Speech | None, texts: SummaryTexts) -> str:
    """Return a sentence about the partner's speech level and length, or an empty string with too few messages."""
    if speech is None or speech.confidence == "low":
        return ""
    level = (texts.polite if speech.is_polite else texts.casual) if speech.has_level else texts.level_unknown
    max_short, max_medium = texts.lengths
    median = speech.length_median
    length = texts.short if median <= max_short else texts.long if median > max_medium else texts.medium
    return f"{level} {length}".strip()
