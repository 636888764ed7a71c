"""Find the entities that a text names: dates, quantities, locations, people and events.

The patterns are in ``data/entities.json``, which describes its fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from chalicelib import data_files
from chalicelib.analysis.stem_list import StemList, any_of
from chalicelib.data_files import Data
from chalicelib.domain.emotions import Entity

_PERSON_GROUP = "name"


class _Pattern(Data, frozen=True):
    type: str
    confidence: float
    pattern: str
    not_before: str | None = None


class _EntitiesFile(Data, frozen=True):
    """``data/entities.json``, which describes its fields."""

    about: tuple[str, ...]
    parts: dict[str, str]
    patterns: tuple[_Pattern, ...]
    places: StemList
    surnames: StemList
    not_people: StemList


class EntityMatch(NamedTuple):
    """An entity and its position in a text."""

    start: int
    end: int
    entity: Entity


class _Recogniser(NamedTuple):
    type: str
    confidence: float
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Rules:
    recognisers: tuple[_Recogniser, ...]
    not_people: frozenset[str]


def find_entities(text: str) -> list[EntityMatch]:
    """Return the entities of a text from left to right.

    If two overlap, the earlier one wins, then the longer one, then the one listed first.
    """
    # The sort is stable, so that candidates at the same position keep the order of the list.
    candidates = sorted(_candidates(text), key=lambda match: (match.start, -match.end))
    matches: list[EntityMatch] = []
    for match in candidates:
        if not matches or match.start >= matches[-1].end:
            matches.append(match)
    return matches


def _candidates(text: str) -> Iterator[EntityMatch]:
    rules = _rules()
    for recogniser in rules.recognisers:
        for match in recogniser.pattern.finditer(text):
            if match.groupdict().get(_PERSON_GROUP) not in rules.not_people:
                entity = Entity(match.group(), recogniser.type, recogniser.confidence)
                yield EntityMatch(match.start(), match.end(), entity)


@cache
def _rules() -> _Rules:
    data = data_files.load(Path(__file__).parent / "data" / "entities.json", _EntitiesFile)
    parts = {"places": any_of(data.places), "surnames": any_of(data.surnames)} | data.parts
    return _Rules(tuple(_recogniser(rule, parts) for rule in data.patterns), frozenset(data.not_people))


def _recogniser(rule: _Pattern, parts: dict[str, str]) -> _Recogniser:
    pattern = rule.pattern
    for name, part in parts.items():
        pattern = pattern.replace(f"{{{name}}}", part)
    not_before = f"(?!{rule.not_before})" if rule.not_before else ""
    return _Recogniser(rule.type, rule.confidence, re.compile(f"(?<![가-힣A-Za-z0-9:.,-])(?:{pattern}){not_before}"))
