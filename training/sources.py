"""Read the sources of the sentiment model, and split them into texts to train on and texts to measure with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from chalicelib import data_files
from chalicelib.analysis.sentiment_lexicon import load_lexicon
from chalicelib.data_files import Data
from training.chat import DATA, ChatLine, generated_lines, short_denials, signs, written_lines

SEED = 20_261_123
# One in ten reviews and one in eight comments are held out, by a hash of the text. Equal texts are thus on one side.
_REVIEWS_PER_HELD_OUT, _COMMENTS_PER_HELD_OUT = 10, 8
_GENERATED_LINES = 24_000
_MAX_BAD_RATING, _MIN_GOOD_RATING = 4, 9


@dataclass(frozen=True, slots=True)
class Example:
    """A text to train on.

    Attributes:
        source: ``review``, ``comment``, ``grammar``, ``denial``, ``chat`` or ``stem``.
        text: The text as written.
        lean: True for positive, False for negative, None for neither or both.
        feels: Whether the text expresses a feeling, None if that is unknown.
        clear: Whether one side has at least twice as many emotions as the other.
        categories: The emotion categories, each with the number of KOTE's emotions in it, or 1.
    """

    source: str
    text: str
    lean: bool | None
    feels: bool | None
    clear: bool = True
    categories: dict[str, int] = field(default_factory=dict)


class Split(NamedTuple):
    """Examples to train on, and examples held out to measure with."""

    train: list[Example]
    held_out: list[Example]


class _KoteEmotion(Data, frozen=True):
    name: str
    side: Literal["positive", "negative"] | None
    category: str | None


class _KoteFile(Data, frozen=True):
    """``data/kote_fold.json``, which describes its fields."""

    about: tuple[str, ...]
    emotions: tuple[_KoteEmotion, ...]


def is_held_out(text: str, one_in: int) -> bool:
    """Return whether a text is held out. A hash decides, so any order and any subset gives the same answer."""
    return int.from_bytes(hashlib.sha256(text.strip().encode()).digest()[:8], "big") % one_in == 0


def reviews(path: Path) -> Split:
    """Return film reviews. Ratings of 1 to 4 are negative, 9 and 10 positive; other reviews are ignored."""
    rows = [line.split("\t", 1) for line in path.read_text("utf-8").splitlines()]
    examples = [
        Example("review", text, lean=int(rating) >= _MIN_GOOD_RATING, feels=True)
        for rating, text in rows
        if not _MAX_BAD_RATING < int(rating) < _MIN_GOOD_RATING
    ]
    return _split(examples, _REVIEWS_PER_HELD_OUT)


def comments(path: Path) -> Split:
    """Return the comments of KOTE.

    A comment leans to the side with more of the annotated emotions. It expresses no feeling if an annotator chose 없음,
    and a feeling if none did and one side leads by at least two.
    """
    emotions = _kote_emotions()
    rows = (line.split("\t") for line in path.read_text("utf-8").splitlines())
    return _split(
        [_comment(text, [emotions[int(number)] for number in numbers.split(",")]) for _, text, numbers in rows],
        _COMMENTS_PER_HELD_OUT,
    )


@cache
def _kote_emotions() -> tuple[_KoteEmotion, ...]:
    """Return KOTE's 44 emotions in the order of their numbers."""
    return data_files.load(DATA / "kote_fold.json", _KoteFile).emotions


def chat() -> list[Example]:
    """Return the written chat lines."""
    return [_chat_example("chat", line) for line in written_lines()]


def grammar() -> list[Example]:
    """Return the distinct chat lines that the grammar generates, and its short denials."""
    lines = dict.fromkeys(generated_lines(_GENERATED_LINES, SEED))
    return [
        *(_chat_example("grammar", line) for line in lines),
        *(_chat_example("denial", line) for line in short_denials()),
    ]


def stems() -> list[Example]:
    """Return the stems of the lexicon and the signs as texts. A stem of weight 1 leans, but is not a feeling itself."""
    lexicon = load_lexicon()
    examples = [
        Example("stem", stem, lean=is_positive, feels=True if int(weight) > 1 else None)
        for is_positive, stems_by_weight in ((True, lexicon.positive), (False, lexicon.negative))
        for weight, listed in stems_by_weight.items()
        for stem in listed
    ]
    leaning = {example.text for example in examples}
    neutral = [Example("stem", stem, lean=None, feels=False) for stem in lexicon.neither if stem not in leaning]
    return examples + neutral + [_chat_example("stem", line) for line in signs()]


def _split(examples: Iterable[Example], one_in: int) -> Split:
    split = Split([], [])
    for example in examples:
        (split.held_out if is_held_out(example.text, one_in) else split.train).append(example)
    return split


def _comment(text: str, emotions: Sequence[_KoteEmotion]) -> Example:
    positive, negative = (sum(emotion.side == side for emotion in emotions) for side in ("positive", "negative"))
    categories: dict[str, int] = {}
    for emotion in emotions:
        if emotion.category:
            categories[emotion.category] = categories.get(emotion.category, 0) + 1
    feels = False if "neutral" in categories else True if abs(positive - negative) > 1 else None
    lean = None if positive == negative else positive > negative
    is_clear = max(positive, negative) >= 2 * min(positive, negative)
    return Example("comment", text, lean, feels, is_clear, categories)


def _chat_example(source: str, line: ChatLine) -> Example:
    lean = {"positive": True, "negative": False}.get(line.sentiment)
    return Example(
        source, line.text, lean, line.sentiment != "neutral", categories=dict.fromkeys(line.category.split(","), 1)
    )


def side_of(example: Example) -> str:
    """Return the measured side of an example: positive or negative if it is clear, otherwise an empty string."""
    if example.lean is None or not example.clear:
        return ""
    return "positive" if example.lean else "negative"
