"""How well and how fast a message's feeling is read, on texts from which nothing was learned.

They are ``data/held_out.tsv``, a sample of the film reviews (NSMC, CC0) and comments (KOTE, MIT) that training holds
out, and invented lines, ``tests/analysis/data/chat_lines.tsv``. With ``EMOTION_DATA`` naming a folder that
has ``nsmc.tsv`` and ``kote-val.tsv``, everything held out is read instead of the sample.
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
CHAT = SAMPLE.parents[2] / "tests" / "analysis" / "data" / "chat_lines.tsv"
SENTIMENTS = ("positive", "negative", "neutral", "mixed")
SIDES = SENTIMENTS[:2]
GOALS = {"review": 0.87, "comment": 0.81}
SPEED_GOAL = 50_000
MESSAGES, ROUNDS = 20_000, 5
BINS = 10
MB = 1024 * 1024


class Labelled(NamedTuple):
    """A text, where it comes from, and what it was labelled: a sentiment, and the categories that fit."""

    source: str
    sentiment: str
    categories: frozenset[str]
    text: str


def measure(table: Table) -> None:
    """Add the rows of cost, while no word was met, then those of quality."""
    _add_cost(table)
    add_quality(table, [*held_out(), *chat_lines()])


def add_quality(table: Table, texts: Sequence[Labelled]) -> None:
    """Add how often the side, the sentiment and the category are read as labelled, and how sure one may be of it."""
    for source in ("review", "comment", "chat"):
        _add_accuracy(table, f"{source}s, of two sides", [row for row in texts if _is(row, source, SIDES)], SIDES)
    lines = [row for row in texts if _is(row, "chat", SENTIMENTS)]
    _add_accuracy(table, "chats, of four sentiments", lines, SENTIMENTS)
    for label in SENTIMENTS:
        read = Counter(_largest(sentiment_shares_of(row.text), SENTIMENTS) for row in lines if row.sentiment == label)
        others = ", ".join(f"{read[other]} {other}" for other in SENTIMENTS if other != label)
        table.add(f"… of {read.total()} {label} chats", f"{read[label]} {label}", beside=others)
    for source in ("comment", "chat"):
        named = [row for row in texts if _is(row, source, ("", *SENTIMENTS)) and row.categories]
        hits = sum(analyse(row.text).category in row.categories for row in named)
        commonest = Counter(category for row in named for category in row.categories).most_common(1)[0]
        beside = f"always {commonest[0]} {commonest[1] / len(named):.1%}"
        table.add(f"category of {len(named):,} {source}s", f"{hits / len(named):.1%}", beside=beside)


def _is(row: Labelled, source: str, sentiments: Sequence[str]) -> bool:
    return row.source == source and row.sentiment in sentiments


def _add_accuracy(table: Table, name: str, texts: Sequence[Labelled], sentiments: Sequence[str]) -> None:
    read = [sentiment_shares_of(row.text) for row in texts]
    with _without_lexicon():
        without = _accuracy(texts, [sentiment_shares_of(row.text) for row in texts], sentiments)
    alone = _accuracy(texts, [_by_lexicon(row.text) for row in texts], sentiments)
    goal = GOALS.get(texts[0].source)
    table.add(
        f"feeling of {len(texts):,} {name}",
        f"{_accuracy(texts, read, sentiments):.1%}",
        beside=f"without lexicon {without:.1%}, lexicon alone {alone:.1%}",
        goal=f"≥ {goal:.0%}" if goal else "",
    )
    table.add("… calibration error", f"{calibration_error(texts, read, sentiments):.3f}")


def _accuracy(texts: Sequence[Labelled], read: Sequence[SentimentShares], sentiments: Sequence[str]) -> float:
    pairs = zip(texts, read, strict=True)
    return sum(_largest(shares, sentiments) == row.sentiment for row, shares in pairs) / len(texts)


def calibration_error(texts: Sequence[Labelled], read: Sequence[SentimentShares], sentiments: Sequence[str]) -> float:
    """Expected calibration error: between how sure and how often right, over ten bins (Naeini et al. 2015)."""
    gaps = [0.0] * BINS
    for row, shares in zip(texts, read, strict=True):
        among = shares[: len(sentiments)]
        sure = max(among) / max(sum(among), 1)
        gaps[min(int(sure * BINS), BINS - 1)] += sure - (_largest(shares, sentiments) == row.sentiment)
    return sum(map(abs, gaps)) / len(texts)


def _largest(shares: SentimentShares, sentiments: Sequence[str]) -> str:
    """The largest share's sentiment among these; empty when they are equal, since then nothing was read."""
    among = shares[: len(sentiments)]
    return sentiments[among.index(max(among))] if len(set(among)) > 1 else ""


@contextmanager
def _without_lexicon() -> Iterator[None]:
    with mock.patch.object(sentiment, "lexicon_weights", return_value=(0.0, 0.0)):
        yield


def _by_lexicon(text: str) -> SentimentShares:
    """The shares by the words of the lexicon alone, against a weight of one for no feeling."""
    positive, negative = lexicon_weights(text)
    both = min(positive, negative)
    scale = 1000 / (positive + negative + 1)
    up, down, mixed = (int(part * scale) for part in (positive - both / 2, negative - both / 2, both))
    return SentimentShares(up, down, 1000 - up - down - mixed, mixed)


def _add_cost(table: Table) -> None:
    sentiment_model.cache_clear()
    tracemalloc.start()
    sentiment_model()
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    sentiment_model.cache_clear()
    load = _seconds(sentiment_model)
    table.add("reading the weights", f"{1000 * load:.0f} ms", beside=f"{size / MB:.0f} MB", goal="≤ 150 ms")
    texts = [line.text for line in chat(MESSAGES)]
    first, *again = (
        MESSAGES / _seconds(lambda: [sentiment_shares_of(text) for text in texts]) for _ in range(1 + ROUNDS)
    )
    length = sum(map(len, texts)) / MESSAGES
    table.add(
        f"messages of {length:.0f} characters a second",
        f"{median(again):,.0f}",
        beside=f"words never met {first:,.0f}",
        goal=f"≥ {SPEED_GOAL:,}",
    )


def _seconds(work: Callable[[], object]) -> float:
    """Of the processor: reading waits for nothing."""
    started = time.process_time()
    work()
    return time.process_time() - started


def held_out() -> list[Labelled]:
    """The committed sample, or all that training holds out where the data is."""
    folder = os.environ.get("EMOTION_DATA")
    return list(_all_held_out(Path(folder))) if folder else _rows(SAMPLE)


def chat_lines() -> list[Labelled]:
    """Chat lines made up for this."""
    return [Labelled("chat", *_labels(*line.split("\t"))) for line in CHAT.read_text("utf-8").splitlines()]


def _rows(path: Path) -> list[Labelled]:
    rows = (line.split("\t", 1) for line in path.read_text("utf-8").splitlines())
    return [Labelled(source, *_labels(*rest.split("\t", 2))) for source, rest in rows]


def _labels(sentiment: str, categories: str, text: str) -> tuple[str, frozenset[str], str]:
    return sentiment, frozenset(categories.split(",")) - {""}, text


def _all_held_out(folder: Path) -> Iterable[Labelled]:
    from training import sources  # noqa: PLC0415 (only where the data is)

    for row in (*sources.reviews(folder / "nsmc.tsv")[1], *sources.comments(folder / "kote-val.tsv")[1]):
        yield Labelled(row.source, sources.side_of(row), frozenset(row.categories), row.text)
