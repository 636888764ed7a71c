"""How well and how fast sentiment and emotion are analysed, on texts that the models were not trained on.

The texts are ``data/held_out.tsv``, a sample of the film reviews (NSMC, CC0) and comments (KOTE, MIT) that training
holds out, and the invented lines of ``tests/analysis/data/chat_lines.tsv``. If the environment variable
``EMOTION_DATA`` names a folder with ``nsmc.tsv`` and ``kote-val.tsv``, all held-out texts are read instead of the
sample.
"""

from __future__ import annotations

import os
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple
from unittest import mock

from benchmarks.chats import chat
from benchmarks.table import Table
from chalicelib.analysis import sentiment
from chalicelib.analysis.emotion import analyse
from chalicelib.analysis.sentiment import SentimentShares, sentiment_shares_of
from chalicelib.analysis.sentiment_lexicon import lexicon_weights
from chalicelib.analysis.sentiment_model import sentiment_model

SAMPLE = Path(__file__).resolve().parent / "data" / "held_out.tsv"
CHAT_LINES = SAMPLE.parents[2] / "tests" / "analysis" / "data" / "chat_lines.tsv"
SENTIMENTS = ("positive", "negative", "neutral", "mixed")
SIDES = SENTIMENTS[:2]
MIN_ACCURACY = {"review": 0.87, "comment": 0.81}
MIN_MESSAGES_PER_SECOND = 50_000
MESSAGES, ROUNDS = 20_000, 5
BINS = 10
MB = 1024 * 1024


class LabelledText(NamedTuple):
    """A text with its source and its labels: a sentiment, and the emotion categories that are correct."""

    source: str
    sentiment: str
    categories: frozenset[str]
    text: str


def measure(table: Table) -> None:
    """Add the rows of speed first, while no word is cached, then those of quality."""
    _add_speed(table)
    add_quality(table, [*held_out_texts(), *chat_lines()])


def add_quality(table: Table, texts: Sequence[LabelledText]) -> None:
    """Add the accuracy and calibration of sides, sentiments and categories."""
    for source in ("review", "comment", "chat"):
        _add_accuracy(table, f"{source}s, two sides", _select(texts, source, SIDES), SIDES)
    lines = _select(texts, "chat", SENTIMENTS)
    _add_accuracy(table, "chats, four sentiments", lines, SENTIMENTS)
    for label in SENTIMENTS:
        results = Counter(
            _largest(sentiment_shares_of(row.text), SENTIMENTS) for row in lines if row.sentiment == label
        )
        others = ", ".join(f"{results[other]} {other}" for other in SENTIMENTS if other != label)
        table.add(f"… of {results.total()} {label} chats", f"{results[label]} {label}", comparison=others)
    for source in ("comment", "chat"):
        rows = [row for row in _select(texts, source, ("", *SENTIMENTS)) if row.categories]
        hits = sum(analyse(row.text).category in row.categories for row in rows)
        commonest, count = Counter(category for row in rows for category in row.categories).most_common(1)[0]
        comparison = f"always {commonest} {count / len(rows):.1%}"
        table.add(f"category of {len(rows):,} {source}s", f"{hits / len(rows):.1%}", comparison=comparison)


def _select(texts: Sequence[LabelledText], source: str, sentiments: Sequence[str]) -> list[LabelledText]:
    return [row for row in texts if row.source == source and row.sentiment in sentiments]


def _add_accuracy(table: Table, name: str, texts: Sequence[LabelledText], sentiments: Sequence[str]) -> None:
    results = [sentiment_shares_of(row.text) for row in texts]
    with _without_lexicon():
        without_lexicon = _accuracy(texts, [sentiment_shares_of(row.text) for row in texts], sentiments)
    only_lexicon = _accuracy(texts, [_lexicon_shares_of(row.text) for row in texts], sentiments)
    goal = MIN_ACCURACY.get(texts[0].source)
    table.add(
        f"sentiment of {len(texts):,} {name}",
        f"{_accuracy(texts, results, sentiments):.1%}",
        comparison=f"without lexicon {without_lexicon:.1%}, only lexicon {only_lexicon:.1%}",
        goal=f"≥ {goal:.0%}" if goal else "",
    )
    table.add("… calibration error", f"{calibration_error(texts, results, sentiments):.3f}")


