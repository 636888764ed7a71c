"""The written replies, and the rendering of a reply as a message.

``data/replies/*.json`` holds, by intent and degree of boldness, variants written in 반말 and in 해요체. Their slots:

* ``{ha}`` and ``{cry}`` mark places for laughter and tears,
* ``{lead}`` is the first word,
* ``{you}``, ``{your}`` and ``{topic}`` stand for the partner and for a topic of the partner's messages,
* ``{topic:은/는}`` adds the particle that fits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from msgspec import field

from chalicelib import data_files
from chalicelib.coaching import DATA
from chalicelib.coaching.reply_rules import ByLevel, Mood, RelationshipKind
from chalicelib.coaching.topics import TopicKind
from chalicelib.coaching.voice import Voice
from chalicelib.data_files import Data
from chalicelib.korean.particles import with_particle

_SLOT = re.compile(r"\{(\w+)(?::([^}]+))?\}")
_LAUGHTER_OR_TEARS = re.compile(r"\{(?:ha|cry)\}")
_YOU, _YOUR, _YOU_SUBJECT = "너", "네", "네가"
# A clause with such an ending continues: it is followed by a comma instead of a full stop.
_UNFINISHED_CLAUSE = re.compile(r"(?:는데|은데|인데|한데|니까|지만|고|면|서|그런지|참)$")
_CLOSING_MARKS = tuple(".?!~…")
# In characters. A shorter first sentence, such as 안녕하세요, is not a message on its own.
_MIN_SHORT_MESSAGE = 7


class Variant(ByLevel[str], frozen=True, kw_only=True):
    """One written reply with its two wordings.

    ``asks`` names its question: it is not used when the partner has just answered that. ``topic`` is the kind of topic
    that it needs, ``hours`` its time of day, and ``assumes`` a fact about the user that it assumes.
    """

    relationship_kinds: frozenset[RelationshipKind] = field(name="for", default=frozenset(RelationshipKind))
    asks: str | None = None
    topic: TopicKind | None = None
    hours: str | None = None
    assumes: str | None = None


class Degree(Data, frozen=True):
    """The replies to one intent with the same boldness, a description of their effect, and the reaction to expect."""

    move: str
    reaction: str
    variants: tuple[Variant, ...]


class IntentReplies(Data, frozen=True):
    """The replies to one intent. ``mood`` decides about laughter. ``risks`` are the risk levels of the degrees."""

    name: str
    mood: Mood
    risks: tuple[int, int, int]
    interpretation: str = field(name="reading")
    advice: str
    safe: Degree = field(name="안전형")
    balanced: Degree = field(name="균형형")
    bold: Degree = field(name="대담형")

    @property
    def degrees(self) -> tuple[Degree, Degree, Degree]:
        """The degrees in the order of ``ReplyType``."""
        return self.safe, self.balanced, self.bold


@dataclass(frozen=True, slots=True)
class Filling:
    """The values of a template that are not part of the voice: use of laughter, the first word, and the topics."""

    laughs: bool
    lead: str
    topics: Mapping[TopicKind, str]


@cache
def replies_by_intent() -> Mapping[str, IntentReplies]:
    """Return the replies by intent."""
    files = sorted((DATA / "replies").glob("*.json"))
    return {intent: entry for file in files for intent, entry in _load(file).items()}


def _load(file: Path) -> dict[str, IntentReplies]:
    return data_files.load(file, dict[str, IntentReplies])


def render(variant: Variant, voice: Voice, filling: Filling) -> str:
    """Return a variant as a message in this voice."""
    return _render(variant.of(voice.level), variant, voice, filling)


def render_short(variant: Variant, voice: Voice, filling: Filling) -> str | None:
    """Return only the first of two sentences of a variant, or None if it is not a message on its own."""
    first, mark, second = variant.of(voice.level).partition("{ha}")
    if not second.strip() or len(first) < _MIN_SHORT_MESSAGE or _UNFINISHED_CLAUSE.search(first):
        return None
    return _render(first + mark, variant, voice, filling)


def _render(wording: str, variant: Variant, voice: Voice, filling: Filling) -> str:
    text = _place_laughter_and_tears(wording, voice, filling)

    def replace(slot: re.Match[str]) -> str:
        return _fill(slot[1], slot[2], variant, voice, filling)

    return re.sub(r"\s+", " ", _SLOT.sub(replace, text)).strip()


def _place_laughter_and_tears(text: str, voice: Voice, filling: Filling) -> str:
    """Fill the first slot for laughter and the first for tears. Put punctuation into the other slots."""
    unused_marks = {"{ha}": voice.laughter if filling.laughs else "", "{cry}": voice.tears}

    def replace(slot: re.Match[str]) -> str:
        if mark := unused_marks.pop(slot[0], ""):
            return mark
        return _punctuation(text[: slot.start()], text[slot.end() :])

    return _LAUGHTER_OR_TEARS.sub(replace, text)


def _punctuation(before: str, after: str) -> str:
    """Return the mark that separates two clauses."""
    if not after.strip() or before.endswith(_CLOSING_MARKS):
        return ""
    return "," if _UNFINISHED_CLAUSE.search(before) else "."


def _fill(slot: str, particles: str | None, variant: Variant, voice: Voice, filling: Filling) -> str:
    if slot == "lead":
        return filling.lead
    if slot == "topic":
        topic = filling.topics[variant.topic or TopicKind.ANY]
        return with_particle(topic, particles) if particles else topic
    if slot == "your":
        return voice.address or _YOUR
    if voice.address is None and particles == "이/가":
        return _YOU_SUBJECT
    address = voice.address or _YOU
    return with_particle(address, particles) if particles else address
