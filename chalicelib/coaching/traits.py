"""What the other person seems to be, with the lines that show it.

The rules are ``data/traits.json``. A trait without a line of the chat comes from what the user told, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chalicelib.analysis import speech as speech_analysis
from chalicelib.coaching import resources
from chalicelib.domain import Briefing, ChatLine, Evidence, Kind, Role, Speech, SpeechLevel, Trait
from chalicelib.korean.particles import with_particle

# A quote is the beginning of a long line.
_QUOTE = 100


def find_traits(briefing: Briefing) -> tuple[Trait, ...]:
    """Return the partner's traits, those that the chat shows first.

    Every quote is the text of a partner's line that has a ``message_id``, the beginning of it when it is long.
    """
    table = resources.load("traits")
    lines = [line for line in briefing.lines if line.role is Role.PARTNER and line.kind is Kind.TEXT]
    shown = list(_shown(table, lines))
    seen = {trait.name for trait in shown}
    told = [trait for trait in _told(table, briefing) if trait.name not in seen]
    return (*shown[: table["shown"]], *told[: table["shown"]])


def summarise(briefing: Briefing, found: Sequence[Trait]) -> str:
    """Return one to three Korean sentences about the partner."""
    words = resources.load("traits")["summary"]
    shown = [trait.name for trait in found if not trait.inferred]
    told = [trait.name for trait in found if trait.inferred]
    parts = [
        words["shown"].format(names=_listed(shown)) if shown else "",
        words["told"].format(names=_listed(told)) if told else "",
        _speaking(_speech_of(briefing), words),
    ]
    return " ".join(part for part in parts if part) or str(words["unknown"])


def _shown(table: Any, lines: Sequence[ChatLine]) -> Iterator[Trait]:
    for rule in table["traits"]:
        showing = list(resources.matching_lines(rule, lines))
        if len(showing) < max(rule["at_least"], rule.get("share", 0) * len(lines)):
            continue
        evidence = [Evidence(line.message_id, line.text[:_QUOTE]) for line in reversed(showing) if line.message_id]
        if evidence:
            yield Trait(rule["name"], rule["description"], inferred=False, evidence=tuple(evidence[: table["quotes"]]))


def _told(table: Any, briefing: Briefing) -> Iterator[Trait]:
    partner = briefing.partner
    told = " ".join(
        part for part in (partner.description, partner.personality, partner.communication_style) if part is not None
    )
    for rule in table["traits"]:
        if resources.matches_any(rule["facts"], told):
            yield Trait(rule["name"], rule["description"], inferred=True)
    mbti = re.search(table["mbti"]["pattern"], told.upper())
    for letter in mbti[1] if mbti else "":
        known = table["mbti"]["letters"].get(letter)
        if known:
            yield Trait(known["name"], known["description"], inferred=True)


def _listed(names: Sequence[str]) -> str:
    joined = " · ".join(names)
    return with_particle(joined, "이/가")


def _speech_of(briefing: Briefing) -> Speech | None:
    if briefing.them is not None and briefing.them.total_messages:
        return briefing.them
    texts = [line.text for line in briefing.lines if line.role is Role.PARTNER and line.kind is Kind.TEXT]
    return speech_analysis.analyse(texts) if texts else None


def _speaking(them: Speech | None, words: Mapping[str, Any]) -> str:
    if them is None or them.confidence == "low":
        return ""
    levelled = any(share for level, share in them.levels.items() if level is not SpeechLevel.NEUTRAL)
    level = ("polite" if them.polite else "casual") if levelled else "level_unknown"
    short, long = words["lengths"]
    length = "short" if them.length_median <= short else "long" if them.length_median > long else "medium"
    return f"{words[level]} {words[length]}".strip()
