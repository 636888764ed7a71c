"""Train the sentiment model and the category model: ``python -m training.sentiment_model --nsmc … --kote …``.

Both models are linear over the n-grams of ``chalicelib.analysis.sentiment_model``. Each head is a logistic regression
on counts that are scaled by their log-count ratio (Wang and Manning 2012) and divided by the root of their number.
Training is single-threaded and seeded: the same data give the same file.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from chalicelib.analysis.emotion import category_codes
from chalicelib.analysis.sentiment import lexicon_scores
from chalicelib.analysis.sentiment_model import MODEL_PATH, ZERO_WEIGHT, Constants, ngrams_of
from training import sources
from training.model_file import pack
from training.sources import Example

Floats: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
Flags: TypeAlias = "np.ndarray[Any, np.dtype[np.bool_]]"
Indexes: TypeAlias = "np.ndarray[Any, np.dtype[np.intp]]"
Ngrams: TypeAlias = "np.ndarray[Any, np.dtype[np.object_]]"

MAX_NGRAMS, MAX_CATEGORY_NGRAMS = 150_000, 20_000
# An n-gram in fewer texts describes those texts rather than the language.
MIN_TEXTS = 3
# The weight of a text by its source. A written line weighs more than a generated one.
LEAN_WEIGHTS = {"review": 1.0, "comment": 4.0, "grammar": 0.6, "denial": 3.0, "chat": 3.0, "stem": 6.0}
FEELING_WEIGHTS = {"review": 0.02, "comment": 1.0, "grammar": 1.0, "denial": 3.0, "chat": 6.0, "stem": 6.0}
# Chat and stems weigh more than reviews: the model is for chats, and short words of feeling occur in both registers.
REGISTER_WEIGHTS = {"review": 0.3, "comment": 3.0, "grammar": 1.0, "denial": 3.0, "chat": 10.0, "stem": 5.0}
# Few comments express no feeling, but most chat lines do not.
NEUTRAL_COMMENT_FACTOR = 3.0
CATEGORY_WEIGHTS = {"comment": 1.0, "grammar": 0.3, "denial": 0.3, "chat": 3.0, "stem": 0.3}
LEAN_C, FEELING_C, REGISTER_C, CATEGORY_C, CALIBRATION_C = 2.0, 1.0, 1.0, 2.0, 100.0
# The calibration uses two parts of each source, of one in this many texts, and these total weights of the sources.
CALIBRATION_PARTS = {"review": 10, "comment": 5, "chat": 2}
CALIBRATION_WEIGHTS = {"review": 1.0, "comment": 1.0, "chat": 3.0}
CALIBRATION_ROUNDS = 2
# One review in this many trains the register.
REVIEWS_PER_REGISTER_EXAMPLE = 3
# How much the talk, film, register and feeling heads count when n-grams are selected.
HEAD_IMPORTANCE = (4.0, 4.0, 1.0, 1.0)
# A weight is stored in a byte. Weights beyond this quantile are clipped.
MAX_STEP, CLIPPING_QUANTILE = 127, 0.9999


@dataclass(frozen=True, slots=True)
class Head:
    """A linear function of a text's n-grams: the sum of their weights over the root of their number, plus ``bias``."""

    weights: Floats
    bias: float

    def of(self, scaled: sparse.csr_matrix) -> Floats:
        """Return the value of the head for each row of counts that ``_scaled`` divided."""
        values: Floats = scaled @ self.weights + self.bias
        return values


class Heads(NamedTuple):
    """The heads of the sentiment model.

    ``talk`` is the lean of talk, ``film`` what film reviews add to it, ``register`` how much a text is a film review,
    and ``feeling`` whether it expresses a feeling.
    """

    talk: Head
    film: Head
    register: Head
    feeling: Head


class Calibration(NamedTuple):
    """The regressions that turn heads and lexicon into probabilities: of a good feeling, and of any feeling."""

    good: LogisticRegression
    feels: LogisticRegression


class CategoryHeads(NamedTuple):
    """The quantised category model: the biases, the scale of all weights, and a byte per category for each n-gram."""

    biases: dict[str, float]
    scale: float
    table: dict[str, bytes]


class _UnseenTexts(NamedTuple):
    """Texts with the features of the two calibrations, from heads that were not trained on them."""

    examples: list[Example]
    good_features: Floats
    feels_features: Floats


