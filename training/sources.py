"""What the emotion model learns from, read and split."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.chat import DATA, ChatLine, denials, generated, signs, written

ANALYSIS = Path(__file__).parent.parent / "chalicelib" / "analysis" / "data"
SEED = 20_261_123
# Held out by the text itself, so that equal texts are on one side: of reviews one in ten, of comments one in eight.
_REVIEWS_HELD, _COMMENTS_HELD = 10, 8
_GENERATED = 24_000
_BAD, _GOOD = 4, 9


@dataclass(frozen=True, slots=True)
class Example:
    """A text to learn from.

    Attributes:
        source: ``review``, ``comment``, ``grammar``, ``denial``, ``chat`` or ``stem``.
        text: As written.
        lean: True for positive, False for negative, None where neither or both.
        feels: Whether it says a feeling; None where that is not known.
        clear: Whether the one side outweighs the other at least two to one.
        categories: How many of KOTE's emotions, or 1, by category.
    """

    source: str
    text: str
    lean: bool | None
    feels: bool | None
    clear: bool = True
    categories: dict[str, int] = field(default_factory=dict)


def held_out(text: str, one_in: int) -> bool:
    """Tell whether a text is kept for measuring: by a hash, so that any order and any subset gives the same answer."""
    return int.from_bytes(hashlib.sha256(text.strip().encode()).digest()[:8], "big") % one_in == 0


def reviews(path: Path) -> tuple[list[Example], list[Example]]:
    """Film reviews to learn from and held out: those rated 1 to 4 are negative, 9 and 10 positive, the rest left."""
    rows = [line.split("\t", 1) for line in path.read_text("utf-8").splitlines()]
    found = [
        Example("review", text, lean=int(rating) >= _GOOD, feels=True)
        for rating, text in rows
        if not _BAD < int(rating) < _GOOD
    ]
    return _split(found, _REVIEWS_HELD)


def comments(path: Path) -> tuple[list[Example], list[Example]]:
    """KOTE's comments to learn from and held out.

    One leans to the side with more of its emotions. It says nothing when an annotator said so (없음), and a feeling
    when none did and one side leads by two.
    """
    emotions = kote_emotions()
    rows = (line.split("\t") for line in path.read_text("utf-8").splitlines())
    return _split(
        [_comment(text, [emotions[int(number)] for number in numbers.split(",")]) for _, text, numbers in rows],
        _COMMENTS_HELD,
    )


def kote_emotions() -> list[dict[str, Any]]:
    """KOTE's 44 emotions in the order of their numbers: name, side and category."""
    found: list[dict[str, Any]] = json.loads((DATA / "kote_fold.json").read_text("utf-8"))["emotions"]
    return found


def chat() -> list[Example]:
    """The chat lines written down."""
    return [_chat("chat", line) for line in written()]


def grammar() -> list[Example]:
    """Chat lines that the grammar makes, each once, and its short denials."""
    lines = dict.fromkeys(generated(_GENERATED, SEED))
    return [*(_chat("grammar", line) for line in lines), *(_chat("denial", line) for line in denials())]


def stems() -> list[Example]:
    """The lexicon's stems and the signs as texts. A stem that weighs 1 leans, but is no feeling by itself."""
    lexicon = json.loads((ANALYSIS / "sentiment_lexicon.json").read_text("utf-8"))
    sides = [(side, weight, listed) for side in ("positive", "negative") for weight, listed in lexicon[side].items()]
    found = [
        Example("stem", stem, lean=side == "positive", feels=True if int(weight) > 1 else None)
        for side, weight, listed in sides
        for stem in listed.split(", ")
    ]
    said = {example.text for example in found}
    found += [
        Example("stem", stem, lean=None, feels=False) for stem in lexicon["neither"].split(", ") if stem not in said
    ]
    return found + [_chat("stem", line) for line in signs()]


def _split(found: Iterable[Example], one_in: int) -> tuple[list[Example], list[Example]]:
    learnt: list[Example] = []
    held: list[Example] = []
    for example in found:
        (held if held_out(example.text, one_in) else learnt).append(example)
    return learnt, held


def _comment(text: str, emotions: Sequence[dict[str, Any]]) -> Example:
    good, bad = (sum(emotion["side"] == side for emotion in emotions) for side in ("positive", "negative"))
    categories: dict[str, int] = {}
    for emotion in emotions:
        if emotion["category"]:
            categories[emotion["category"]] = categories.get(emotion["category"], 0) + 1
    nothing = "neutral" in categories
    feels = False if nothing else True if abs(good - bad) > 1 else None
    lean = None if good == bad else good > bad
    return Example("comment", text, lean, feels, max(good, bad) >= 2 * min(good, bad), categories)


def _chat(source: str, line: ChatLine) -> Example:
    lean = {"positive": True, "negative": False}.get(line.sentiment)
    return Example(
        source, line.text, lean, line.sentiment != "neutral", categories=dict.fromkeys(line.category.split(","), 1)
    )


def side_of(example: Example) -> str:
    """The side of an example as it is measured: positive or negative where one is clear, else empty."""
    if example.lean is None or not example.clear:
        return ""
    return "positive" if example.lean else "negative"
