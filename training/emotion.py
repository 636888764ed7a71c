"""Train the local emotion model: ``python -m training.emotion --nsmc nsmc.tsv --kote kote-val.tsv``.

Linear heads over the n-grams of ``chalicelib.analysis.sentiment_model``, each a logistic regression on counts
scaled by their log-count ratio (Wang and Manning 2012) and divided by the root of their number. Single-threaded and
seeded: the same data give the same file.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from chalicelib.analysis.sentiment import lexicon_scores
from chalicelib.analysis.sentiment_model import MODEL_PATH, ZERO_WEIGHT, Constants, ngrams_of, packed
from training import sources
from training.sources import Example

Floats = np.ndarray[Any, np.dtype[np.float64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

KEPT, CATEGORY_KEPT = 150_000, 20_000
# An n-gram that fewer texts hold says more about them than about the language.
LEAST_TEXTS = 3
# What a text of each source weighs. A line written down weighs more than one a grammar makes.
LEAN_WEIGHTS = {"review": 1.0, "comment": 4.0, "grammar": 0.6, "denial": 3.0, "chat": 3.0, "stem": 6.0}
FEELING_WEIGHTS = {"review": 0.02, "comment": 1.0, "grammar": 1.0, "denial": 3.0, "chat": 6.0, "stem": 6.0}
# What may be talk is read as talk: this is for chats, and short words of feeling stand in both.
REGISTER_WEIGHTS = {"review": 0.3, "comment": 3.0, "grammar": 1.0, "denial": 3.0, "chat": 10.0, "stem": 5.0}
# Few comments say nothing, and they stand for many chat lines.
NOTHING_WEIGHT = 3.0
CATEGORY_WEIGHTS = {"comment": 1.0, "grammar": 0.3, "denial": 0.3, "chat": 3.0, "stem": 0.3}
LEAN_C, FEELING_C, REGISTER_C, CATEGORY_C, CALIBRATION_C = 2.0, 1.0, 1.0, 2.0, 100.0
# Calibrated on one part in so many of each source, twice; what all texts of a source weigh together.
UNSEEN_PARTS = {"review": 10, "comment": 5, "chat": 2}
CALIBRATION_WEIGHTS = {"review": 1.0, "comment": 1.0, "chat": 3.0}


@dataclass(frozen=True, slots=True)
class Head:
    """A linear function of a text's n-grams: the sum of their weights over the root of their number, plus ``bias``."""

    weights: Floats
    bias: float

    def of(self, scaled: sparse.csr_matrix) -> Floats:
        """The head's value for each row of counts that ``_scaled`` divided."""
        return scaled @ self.weights + self.bias


class Heads(NamedTuple):
    """The heads: a lean for talk, what film reviews add to it, how much a text is a film review, what it feels."""

    talk: Head
    film: Head
    register: Head
    feeling: Head


class Texts:
    """Examples with their counts of n-grams."""

    def __init__(self, examples: Sequence[Example], vocabulary: dict[str, int]) -> None:
        self.examples = list(examples)
        self.counts = _counts([example.text for example in examples], vocabulary)

    def of(self, chosen: Flags, columns: Any = None) -> sparse.csr_matrix:
        """The counts of some of the texts, and of some of the n-grams."""
        rows = self.counts[np.flatnonzero(chosen)]
        return rows if columns is None else rows[:, columns]

    def flags(self, values: Iterable[bool]) -> Flags:
        """Values, one a text, as an array."""
        return np.fromiter(values, np.bool_, len(self.examples))

    def weights(self, by_source: dict[str, float]) -> Floats:
        """What each text weighs."""
        return np.array([by_source[example.source] for example in self.examples])


def main() -> int:
    """Train, and write the file."""
    given = _arguments()
    learnt = [*sources.reviews(given.nsmc)[0], *sources.comments(given.kote)[0]]
    learnt += [*sources.grammar(), *sources.chat(), *sources.stems()]
    vocabulary = _vocabulary(learnt)
    texts = Texts(learnt, vocabulary)
    everything = np.ones(len(learnt), np.bool_)
    kept = _kept(texts, _fit(texts, everything, None))
    heads = _fit(texts, everything, kept)
    grams = np.array(list(vocabulary), dtype=object)
    scales, weights = _quantised([head.weights for head in heads], grams[kept])
    names, biases, scale, categories = _categories(texts, grams)
    constants = _constants(heads, scales, _calibrated(texts, kept))
    document = {
        "constants": constants._asdict(),
        "categories": dict(zip(names, biases, strict=True)),
        "scale": scale,
    }
    given.out.write_bytes(packed(document, [weights, categories]))
    print(f"{given.out.name}: {given.out.stat().st_size:,} bytes, {len(kept):,} n-grams")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nsmc", type=Path, required=True, help="film reviews: rating, tab, text")
    parser.add_argument("--kote", type=Path, required=True, help="comments: id, tab, text, tab, numbers of emotions")
    parser.add_argument("--out", type=Path, default=MODEL_PATH)
    return parser.parse_args()