class Texts:
    """Examples with the counts of their n-grams."""

    def __init__(self, examples: Sequence[Example], vocabulary: dict[str, int]) -> None:
        self.examples = list(examples)
        self.counts = _counts([example.text for example in examples], vocabulary)

    def of(self, chosen: Flags, columns: Indexes | None = None) -> sparse.csr_matrix:
        """Return the counts of the chosen texts, of all n-grams or of some."""
        rows = self.counts[np.flatnonzero(chosen)]
        return rows if columns is None else rows[:, columns]

    def flags(self, values: Iterable[bool]) -> Flags:
        """Return one value per text as an array."""
        flags: Flags = np.fromiter(values, np.bool_, len(self.examples))
        return flags

    def from_source(self, source: str) -> Flags:
        """Return which texts are from a source."""
        return self.flags(example.source == source for example in self.examples)

    def weights(self, by_source: dict[str, float]) -> Floats:
        """Return the weight of each text."""
        weights: Floats = np.array([by_source[example.source] for example in self.examples])
        return weights


def main() -> int:
    """Train the models and write the file."""
    args = _arguments()
    examples = [*sources.reviews(args.nsmc).train, *sources.comments(args.kote).train]
    examples += [*sources.grammar(), *sources.chat(), *sources.stems()]
    vocabulary = _vocabulary(examples)
    texts = Texts(examples, vocabulary)
    everything = np.ones(len(examples), np.bool_)
    selected = _select_ngrams(texts, _fit(texts, everything, None))
    heads = _fit(texts, everything, selected)
    ngrams: Ngrams = np.array(list(vocabulary), dtype=object)
    scales, table = _quantise([head.weights for head in heads], ngrams[selected])
    categories = _fit_categories(texts, ngrams)
    header = {
        "constants": _constants(heads, scales, _calibrate(texts, selected))._asdict(),
        "categories": categories.biases,
        "scale": categories.scale,
    }
    args.out.write_bytes(pack(header, [table, categories.table]))
    print(f"{args.out.name}: {args.out.stat().st_size:,} bytes, {len(selected):,} n-grams")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nsmc", type=Path, required=True, help="film reviews: rating, tab, text")
    parser.add_argument("--kote", type=Path, required=True, help="comments: id, tab, text, tab, emotion numbers")
    parser.add_argument("--out", type=Path, default=MODEL_PATH, help="the model file to write")
    return parser.parse_args()


def _vocabulary(examples: Iterable[Example]) -> dict[str, int]:
    """Return the columns of the n-grams that are in enough texts."""
    texts_with: dict[str, int] = {}
    for example in examples:
        for ngram in set(ngrams_of(example.text)):
            texts_with[ngram] = texts_with.get(ngram, 0) + 1
    frequent = sorted(ngram for ngram, number in texts_with.items() if number >= MIN_TEXTS)
    return {ngram: column for column, ngram in enumerate(frequent)}


def _counts(texts: Iterable[str], vocabulary: dict[str, int]) -> sparse.csr_matrix:
    rows = [[vocabulary[ngram] for ngram in ngrams_of(text) if ngram in vocabulary] for text in texts]
    ends = np.cumsum([0, *map(len, rows)])
    columns = np.fromiter((column for row in rows for column in row), np.int32, int(ends[-1]))
    counts = sparse.csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(rows), len(vocabulary)))
    counts.sum_duplicates()
    return counts


