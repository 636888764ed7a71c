"""How speech is read: levels right and what they are taken for, agreement with Kiwi, style matching, speed."""

from __future__ import annotations

import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from benchmarks import agreement
from benchmarks.agreement import INVENTED, REVIEWS, Agreement, Answer, lines_of
from benchmarks.chats import chat
from benchmarks.table import Table
from chalicelib.analysis import speech
from chalicelib.analysis.level_switches import CASUAL, POLITE, STYLES
from chalicelib.analysis.message_features import features_of
from chalicelib.analysis.sentiment import sentiment_shares_of
from chalicelib.analysis.style_match import MIN_WORDS, style_match
from chalicelib.domain import FunctionCounts
from chalicelib.korean.nouns import topic_forms

CLEAN, CHAT, ENDINGS, NOUNS = 0.99, 0.97, 0.97, 0.9
MICROSECONDS, A_SECOND = 12, 200_000
MESSAGES, ROUNDS = 60_000, 5
SHUFFLES = 40
SEED = 20_261_123

# A text and what it is.
Labelled = tuple[str, str]


def measure(table: Table) -> None:
    """Add all rows."""
    _measure_labels(table, "clean sentences", _clean_sentences(), _style_of, CLEAN)
    _measure_labels(table, "chat lines", _chat_lines(), _level_of, CHAT)
    _measure_agreement(table, "invented lines", agreement.answers(INVENTED, agreement.invented_lines()))
    _measure_agreement(table, "reviews", agreement.answers(REVIEWS, agreement.reviews()))
    _measure_style(table)
    _measure_speed(table)


def _clean_sentences() -> Iterator[Labelled]:
    for line in lines_of("formality_pairs.tsv"):
        polite, casual = line.split("\t")
        yield from ((polite, POLITE), (casual, CASUAL))


def _chat_lines() -> Iterator[Labelled]:
    for line in lines_of("chat_levels.tsv"):
        level, text = line.split("\t")
        yield text, level


def _style_of(text: str) -> str:
    return STYLES.get(speech.level_of(text), "neutral")


def _level_of(text: str) -> str:
    return speech.level_of(text).value


def _measure_labels(
    table: Table, source: str, labelled: Iterator[Labelled], read: Callable[[str], str], goal: float
) -> None:
    """Add how many are right, of all and by label, and what each label was taken for besides."""
    confusion = Counter((label, read(text)) for text, label in labelled)
    right = sum(count for (label, found), count in confusion.items() if label == found)
    _add_share(table, f"speech levels, {source}", Agreement(right, confusion.total()), goal)
    for label in dict.fromkeys(label for label, _ in confusion):
        found = Counter({found: count for (each, found), count in confusion.items() if each == label})
        wrong = ", ".join(f"{other} {count}" for other, count in found.items() if other != label)
        table.add(f"  {label}", beside=wrong and f"as {wrong}", right=f"{found[label]:,}/{found.total():,}")


def _measure_agreement(table: Table, source: str, answers: Sequence[Answer]) -> None:
    _add_share(table, f"final endings as Kiwi, {source}", agreement.on_endings(answers), ENDINGS)
    _add_share(table, f"top words nouns for Kiwi, {source}", agreement.on_top_words(answers), NOUNS)
    _add_share(table, f"key phrases nouns for Kiwi, {source}", agreement.on_key_phrases(answers), NOUNS)


def _add_share(table: Table, what: str, found: Agreement, goal: float) -> None:
    table.add(what, ratio=f"{found.share:.4f}", goal=f"≥ {goal}", right=f"{found.agreed:,.0f}/{found.cases:,}")


def _measure_style(table: Table) -> None:
    """Match halves of the polite or the casual sentences, and halves across the two, of the least words each."""
    chance = random.Random(SEED)  # noqa: S311 (a shuffle, not a secret)
    pairs = [line.split("\t") for line in lines_of("formality_pairs.tsv")]
    same: list[float] = []
    apart: list[float] = []
    for _ in range(SHUFFLES):
        chance.shuffle(pairs)
        half = len(pairs) // 2
        polite, casual = (_functions(texts) for texts in zip(*pairs[:half], strict=True))
        polite_too, casual_too = (_functions(texts) for texts in zip(*pairs[half:], strict=True))
        same += [_score(polite, polite_too), _score(casual, casual_too)]
        apart += [_score(polite, casual_too), _score(casual, polite_too)]
    for what, scores in (("one way to speak", same), ("two ways", apart)):
        median, p95 = statistics.median(scores), statistics.quantiles(scores, n=20)[-1]
        table.add(f"style match of {MIN_WORDS} words each, {what}", f"{median:.3f}", f"{p95:.3f}")


def _functions(texts: Sequence[str]) -> FunctionCounts:
    counts = speech.SpeechCounts()
    for text in texts:
        if counts.words < MIN_WORDS:
            counts.add(text)
    return counts.speech().functions


def _score(one: FunctionCounts, other: FunctionCounts) -> float:
    score = style_match(one, other).score
    if score is None:
        raise AssertionError("the halves are too short")
    return score


def _measure_speed(table: Table) -> None:
    texts = [line.text for line in chat(MESSAGES)]
    reading = _seconds_each(features_of, texts) - _seconds_each(sentiment_shares_of, texts)
    table.add("read a text's speech, without its emotion", _us(reading), goal=f"≤ {MICROSECONDS} µs")
    table.add("find texts' topic words", f"{1 / _seconds_each(topic_forms, texts):,.0f}/s", goal=f"≥ {A_SECOND:,}/s")


def _us(seconds: float) -> str:
    return f"{seconds * 1e6:.1f} µs"


def _seconds_each(call: Callable[[str], Any], texts: Sequence[str]) -> float:
    """The median of some rounds of the processor's time for a text."""
    taken = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for text in texts:
            call(text)
        taken.append(time.process_time() - started)
    return statistics.median(taken) / len(texts)
