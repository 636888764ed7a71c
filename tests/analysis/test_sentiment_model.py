"""The shipped model, and the figures in its card."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.emotion import CHAT_LINES, SAMPLE, add_quality, chat_lines, held_out_texts
from benchmarks.table import Table
from chalicelib.analysis.sentiment_model import MODEL_PATH, category_scores, ngrams_of
from training.chat import written_lines
from training.sources import is_held_out

CARD = MODEL_PATH.with_suffix(".md")
MB = 1_000_000


def test_the_model_has_at_most_two_megabytes():
    assert MODEL_PATH.stat().st_size <= 2 * MB


def test_sentiment_analysis_needs_no_library():
    code = (
        "import sys; from chalicelib.analysis.sentiment import sentiment_of; sentiment_of('좋아');"
        "sys.exit(bool({'numpy', 'scipy', 'sklearn', 'torch'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_the_model_is_loaded_on_first_use():
    code = (
        "import app; from chalicelib.analysis.sentiment_model import sentiment_model;"
        "import sys; sys.exit(sentiment_model.cache_info().currsize)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_the_card_has_the_figures_of_the_benchmark(monkeypatch):
    monkeypatch.delenv("EMOTION_DATA", raising=False)
    table = Table(("what", "measured", "comparison", "goal"))
    add_quality(table, [*held_out_texts(), *chat_lines()])
    assert str(table) in CARD.read_text("utf-8")


def test_no_measured_text_was_trained_on():
    rows = [row for row in held_out_texts() if row.source != "chat"]
    assert all(is_held_out(row.text, {"review": 10, "comment": 8}[row.source]) for row in rows)
    assert not {line.text for line in written_lines(CHAT_LINES)} & {line.text for line in written_lines()}
    assert SAMPLE.stat().st_size < MB


def test_negations_are_joined_to_the_negated_word():
    assert " 안좋" in ngrams_of("안 좋아")
    assert "지않" in ngrams_of("좋지 않아")
    assert " 우리" in ngrams_of("집안 우리")
    assert ngrams_of("https://a.kr/행복") == []


def test_a_long_run_equals_a_short_one():
    assert ngrams_of("ㅋㅋㅋㅋㅋㅋ") == ngrams_of("ㅋㅋ")
    assert ngrams_of("ㅜㅜㅜ") == ngrams_of("ㅠㅠ")


def test_the_model_has_the_categories_of_the_lexicon():
    lexicon = json.loads((MODEL_PATH.parent / "emotion_categories.json").read_text("utf-8"))
    scores = category_scores("도와주셔서 고맙습니다")
    assert list(scores) == list(lexicon["categories"])
    assert max(scores, key=scores.__getitem__) == "gratitude"
