"""The weights that are shipped, and the figures that their card gives."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.emotion import CHAT, SAMPLE, add_quality, chat_lines, held_out
from benchmarks.table import Table
from chalicelib.analysis.sentiment_model import PATH, category_scores, grams_of
from training.chat import written
from training.sources import held_out as is_held_out

CARD = PATH.with_suffix(".md")
MB = 1_000_000


def test_the_weights_are_at_most_two_megabytes():
    assert PATH.stat().st_size <= 2 * MB


def test_reading_a_feeling_needs_nothing_but_python():
    code = (
        "import sys; from chalicelib.analysis.sentiment import shares_of; shares_of('좋아');"
        "sys.exit(bool({'numpy', 'scipy', 'sklearn', 'torch'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_the_weights_are_read_when_first_asked_for():
    code = (
        "import app; from chalicelib.analysis.sentiment_model import model;"
        "import sys; sys.exit(model.cache_info().currsize)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_the_card_says_what_the_benchmark_measures(monkeypatch):
    monkeypatch.delenv("EMOTION_DATA", raising=False)
    table = Table(("what", "measured", "beside"))
    add_quality(table, [*held_out(), *chat_lines()])
    assert str(table) in CARD.read_text("utf-8")


def test_nothing_measured_was_learned_from():
    rows = [row for row in held_out() if row.source != "chat"]
    assert all(is_held_out(row.text, {"review": 10, "comment": 8}[row.source]) for row in rows)
    assert not {line.text for line in written(CHAT)} & {line.text for line in written()}
    assert SAMPLE.stat().st_size < MB


def test_what_negates_is_joined_and_what_only_looks_like_it_is_not():
    assert " 안좋" in grams_of("안 좋아")
    assert "지않" in grams_of("좋지 않아")
    assert " 우리" in grams_of("집안 우리")
    assert grams_of("https://a.kr/행복") == []


def test_long_runs_are_as_short_ones():
    assert grams_of("ㅋㅋㅋㅋㅋㅋ") == grams_of("ㅋㅋ")
    assert grams_of("ㅜㅜㅜ") == grams_of("ㅠㅠ")


def test_every_category_has_a_score_and_they_are_those_of_the_lexicon():
    lexicon = json.loads((PATH.parent / "emotion_categories.json").read_text("utf-8"))
    scores = category_scores("도와주셔서 고맙습니다")
    assert list(scores) == list(lexicon["categories"])
    assert max(scores, key=scores.__getitem__) == "gratitude"