def _accuracy(texts: Sequence[LabelledText], results: Sequence[SentimentShares], sentiments: Sequence[str]) -> float:
    pairs = zip(texts, results, strict=True)
    return sum(_largest(shares, sentiments) == row.sentiment for row, shares in pairs) / len(texts)


def calibration_error(
    texts: Sequence[LabelledText], results: Sequence[SentimentShares], sentiments: Sequence[str]
) -> float:
    """Return the expected calibration error over ten bins (Naeini et al. 2015): confidence against accuracy."""
    gaps = [0.0] * BINS
    for row, shares in zip(texts, results, strict=True):
        compared = shares[: len(sentiments)]
        confidence = max(compared) / max(sum(compared), 1)
        is_correct = _largest(shares, sentiments) == row.sentiment
        gaps[min(int(confidence * BINS), BINS - 1)] += confidence - is_correct
    return sum(map(abs, gaps)) / len(texts)


def _largest(shares: SentimentShares, sentiments: Sequence[str]) -> str:
    """Return the sentiment with the largest share, an empty string if all shares are equal and nothing was decided."""
    compared = shares[: len(sentiments)]
    return sentiments[compared.index(max(compared))] if len(set(compared)) > 1 else ""


@contextmanager
def _without_lexicon() -> Iterator[None]:
    with mock.patch.object(sentiment, "lexicon_weights", return_value=(0.0, 0.0)):
        yield


def _lexicon_shares_of(text: str) -> SentimentShares:
    """Return the shares by the lexicon without the model. A weight of one stands for no feeling."""
    positive, negative = lexicon_weights(text)
    both = min(positive, negative)
    scale = 1000 / (positive + negative + 1)
    up, down, mixed = (int(part * scale) for part in (positive - both / 2, negative - both / 2, both))
    return SentimentShares(up, down, 1000 - up - down - mixed, mixed)


def _add_speed(table: Table) -> None:
    sentiment_model.cache_clear()
    tracemalloc.start()
    sentiment_model()
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    sentiment_model.cache_clear()
    load_time = _seconds(sentiment_model)
    table.add(
        "load the sentiment model", f"{1000 * load_time:.0f} ms", comparison=f"{size / MB:.0f} MB", goal="≤ 150 ms"
    )
    texts = [line.text for line in chat(MESSAGES)]
    first, *others = (
        MESSAGES / _seconds(lambda: [sentiment_shares_of(text) for text in texts]) for _ in range(1 + ROUNDS)
    )
    length = sum(map(len, texts)) / MESSAGES
    table.add(
        f"messages of {length:.0f} characters per second",
        f"{median(others):,.0f}",
        comparison=f"with empty caches {first:,.0f}",
        goal=f"≥ {MIN_MESSAGES_PER_SECOND:,}",
    )


def _seconds(call: Callable[[], object]) -> float:
    """Return the processor time of a call."""
    started = time.process_time()
    call()
    return time.process_time() - started


def held_out_texts() -> list[LabelledText]:
    """Return the committed sample, or all held-out texts if the environment names their folder."""
    folder = os.environ.get("EMOTION_DATA")
    return list(_all_held_out(Path(folder))) if folder else _rows(SAMPLE)


def chat_lines() -> list[LabelledText]:
    """Return the invented chat lines."""
    return [LabelledText("chat", *_labels(*line.split("\t"))) for line in CHAT_LINES.read_text("utf-8").splitlines()]


def _rows(path: Path) -> list[LabelledText]:
    rows = (line.split("\t", 1) for line in path.read_text("utf-8").splitlines())
    return [LabelledText(source, *_labels(*rest.split("\t", 2))) for source, rest in rows]


def _labels(sentiment: str, categories: str, text: str) -> tuple[str, frozenset[str], str]:
    return sentiment, frozenset(categories.split(",")) - {""}, text


def _all_held_out(folder: Path) -> Iterable[LabelledText]:
    from training import sources  # noqa: PLC0415 (only where the data is)

    reviews, comments = sources.reviews(folder / "nsmc.tsv"), sources.comments(folder / "kote-val.tsv")
    for row in (*reviews.held_out, *comments.held_out):
        yield LabelledText(row.source, sources.side_of(row), frozenset(row.categories), row.text)
