"""How well and how fast speech is analysed: levels, agreement with Kiwi, style matching, speed."""

from __future__ import annotations

import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from benchmarks import agreement
from benchmarks.agreement import INVENTED, REVIEWS, Agreement, KiwiResult, lines_of
from benchmarks.chats import chat
from benchmarks.table import Table
from chalicelib.analysis.level_switches import CASUAL, POLITE, STYLES
from chalicelib.analysis.message_features import features_of
from chalicelib.analysis.sentiment import sentiment_shares_of
from chalicelib.analysis.speech import SpeechCounts
from chalicelib.analysis.style_match import MIN_WORDS, style_match
from chalicelib.domain import FunctionCounts
from chalicelib.korean.endings import level_of
from chalicelib.korean.nouns import topic_forms

MIN_CLEAN, MIN_CHAT, MIN_ENDINGS, MIN_NOUNS = 0.99, 0.97, 0.97, 0.9
MAX_MICROSECONDS, MIN_TEXTS_PER_SECOND = 12, 200_000
MESSAGES, ROUNDS = 60_000, 5
SHUFFLES = 40
SEED = 20_261_123

# A text with its label.
Labelled = tuple[str, str]


def measure(table: Table) -> None:
    """Add all rows."""
    _measure_labels(table, "clean sentences", _clean_sentences(), _style_of, MIN_CLEAN)
    _measure_labels(table, "chat lines", _chat_lines(), _level_name, MIN_CHAT)
    _measure_agreement(table, "invented lines", agreement.kiwi_results(INVENTED, agreement.invented_lines()))
    _measure_agreement(table, "reviews", agreement.kiwi_results(REVIEWS, agreement.reviews()))
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
    return STYLES.get(level_of(text), "neutral")


def _level_name(text: str) -> str:
    return level_of(text).value


def _measure_labels(
    table: Table, source: str, labelled: Iterator[Labelled], classify: Callable[[str], str], goal: float
) -> None:
    """Add the share of correct results, in total and by label, and the wrong results of each label."""
    confusion = Counter((label, classify(text)) for text, label in labelled)
    correct = sum(count for (label, result), count in confusion.items() if label == result)
    _add_share(table, f"speech levels, {source}", Agreement(correct, confusion.total()), goal)
    for label in dict.fromkeys(label for label, _ in confusion):
        results = Counter({result: count for (each, result), count in confusion.items() if each == label})
        wrong = ", ".join(f"{other} {count}" for other, count in results.items() if other != label)
        table.add(f"  {label}", comparison=wrong and f"as {wrong}", correct=f"{results[label]:,}/{results.total():,}")


def _measure_agreement(table: Table, source: str, results: Sequence[KiwiResult]) -> None:
    _add_share(table, f"final endings as Kiwi, {source}", agreement.on_endings(results), MIN_ENDINGS)
    _add_share(table, f"top words that are nouns for Kiwi, {source}", agreement.on_top_words(results), MIN_NOUNS)
    _add_share(table, f"key phrases that are nouns for Kiwi, {source}", agreement.on_key_phrases(results), MIN_NOUNS)


def _add_share(table: Table, name: str, result: Agreement, goal: float) -> None:
    table.add(name, ratio=f"{result.share:.4f}", goal=f"≥ {goal}", correct=f"{result.agreed:,.0f}/{result.cases:,}")


def _measure_style(table: Table) -> None:
    """Match halves of the polite or the casual sentences, and halves of different styles, with the minimum of words."""
    rng = random.Random(SEED)  # noqa: S311 (a shuffle, not a secret)
    pairs = [line.split("\t") for line in lines_of("formality_pairs.tsv")]
    same_style: list[float] = []
    different_styles: list[float] = []
    for _ in range(SHUFFLES):
        rng.shuffle(pairs)
        half = len(pairs) // 2
        polite, casual = (_functions(texts) for texts in zip(*pairs[:half], strict=True))
        other_polite, other_casual = (_functions(texts) for texts in zip(*pairs[half:], strict=True))
        same_style += [_score(polite, other_polite), _score(casual, other_casual)]
        different_styles += [_score(polite, other_casual), _score(casual, other_polite)]
    for name, scores in (("one style", same_style), ("two styles", different_styles)):
        median, p95 = statistics.median(scores), statistics.quantiles(scores, n=20)[-1]
        table.add(f"style match of {MIN_WORDS} words each, {name}", f"{median:.3f}", f"{p95:.3f}")


def _functions(texts: Sequence[str]) -> FunctionCounts:
    counts = SpeechCounts()
    for text in texts:
        if counts.words < MIN_WORDS:
            counts.add(text)
    return counts.speech().functions


def _score(one: FunctionCounts, other: FunctionCounts) -> float:
    score = style_match(one, other).score
    if score is None:
        raise AssertionError("the halves have too few words")
    return score


def _measure_speed(table: Table) -> None:
    texts = [line.text for line in chat(MESSAGES)]
    seconds = _seconds_per_text(features_of, texts) - _seconds_per_text(sentiment_shares_of, texts)
    table.add("analyse a text's speech, without its sentiment", _us(seconds), goal=f"≤ {MAX_MICROSECONDS} µs")
    per_second = 1 / _seconds_per_text(topic_forms, texts)
    table.add("find a text's topic words", f"{per_second:,.0f}/s", goal=f"≥ {MIN_TEXTS_PER_SECOND:,}/s")


def _us(seconds: float) -> str:
    return f"{seconds * 1e6:.1f} µs"


def _seconds_per_text(call: Callable[[str], Any], texts: Sequence[str]) -> float:
    """Return the median processor time of some rounds, per text."""
    rounds = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for text in texts:
            call(text)
        rounds.append(time.process_time() - started)
    return statistics.median(rounds) / len(texts)