def _scaled(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """Divide each row by the root of its sum."""
    number = np.maximum(np.asarray(counts.sum(axis=1)).ravel(), 1.0)
    return (sparse.diags(number**-0.5) @ counts).tocsr()


def _log_ratios(counts: sparse.csr_matrix, labels: Flags, weights: Floats) -> Floats:
    """Return the logarithm of how much more likely each n-gram is in positive texts, with a smoothing count of one."""
    positive = 1.0 + counts.T @ (weights * labels)
    negative = 1.0 + counts.T @ (weights * ~labels)
    ratios: Floats = np.log(positive / positive.sum() * negative.sum() / negative)
    return ratios


def _regression(features: sparse.csr_matrix, labels: Flags, weights: Floats, strength: float) -> LogisticRegression:
    regression = LogisticRegression(C=strength, solver="liblinear", dual=True, tol=0.1, random_state=sources.SEED)
    return regression.fit(features, labels, sample_weight=weights)


def _head(counts: sparse.csr_matrix, labels: Flags, weights: Floats, strength: float) -> Head:
    ratios = _log_ratios(counts, labels, weights)
    regression = _regression((_scaled(counts) @ sparse.diags(ratios)).tocsr(), labels, weights, strength)
    return Head(ratios * regression.coef_[0], float(regression.intercept_[0]))


def _fit(texts: Texts, chosen: Flags, columns: Indexes | None) -> Heads:
    talk, film = _fit_leans(texts, chosen, columns)
    return Heads(talk, film, _fit_register(texts, chosen, columns), _fit_feeling(texts, chosen, columns))


def _fit_leans(texts: Texts, chosen: Flags, columns: Indexes | None) -> tuple[Head, Head]:
    """Fit the talk and film heads in one regression.

    Film reviews have each n-gram twice, shared with talk and as their own (Daumé 2007).
    """
    chosen = chosen & texts.flags(example.lean is not None for example in texts.examples)
    counts = texts.of(chosen, columns)
    labels = texts.flags(bool(example.lean) for example in texts.examples)[chosen]
    film = texts.from_source("review")[chosen]
    weights = texts.weights(LEAN_WEIGHTS)[chosen]
    ratios = _log_ratios(counts, labels, weights)
    shared = (_scaled(counts) @ sparse.diags(ratios)).tocsr()
    own = (sparse.diags(film.astype(float)) @ shared).tocsr()
    features = sparse.hstack([shared, own, sparse.csr_matrix(film[:, None].astype(float))]).tocsr()
    regression = _regression(features, labels, weights, LEAN_C)
    talk, film_only = regression.coef_[0][:-1].reshape(2, -1) * ratios
    return Head(talk, float(regression.intercept_[0])), Head(film_only, float(regression.coef_[0][-1]))


def _fit_register(texts: Texts, chosen: Flags, columns: Indexes | None) -> Head:
    """Fit the head that recognises film reviews. A third of the reviews is enough."""
    is_used = texts.flags(
        example.source != "review" or index % REVIEWS_PER_REGISTER_EXAMPLE == 0
        for index, example in enumerate(texts.examples)
    )
    chosen = chosen & is_used
    labels = texts.from_source("review")[chosen]
    return _head(texts.of(chosen, columns), labels, texts.weights(REGISTER_WEIGHTS)[chosen], REGISTER_C)


def _fit_feeling(texts: Texts, chosen: Flags, columns: Indexes | None) -> Head:
    chosen = chosen & texts.flags(example.feels is not None for example in texts.examples)
    labels = texts.flags(bool(example.feels) for example in texts.examples)
    weights = texts.weights(FEELING_WEIGHTS)
    weights[texts.from_source("comment") & ~labels] *= NEUTRAL_COMMENT_FACTOR
    return _head(texts.of(chosen, columns), labels[chosen], weights[chosen], FEELING_C)


def _select_ngrams(texts: Texts, heads: Heads) -> Indexes:
    """Return the n-grams that move the heads most: their weights times the root of their number of texts."""
    number = np.sqrt(np.asarray((texts.counts > 0).sum(axis=0)).ravel())
    effects = np.array([np.abs(head.weights) * number for head in heads])
    shares = np.array(HEAD_IMPORTANCE) @ (effects / effects.sum(axis=1, keepdims=True))
    return _top(shares, MAX_NGRAMS)


def _top(values: Floats, at_most: int) -> Indexes:
    """Return the places of the largest values, in order of place."""
    places: Indexes = np.sort(np.argsort(-values, kind="stable")[:at_most])
    return places


def _calibrate(texts: Texts, columns: Indexes) -> Calibration:
    """Fit the probabilities of a good feeling and of any feeling on texts that the heads were not trained on."""
    parts = [_unseen(texts, columns, part) for part in range(CALIBRATION_ROUNDS)]
    examples = [example for part in parts for example in part.examples]
    good_features = np.concatenate([part.good_features for part in parts])
    feels_features = np.concatenate([part.feels_features for part in parts])
    good = _calibration(good_features, examples, [example.lean for example in examples])
    feels_features = np.column_stack([np.abs(good.decision_function(good_features)), feels_features])
    return Calibration(good, _calibration(feels_features, examples, [example.feels for example in examples]))


def _unseen(texts: Texts, columns: Indexes, part: int) -> _UnseenTexts:
    unseen = texts.flags(
        example.source in CALIBRATION_PARTS and index % CALIBRATION_PARTS[example.source] == part
        for index, example in enumerate(texts.examples)
    )
    heads, counts = _fit(texts, ~unseen, columns), texts.of(unseen, columns)
    examples = [example for example, chosen in zip(texts.examples, unseen, strict=True) if chosen]
    scaled, number = _scaled(counts), np.asarray(counts.sum(axis=1)).ravel()
    film_like = 1 / (1 + np.exp(-heads.register.of(scaled)))
    lean = heads.talk.of(scaled) + film_like * heads.film.of(scaled)
    positive, negative = np.array([lexicon_scores(example.text) for example in examples]).T
    talk_like = 1 - film_like
    good_features = np.column_stack(
        [talk_like, talk_like * lean, talk_like * (positive - negative), film_like, film_like * lean]
    )
    feels_features = np.column_stack(
        [heads.feeling.of(scaled), np.maximum(positive, negative), film_like, np.log1p(number)]
    )
    return _UnseenTexts(examples, good_features, feels_features)


def _calibration(features: Floats, examples: Sequence[Example], labels: Sequence[bool | None]) -> LogisticRegression:
    number = Counter(example.source for example in examples)
    weights = np.array([1000 * CALIBRATION_WEIGHTS[each.source] / number[each.source] for each in examples])
    chosen = np.array([label is not None for label in labels])
    regression = LogisticRegression(C=CALIBRATION_C, fit_intercept=True, max_iter=1000)
    return regression.fit(features[chosen], np.array(labels)[chosen].astype(bool), sample_weight=weights[chosen])


def _constants(heads: Heads, scales: Sequence[float], calibration: Calibration) -> Constants:
    good, feels = calibration
    talk, talk_lean, talk_lexicon, film, film_lean = map(float, good.coef_[0])
    bias = float(good.intercept_[0])
    feels_good, feels_feeling, feels_lexicon, feels_film, feels_known = map(float, feels.coef_[0])
    return Constants(
        film_like=heads.register.bias,
        film_like_register=scales[2],
        lean=heads.talk.bias,
        lean_talk=scales[0],
        lean_film_like=heads.film.bias,
        lean_film=scales[1],
        talk=talk + bias,
        talk_lean=talk_lean,
        talk_lexicon=talk_lexicon,
        film=film + bias,
        film_lean=film_lean,
        feels=float(feels.intercept_[0]) + feels_feeling * heads.feeling.bias,
        feels_feeling=feels_feeling * scales[3],
        feels_good=feels_good,
        feels_lexicon=feels_lexicon,
        feels_film_like=feels_film,
        feels_known=feels_known,
    )


def _quantise(weights: Sequence[Floats], ngrams: Ngrams) -> tuple[list[float], dict[str, bytes]]:
    """Return the scale of each head, and one byte per head for every n-gram."""
    scales = [_scale(head) for head in weights]
    return scales, _to_bytes([head / scale for head, scale in zip(weights, scales, strict=True)], ngrams)


def _scale(weights: Floats) -> float:
    return float(np.quantile(np.abs(weights), CLIPPING_QUANTILE)) / MAX_STEP


def _to_bytes(steps: Sequence[Floats], ngrams: Ngrams) -> dict[str, bytes]:
    rows = (np.clip(np.rint(np.array(steps).T), -MAX_STEP, MAX_STEP) + ZERO_WEIGHT).astype(np.uint8)
    return {ngram: row.tobytes() for ngram, row in zip(ngrams, rows, strict=True)}


def _fit_categories(texts: Texts, ngrams: Ngrams) -> CategoryHeads:
    """Fit a head for each category, with the n-grams that distinguish them best.

    All heads have one scale, so that their values can be compared.
    """
    chosen = texts.flags(bool(example.categories) and example.source != "review" for example in texts.examples)
    examples = [example for example, is_chosen in zip(texts.examples, chosen, strict=True) if is_chosen]
    weights = np.array([CATEGORY_WEIGHTS[example.source] for example in examples])
    counts = texts.of(chosen)
    number = np.asarray((counts > 0).sum(axis=0)).ravel()
    frequent = np.flatnonzero(number >= MIN_TEXTS)
    names = category_codes()
    labels = [np.array([name in example.categories for example in examples]) for name in names]
    heads = [_head(counts[:, frequent], of_category, weights, CATEGORY_C) for of_category in labels]
    effects = sum(np.abs(head.weights) for head in heads) * np.sqrt(number[frequent])
    selected = _top(effects, MAX_CATEGORY_NGRAMS)
    scale = _scale(np.array([head.weights[selected] for head in heads]))
    table = _to_bytes([head.weights[selected] / scale for head in heads], ngrams[frequent][selected])
    return CategoryHeads({name: head.bias for name, head in zip(names, heads, strict=True)}, scale, table)


if __name__ == "__main__":
    sys.exit(main())