def _vocabulary(examples: Iterable[Example]) -> dict[str, int]:
    texts_with: dict[str, int] = {}
    for example in examples:
        for gram in set(ngrams_of(example.text)):
            texts_with[gram] = texts_with.get(gram, 0) + 1
    frequent = sorted(gram for gram, number in texts_with.items() if number >= LEAST_TEXTS)
    return {gram: place for place, gram in enumerate(frequent)}


def _counts(texts: Iterable[str], vocabulary: dict[str, int]) -> sparse.csr_matrix:
    rows = [[vocabulary[gram] for gram in ngrams_of(text) if gram in vocabulary] for text in texts]
    ends = np.cumsum([0, *map(len, rows)])
    places = np.fromiter((place for row in rows for place in row), np.int32, int(ends[-1]))
    counts = sparse.csr_matrix((np.ones(len(places)), places, ends), shape=(len(rows), len(vocabulary)))
    counts.sum_duplicates()
    return counts


def _scaled(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    number = np.maximum(np.asarray(counts.sum(axis=1)).ravel(), 1.0)
    return (sparse.diags(number**-0.5) @ counts).tocsr()


def _log_ratios(counts: sparse.csr_matrix, positive: Flags, weights: Floats) -> Floats:
    """How much likelier an n-gram is in positive texts, as a logarithm, with one more of each."""
    up = 1.0 + counts.T @ (weights * positive)
    down = 1.0 + counts.T @ (weights * ~positive)
    ratios: Floats = np.log(up / up.sum() * down.sum() / down)
    return ratios


def _regression(features: sparse.csr_matrix, labels: Flags, weights: Floats, strength: float) -> LogisticRegression:
    found = LogisticRegression(C=strength, solver="liblinear", dual=True, tol=0.1, random_state=sources.SEED)
    return found.fit(features, labels, sample_weight=weights)


def _head(counts: sparse.csr_matrix, labels: Flags, weights: Floats, strength: float) -> Head:
    ratios = _log_ratios(counts, labels, weights)
    found = _regression((_scaled(counts) @ sparse.diags(ratios)).tocsr(), labels, weights, strength)
    return Head(ratios * found.coef_[0], float(found.intercept_[0]))


def _fit(texts: Texts, chosen: Flags, columns: Any) -> Heads:
    return Heads(*_leans(texts, chosen, columns), _register(texts, chosen, columns), _feeling(texts, chosen, columns))


def _leans(texts: Texts, chosen: Flags, columns: Any) -> tuple[Head, Head]:
    """One regression in which film reviews have every n-gram twice: as talk has it, and as their own (Daumé 2007)."""
    chosen = chosen & texts.flags(example.lean is not None for example in texts.examples)
    counts = texts.of(chosen, columns)
    labels = texts.flags(bool(example.lean) for example in texts.examples)[chosen]
    film = texts.flags(example.source == "review" for example in texts.examples)[chosen]
    weights = texts.weights(LEAN_WEIGHTS)[chosen]
    ratios = _log_ratios(counts, labels, weights)
    shared = (_scaled(counts) @ sparse.diags(ratios)).tocsr()
    own = (sparse.diags(film.astype(float)) @ shared).tocsr()
    features = sparse.hstack([shared, own, sparse.csr_matrix(film[:, None].astype(float))]).tocsr()
    found = _regression(features, labels, weights, LEAN_C)
    both = found.coef_[0][:-1].reshape(2, -1) * ratios
    return Head(both[0], float(found.intercept_[0])), Head(both[1], float(found.coef_[0][-1]))


def _register(texts: Texts, chosen: Flags, columns: Any) -> Head:
    """Whether a text is a film review. A third of them is enough."""
    third = texts.flags(example.source != "review" or place % 3 == 0 for place, example in enumerate(texts.examples))
    chosen = chosen & third
    labels = texts.flags(example.source == "review" for example in texts.examples)[chosen]
    return _head(texts.of(chosen, columns), labels, texts.weights(REGISTER_WEIGHTS)[chosen], REGISTER_C)


def _feeling(texts: Texts, chosen: Flags, columns: Any) -> Head:
    chosen = chosen & texts.flags(example.feels is not None for example in texts.examples)
    labels = texts.flags(bool(example.feels) for example in texts.examples)
    weights = texts.weights(FEELING_WEIGHTS)
    weights[texts.flags(example.source == "comment" for example in texts.examples) & ~labels] *= NOTHING_WEIGHT
    return _head(texts.of(chosen, columns), labels[chosen], weights[chosen], FEELING_C)


def _kept(texts: Texts, heads: Heads) -> Any:
    """The n-grams whose weights move the heads most, each counted as often as the root of its number of texts."""
    number = np.sqrt(np.asarray((texts.counts > 0).sum(axis=0)).ravel())
    moved = np.array([np.abs(head.weights) * number for head in heads])
    shares = np.array([4.0, 4.0, 1.0, 1.0]) @ (moved / moved.sum(axis=1, keepdims=True))
    return np.sort(np.argsort(-shares, kind="stable")[:KEPT])


def _calibrated(texts: Texts, kept: Any) -> tuple[LogisticRegression, LogisticRegression]:
    """What turns heads and lexicon into how good a feeling is and whether there is one, learned on unseen texts."""
    parts = [_unseen(texts, kept, part) for part in range(2)]
    rows = [row for part, _, _ in parts for row in part]
    leaning, feeling = (np.concatenate([part[place] for part in parts]) for place in (1, 2))
    good = _calibration(leaning, rows, [row.lean for row in rows])
    feeling = np.column_stack([np.abs(good.decision_function(leaning)), feeling])
    return good, _calibration(feeling, rows, [row.feels for row in rows])


def _unseen(texts: Texts, kept: Any, part: int) -> tuple[list[Example], Floats, Floats]:
    """Texts of each source, with what the good and the feeling are told by, from heads that did not see them."""
    unseen = texts.flags(
        example.source in UNSEEN_PARTS and place % UNSEEN_PARTS[example.source] == part
        for place, example in enumerate(texts.examples)
    )
    heads, counts = _fit(texts, ~unseen, kept), texts.of(unseen, kept)
    rows = [example for example, chosen in zip(texts.examples, unseen, strict=True) if chosen]
    scaled, known = _scaled(counts), np.asarray(counts.sum(axis=1)).ravel()
    film_like = 1 / (1 + np.exp(-heads.register.of(scaled)))
    lean = heads.talk.of(scaled) + film_like * heads.film.of(scaled)
    up, down = np.array([lexicon_scores(row.text) for row in rows]).T
    talk_like = 1 - film_like
    leaning = np.column_stack([talk_like, talk_like * lean, talk_like * (up - down), film_like, film_like * lean])
    feeling = np.column_stack([heads.feeling.of(scaled), np.maximum(up, down), film_like, np.log1p(known)])
    return rows, leaning, feeling


def _calibration(features: Floats, rows: Sequence[Example], labels: Sequence[bool | None]) -> LogisticRegression:
    number = Counter(row.source for row in rows)
    weights = np.array([1000 * CALIBRATION_WEIGHTS[row.source] / number[row.source] for row in rows])
    chosen = np.array([label is not None for label in labels])
    regression = LogisticRegression(C=CALIBRATION_C, fit_intercept=True, max_iter=1000)
    return regression.fit(features[chosen], np.array(labels)[chosen].astype(bool), sample_weight=weights[chosen])


def _constants(
    heads: Heads, scales: Sequence[float], found: tuple[LogisticRegression, LogisticRegression]
) -> Constants:
    good, feels = found
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


def _quantised(weights: Sequence[Floats], grams: Any) -> tuple[list[float], dict[str, bytes]]:
    """Weights in 255 steps: the scale of each head, and a byte of each head for every n-gram."""
    scales = [float(np.quantile(np.abs(head), 0.9999)) / 127 for head in weights]
    return scales, _bytes([head / scale for head, scale in zip(weights, scales, strict=True)], grams)


def _bytes(steps: Sequence[Floats], grams: Any) -> dict[str, bytes]:
    rows = (np.clip(np.rint(np.array(steps).T), -127, 127) + ZERO_WEIGHT).astype(np.uint8)
    return {gram: row.tobytes() for gram, row in zip(grams, rows, strict=True)}


def _categories(texts: Texts, grams: Any) -> tuple[list[str], list[float], float, dict[str, bytes]]:
    """A head for each category, by those n-grams that tell them best; one scale for all, so that they compare."""
    names = list(json.loads((sources.ANALYSIS / "emotion_categories.json").read_text("utf-8"))["categories"])
    chosen = texts.flags(bool(example.categories) and example.source != "review" for example in texts.examples)
    examples = [example for example, each in zip(texts.examples, chosen, strict=True) if each]
    weights = np.array([CATEGORY_WEIGHTS[example.source] for example in examples])
    counts = texts.of(chosen)
    number = np.asarray((counts > 0).sum(axis=0)).ravel()
    frequent = np.flatnonzero(number >= LEAST_TEXTS)
    labels = [np.array([name in example.categories for example in examples]) for name in names]
    heads = [_head(counts[:, frequent], each, weights, CATEGORY_C) for each in labels]
    moved = sum(np.abs(head.weights) for head in heads) * np.sqrt(number[frequent])
    kept = np.sort(np.argsort(-moved, kind="stable")[:CATEGORY_KEPT])
    scale = float(np.quantile(np.abs([head.weights[kept] for head in heads]), 0.9999)) / 127
    table = _bytes([head.weights[kept] / scale for head in heads], grams[frequent][kept])
    return names, [head.bias for head in heads], scale, table


if __name__ == "__main__":
    sys.exit(main())
