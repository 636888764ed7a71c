"""The written replies and how one of them becomes a message.

``data/replies/*.json`` holds, by intent and degree of daring, variants written out in 반말 and in 해요체. In them
``{ha}`` and ``{cry}`` mark where this user might laugh or cry, ``{lead}`` a word to begin with, ``{you}``, ``{your}``
and ``{topic}`` what is known; ``{topic:은/는}`` takes its particle along. A variant may say what it asks (so that
nothing is asked twice), which topic it needs, for whom and at what hours it is meant, and what it takes for granted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from chalicelib.coaching import resources
from chalicelib.coaching.voice import Voice
from chalicelib.korean.particles import with_particle

_SLOT = re.compile(r"\{(\w+)(?::([^}]+))?\}")
_MARK = re.compile(r"\{(?:ha|cry)\}")
_YOU, _YOUR, _YOU_SUBJECT = "너", "네", "네가"
# A clause that ends so goes on: a comma after it, no full stop.
_GOES_ON = re.compile(r"(?:는데|은데|인데|한데|니까|지만|고|면|서|그런지|참)$")
_CLOSED = tuple(".?!~…")
# A shorter first sentence, 안녕하세요 say, says nothing by itself.
_STANDS_ALONE = 7


@dataclass(frozen=True, slots=True)
class Variant:
    """One written reply; ``forms`` are its wordings by level."""

    forms: Mapping[str, str]
    groups: frozenset[str]
    asks: str | None
    topic: str | None
    hours: str | None
    assumes: str | None


@dataclass(frozen=True, slots=True)
class Degree:
    """The replies of one intent that dare the same: what they do, and what may come back."""

    move: str
    reaction: str
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """An intent's replies. ``mood`` decides on laughter; ``risks`` are those of the three degrees."""

    name: str
    mood: str
    risks: tuple[int, int, int]
    reading: str
    advice: str
    degrees: Mapping[str, Degree]


@dataclass(frozen=True, slots=True)
class Filling:
    """What goes into a template besides the voice: laughter or not, the word to begin with, the topics."""

    laughs: bool
    cries: bool
    lead: str
    topics: Mapping[str, str]


GROUPS = ("friend", "some", "love", "minor")
DEGREES = ("안전형", "균형형", "대담형")


@cache
def entries() -> Mapping[str, Entry]:
    """Return the replies by intent."""
    return {
        intent: Entry(
            name=raw["name"],
            mood=raw["mood"],
            risks=tuple(raw["risks"]),
            reading=raw["reading"],
            advice=raw["advice"],
            degrees={name: _degree(raw[name]) for name in DEGREES},
        )
        for file in resources.names("replies")
        for intent, raw in resources.load(file).items()
    }


def _degree(raw: Mapping[str, object]) -> Degree:
    variants = raw["variants"]
    assert isinstance(variants, list)  # noqa: S101 -- the file's shape, held by a test
    return Degree(str(raw["move"]), str(raw["reaction"]), tuple(_variant(variant) for variant in variants))


def _variant(raw: Mapping[str, object]) -> Variant:
    groups = raw.get("for", GROUPS)
    assert isinstance(groups, list | tuple)  # noqa: S101 -- the file's shape, held by a test
    options = {key: str(raw[key]) if key in raw else None for key in ("asks", "topic", "hours", "assumes")}
    forms = {"banmal": str(raw["banmal"]), "yo": str(raw["yo"])}
    return Variant(forms, frozenset(groups), **options)


def render(variant: Variant, voice: Voice, filling: Filling) -> str:
    """Return the variant as a message of this voice."""
    return _rendered(variant.forms[voice.level], variant, voice, filling)


def render_short(variant: Variant, voice: Voice, filling: Filling) -> str | None:
    """Return the first of the variant's two sentences, the one that reacts; None if it cannot stand alone."""
    first, mark, second = variant.forms[voice.level].partition("{ha}")
    if not second.strip() or len(first) < _STANDS_ALONE or _GOES_ON.search(first):
        return None
    return _rendered(first + mark, variant, voice, filling)


def _rendered(form: str, variant: Variant, voice: Voice, filling: Filling) -> str:
    text = _once(_MARK, form, voice, filling)

    def fill(slot: re.Match[str]) -> str:
        return _fill(slot[1], slot[2], variant, voice, filling)

    return re.sub(r"\s+", " ", _SLOT.sub(fill, text)).strip()


def _once(mark: re.Pattern[str], text: str, voice: Voice, filling: Filling) -> str:
    """Put laughter and tears at the first place they may stand, and what closes the clause at the others."""
    done: set[str] = set()

    def replace(found: re.Match[str]) -> str:
        wanted = {"{ha}": filling.laughs and voice.laughter, "{cry}": filling.cries and voice.tears}[found[0]]
        if wanted and found[0] not in done:
            done.add(found[0])
            return wanted
        return _closing(text[: found.start()], text[found.end() :])

    return mark.sub(replace, text)


def _closing(before: str, after: str) -> str:
    """Return what keeps a clause apart from the next one when no laughter does."""
    if not after.strip() or before.endswith(_CLOSED):
        return ""
    return "," if _GOES_ON.search(before) else "."


def _fill(slot: str, particles: str | None, variant: Variant, voice: Voice, filling: Filling) -> str:
    if slot == "lead":
        return filling.lead
    if slot == "topic":
        topic = filling.topics[variant.topic or "any"]
        return with_particle(topic, particles) if particles else topic
    if slot == "your":
        return voice.address or _YOUR
    if voice.address is None and particles == "이/가":
        return _YOU_SUBJECT
    return with_particle(voice.address or _YOU, particles) if particles else voice.address or _YOU
